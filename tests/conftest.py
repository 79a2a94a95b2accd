"""Fixtures: a fresh migrated database for each test, the app on it, a browser-like client that checks every page."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Playwright, sync_playwright

from portal.app import create_app
from portal.core import clock, database, locales, offering
from portal.core.settings import Settings
from tests.support import databases, live, marionette
from tests.support.pages import PageClient
from tests.support.travel import Travel


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> None:
    """Every portal of this process shares what was compiled."""
    databases.share_statements()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies."""
    return databases.make_sqlite(tmp_path_factory.mktemp("template") / "portal.db")


@pytest.fixture(autouse=True)
def _every_language() -> None:
    """Whatever a portal before it was offering, a test begins as a demo does."""
    offering.follow(every_language=True)


@pytest.fixture
def environ(tmp_path: Path, empty_database: Path) -> dict[str, str]:
    """The settings of the app under test; a test may change them before it asks for `app`."""
    shutil.copy(empty_database, tmp_path / "portal.db")
    return {"PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'portal.db'}", "PORT": "8000"}


@pytest.fixture
def app(environ: dict[str, str]) -> Iterator[Flask]:
    """The portal on its own fresh database."""
    app = create_app(Settings.from_env(environ))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    database.disconnect()


@pytest.fixture
def only_english(app: Flask) -> None:
    """Women are offered English alone, as in production before anything was turned on."""
    locales.offer(())


@pytest.fixture
def page_client(app: Flask) -> PageClient:
    """A browser without script: whatever page it fetches is checked against the rules of every page."""
    return PageClient(app)


@pytest.fixture
def new_page_client(app: Flask):
    """Makes further browsers, each with cookies of its own."""
    return lambda: PageClient(app)


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Sets the portal's clock: stands still at Tuesday 1 December 2026, 10:00 in London, until told to move."""
    return Travel(monkeypatch, clock)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives Chromium."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    browser = playwright.chromium.launch(
        executable_path=live.chromium(),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
    )
    yield browser
    browser.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either_database(request: pytest.FixtureRequest, environ: dict[str, str]) -> Iterator[str]:
    """Runs the test on SQLite and again on PostgreSQL; ask for it before `app`."""
    left = database._engine
    if left is not None and left.url.render_as_string(hide_password=False) != environ["PORTAL_DATABASE_URL"]:
        # An app of an earlier test, which has no end of its own.
        database.disconnect()
    if request.param == "postgresql":
        assert database._engine is None, "the app stands on SQLite already: ask for either_database first"
        with databases.postgresql() as url:
            environ["PORTAL_DATABASE_URL"] = url
            yield url
            database.disconnect()
    else:
        yield environ["PORTAL_DATABASE_URL"]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


_SERVICES = {
    "postgres": ("PostgreSQL on 127.0.0.1:5432", lambda: _listens(5432)),
    "redis": ("Redis on 127.0.0.1:6379", lambda: _listens(6379)),
    "browser": ("Chromium", lambda: live.chromium() is not None),
    "firefox": ("Firefox", lambda: marionette.firefox() is not None),
}
_left_out: dict[str, int] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests whose service is not there, except in CI, where a missing service is a failure."""
    for mark, (service, is_there) in _SERVICES.items():
        needing = [item for item in items if item.get_closest_marker(mark)]
        if not needing or is_there():
            continue
        if os.environ.get("CI") == "true":
            raise pytest.UsageError(f"{service} is missing: {len(needing)} tests need it")
        _left_out[service] = len(needing)
        items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(terminalreporter) -> None:
    """Name what was left out."""
    for service, count in _left_out.items():
        terminalreporter.write_line(f"left out: {count} tests that need {service}", yellow=True)
