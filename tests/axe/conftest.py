"""One portal that no limit slows down, and windows of Chromium into it: her phone, a desk."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support import axe, live


@pytest.fixture(scope="session")
def portal(tmp_path_factory) -> Iterator[live.LivePortal]:
    """The demo on Tuesday 1 December 2026, 10:00 in London; its error pages can be asked for."""
    settings = {"PORTAL_NOW": "2026-12-01T10:00:00+00:00"}
    with live.portal(
        tmp_path_factory.mktemp("axe"), worker=False, settings=settings, app="tests.support.unguarded:app"
    ) as portal:
        yield portal


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a window of this size for a reader of this language; a policy of ours does not keep axe-core out of it."""
    opened = []

    def open_window(size: dict[str, int], language: str = "en-GB") -> Page:
        context = chromium.new_context(viewport=size, locale=language, bypass_csp=True)
        context.set_default_timeout(60_000)
        opened.append(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def woman(portal: live.LivePortal, window) -> Callable[[str], Page]:
    """Signs a woman of the demo in on a small phone, in her language, with her passcode given twice."""

    def sign_in(code_name: str) -> Page:
        one = next(one for one in portal.demo["clients"] if one["code_name"] == code_name)
        page = window(axe.PHONE, one["language"])
        page.goto(f"{portal.address}/sign-in")
        give(page, code_name=code_name, passcode=one["passcode"])
        page.goto(f"{portal.address}/step-up")
        give(page, passcode=one["passcode"])
        return page

    return sign_in


def give(page: Page, **typed: str) -> None:
    """Type into the fields of a page and send its form."""
    for name, words in typed.items():
        page.locator(f"main [name={name}]").fill(words)
    page.locator("main button.btn").first.click()
    page.wait_for_load_state()


def let_time_pass(portal: live.LivePortal) -> None:
    """Everybody who is signed in was last seen an hour ago."""
    with sqlite3.connect(portal.environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"), timeout=20) as database:
        database.execute("UPDATE sessions SET seen_at = strftime('%Y-%m-%d %H:%M:%f', seen_at, '-1 hour')")
