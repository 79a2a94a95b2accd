"""A real portal with demo data, and a real Chromium at the size of a small phone, with and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import live

PHONE = {"width": 320, "height": 480}


@pytest.fixture(scope="session")
def portal(tmp_path_factory) -> Iterator[live.LivePortal]:
    """A portal on Tuesday 1 December 2026, 9:20 in London, with its worker."""
    folder = tmp_path_factory.mktemp("live")
    with live.portal(folder, settings={"PORTAL_NOW": "2026-12-01T09:20:00+00:00"}) as portal:
        yield portal


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=live.chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=["script", "no script"])
def phone(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Her phone: 320 by 480; the test runs with JavaScript and again without."""
    context = chromium.new_context(viewport=PHONE, java_script_enabled=request.param == "script", locale="en-GB")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
