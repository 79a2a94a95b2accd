"""Which languages are offered: in the demo all and nobody is asked, in production what managers turned on."""

import shutil

import pytest
from sqlalchemy import insert
from werkzeug.test import Client as Browser

from portal.app import create_app
from portal.core import clock, database, locales, offering
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.languages.models import LanguageStep
from portal.server import WebApp
from tests.core.test_settings import PRODUCTION
from tests.support import make
from tests.support.measures import statements

SOMALI = {"Accept-Language": "so"}


@pytest.fixture
def passing(monkeypatch):
    """Lets the time pass for which a process believes what it read."""
    at = [1000.0]
    monkeypatch.setattr(offering.time, "monotonic", lambda: at[0])

    def passing() -> None:
        at[0] += offering.FRESH_FOR

    return passing


@pytest.fixture
def production(environ, passing):
    app = create_app(Settings.from_env({**PRODUCTION, **environ}))
    yield app
    database.disconnect()


def step(language: str, step: str, number: int) -> None:
    taken = {"language": language, "number": number, "step": step, "words": "", "reader": ""}
    by = make.staff("manager").id
    with unit_of_work():
        session.execute(insert(LanguageStep).values(taken_by=by, taken_at=clock.now(), **taken))


def shown(browser, address: str = "/sign-in") -> str:
    page = browser.get(address, headers=SOMALI, base_url="https://week.example.org").text
    return page.partition('<html lang="')[2][:2]


def test_the_demo_offers_every_language_and_asks_nobody(app):
    with statements() as asked:
        page = app.test_client().get("/sign-in", headers=SOMALI)
    assert '<html lang="so"' in page.text
    assert locales.offered() == tuple(locales.LANGUAGES)
    assert [one for one in asked if "language_steps" in one] == []


def test_production_offers_english_until_somebody_turns_a_language_on_and_after_it_is_off_again(production, passing):
    browser = production.test_client()
    assert shown(browser) == "en" and locales.offered() == ("en",)
    step("so", "read", 1)
    step("so", "on", 2)
    step("ti", "read", 1)
    passing()
    assert shown(browser) == "so" and locales.offered() == ("en", "so")
    step("so", "off", 3)
    assert shown(browser) == "so", "what was read holds for a moment"
    passing()
    assert shown(browser) == "en"


def test_of_many_pages_one_asks(production, passing):
    browser = production.test_client()
    passing()
    with statements() as asked:
        for _ in range(5):
            shown(browser, "/privacy")
    assert len([one for one in asked if "language_steps" in one]) == 1


@pytest.mark.parametrize("address", ["/now", "/", "/leave", "/about-leaving"])
def test_help_and_the_ways_out_are_answered_before_anything_is_asked(production, passing, address):
    passing()
    with statements() as asked:
        answer = production.test_client().get(address, base_url="https://week.example.org", buffered=False)
        assert answer.status_code in (200, 303)
        assert asked == []
        answer.close()
        assert [one for one in asked if "language_steps" in one], "and the next one knows"


def test_without_a_database_help_comes_in_the_last_known_languages(production, passing, tmp_path):
    step("so", "on", 1)
    browser = production.test_client()
    assert shown(browser, "/sign-in") == "so"
    session.remove()
    database.engine().dispose()
    shutil.move(tmp_path / "portal.db", tmp_path / "gone.db")
    (tmp_path / "portal.db").write_text("this is no database")
    passing()
    assert shown(browser, "/sign-in") == "so"
    passing()
    assert shown(browser, "/now") == "so"


def test_a_start_reads_before_the_first_page(environ, production):
    step("so", "on", 1)
    app = WebApp(Settings.from_env({**PRODUCTION, **environ}))
    assert shown(Browser(app), "/now") == "so"


def test_a_start_does_not_wait_for_a_database_that_hangs(production, monkeypatch):
    import threading

    hangs = threading.Event()
    monkeypatch.setattr(offering, "turned_on", lambda: hangs.wait(20) and [])
    monkeypatch.setattr(offering, "STARTS_WITHIN", 0.05)
    offering.begin()
    assert locales.offered() == ("en",)
    offering.renew()
    hangs.set()
