"""A real portal with demo data, and a real Chromium at the size of a small phone, with and without script."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support import heard, live, marionette, tabs
from tests.support.line import Line, certificate, line, outside
from tests.support.tabs import PHONE, FirefoxTab, Tab


@pytest.fixture(scope="session")
def portal(tmp_path_factory) -> Iterator[live.LivePortal]:
    """A portal on Tuesday 1 December 2026, 9:20 in London, with its worker."""
    folder = tmp_path_factory.mktemp("live")
    with live.portal(folder, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        yield portal


@pytest.fixture(scope="session")
def still_portal(tmp_path_factory) -> Iterator[live.LivePortal]:
    """A portal on Tuesday 1 December 2026, 10:00 in London, for tests that need the demo as it was loaded."""
    folder = tmp_path_factory.mktemp("still")
    with live.portal(folder, worker=False, settings={"PORTAL_NOW": heard.NOW}) as portal:
        yield portal


@pytest.fixture(params=["script", "no script"])
def phone(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Her phone: 320 by 480; the test runs with JavaScript and again without."""
    context = chromium.new_context(viewport=PHONE, java_script_enabled=request.param == "script", locale="en-GB")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


# Leaving: a portal whose neutral page can be reached from here, behind a line of its own


@pytest.fixture(scope="session")
def tls(tmp_path_factory) -> ssl.SSLContext:
    """HTTPS for the line and the neutral page: the cookies carry their prefix, as in earnest (R9)."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def neutral(tls: ssl.SSLContext) -> Iterator[str]:
    """The address where Leave leads."""
    with outside(tls) as address:
        yield address


@pytest.fixture(scope="session")
def door(tls: ssl.SSLContext) -> Iterator[Line]:
    """The address of the portal behind the line, before there is one."""
    with line(tls) as made:
        yield made


@pytest.fixture(scope="session")
def portal_behind(tmp_path_factory, neutral: str, door: Line) -> Iterator[live.LivePortal]:
    """A portal whose neutral page can be reached from here."""
    settings = {
        "PORTAL_NOW": "2026-12-01T09:20:00+00:00",
        "PORTAL_PUBLIC_URL": door.address,
        "PORTAL_LEAVE_URL": neutral,
    }
    with live.portal(tmp_path_factory.mktemp("leaving"), worker=False, settings=settings) as portal:
        door.leads_to = int(portal.address.rsplit(":", 1)[1])
        yield portal


@pytest.fixture
def to_portal(portal_behind: live.LivePortal, door: Line) -> Line:
    """The line between her phone and the portal."""
    return door


@pytest.fixture(scope="session")
def firefox(tmp_path_factory) -> Iterator[marionette.Firefox]:
    """One Firefox for all tests here."""
    with marionette.running(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


_IN_FIREFOX = {"marks": pytest.mark.firefox}


@pytest.fixture(
    params=[
        "chromium",
        "chromium no script",
        pytest.param("firefox", **_IN_FIREFOX),
        pytest.param("firefox no script", **_IN_FIREFOX),
    ]
)
def tab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tab]:
    """A new tab without history or cookies, in both browsers, with script and without."""
    yield from _new_tab(request, tmp_path)


def _new_tab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tab]:
    script = "no script" not in request.param
    if request.param.startswith("firefox"):
        yield FirefoxTab(request.getfixturevalue("firefox"), script=script)
        return
    with tabs.chromium(request.getfixturevalue("playwright"), tmp_path, script=script) as chromium:
        yield chromium


@pytest.fixture(params=["chromium", pytest.param("firefox", **_IN_FIREFOX)])
def tab_with_script(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tab]:
    """A new tab without history or cookies, in both browsers, with script."""
    yield from _new_tab(request, tmp_path)
