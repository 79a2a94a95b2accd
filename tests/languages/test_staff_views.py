"""The staff page of languages: who may take which step, in which order, and what it does to women's pages and texts."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.core import clock, offering
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.jobs import tasks
from portal.languages import catalogues, queries, service
from portal.languages.catalogues import Words
from portal.languages.rules import Shipped, State
from portal.languages.service import Seen
from portal.worklist.models import Task
from tests.support import make, sign_in
from tests.support.pages import XHTML, words

PAGE = "/staff/languages/so"


@pytest.fixture
def marks(monkeypatch):
    """The mark of each catalogue's words, for a test to change."""
    marks: dict[str, str] = {}
    monkeypatch.setattr(catalogues, "words", lambda code, *_: Words(900, marks.get(code, "first")))
    return marks


@pytest.fixture
def frances(app, travel):
    return make.staff("manager", make.centre(), first_name="Frances")


@pytest.fixture
def browser(page_client, frances, marks):
    sign_in.staff_at(page_client, frances, PAGE)
    return page_client


def read(browser, reader="Hodan A", read_on="2026-11-30"):
    return browser.submit(f"{PAGE}/read", reader=reader, read_on=read_on)


def cells(page, language):
    """The line of a language."""
    lines = [[words(cell) for cell in line.iter(f"{XHTML}td")] for line in page.find_all("tr")]
    return next(line for line in lines if line and line[0].startswith(language))


def row():
    return queries.row("so").standing


def test_from_a_draft_to_women_in_three_steps(browser, frances, travel):
    assert "Drafted" in browser.page.text and not browser.page.find_all("button", name="to")
    assert "Hodan A, Mon 30 Nov 2026" in read(browser).text
    assert "Approved" in browser.submit(f"{PAGE}/approve").text
    assert "It is turned on." in browser.submit(f"{PAGE}/turn", press=("to", "on")).text
    listed = cells(browser.get("/staff/languages"), "Somali")
    assert listed == ["Somali Soomaali", "900", "Approved", "Hodan A, Mon 30 Nov 2026", "Yes", "0"]
    assert "Turned on" in browser.get(PAGE).text
    written = session.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.actor_id)).all()
    expected = [(f"language_{step}", "language:so", frances.id) for step in ("read", "approved", "on")]
    assert [tuple(entry) for entry in written if entry.action.startswith("language_")] == expected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"reader": "  "}, "Give her name."),
        ({"read_on": "2026-12-02"}, "Choose today or a day before."),
        ({"read_on": ""}, "Give a date."),
        ({"reader": "x" * 81}, "at most 80 letters"),
    ],
)
def test_a_reading_needs_who_and_when(browser, typed, words):
    page = read(browser, **typed)
    assert page.status == 422 and words in page.text
    assert row().reading is None


@pytest.mark.parametrize("step", ["approve", "turn"])
def test_what_nobody_who_speaks_it_has_read_is_neither_approved_nor_turned_on(browser, step):
    page = browser.post(f"{PAGE}/{step}", {"number": "0", "words": "first", "to": "on"})
    assert page.status == 422 and "Nobody who speaks it has read these words yet." in page.text
    assert not row().turned_on


def test_words_that_changed_since_say_so_stay_on_and_are_approved_only_when_read_again(browser, marks):
    read(browser)
    browser.submit(f"{PAGE}/turn", press=("to", "on"))
    marks["so"] = "second"
    page = browser.get(PAGE)
    assert "Words changed since" in page.text and "It is turned on." in page.text
    seen = {"number": str(row().number), "words": "second"}
    assert browser.post(f"{PAGE}/approve", seen).status == 422
    browser.get(PAGE)
    assert "Words changed since" not in read(browser, reader="Sahra B").text


def test_nobody_decides_about_words_or_steps_that_she_did_not_see(browser, app, marks):
    old = {"number": "0", "words": "first", "reader": "Hodan A", "read_on": "2026-11-30"}
    read(browser)
    assert browser.post(f"{PAGE}/read", old).status == 409, "somebody else took a step meanwhile"
    marks["so"] = "second"
    assert browser.post(f"{PAGE}/turn", {"number": "1", "words": "first", "to": "on"}).status == 409
    assert [step.step for step in queries.steps_of("so")] == ["read"]


def test_of_two_who_press_at_once_one_is_told_to_look_again(either_database, app, travel, monkeypatch, marks):
    frances = make.staff("manager", make.centre())
    seen = Seen(0, "first")
    day = clock.london_today(travel.now)
    with unit_of_work():
        service.record_reading(frances.actor, "so", reader="A", read_on=day, seen=seen, now=travel.now)
    # The second one looked before the first had ended.
    monkeypatch.setattr(service, "_standing", lambda _language: SimpleNamespace(number=0))
    with pytest.raises(Stale), unit_of_work():
        service.record_reading(frances.actor, "so", reader="B", read_on=day, seen=seen, now=travel.now)
    assert [step.reader for step in queries.steps_of("so")] == ["A"]


def test_admins_look_and_change_nothing_and_see_no_count_of_women(page_client, app, travel, marks):
    make.client(language="so")
    page = sign_in.staff_at(page_client, make.staff("admin"), PAGE)
    assert page.status == 200 and "A manager records who read it" in page.text
    assert "Women" not in page.text and "Women" not in page_client.get("/staff/languages").text.replace("women", "")
    for step in ("read", "approve", "turn"):
        assert page_client.post(f"{PAGE}/{step}", {"number": "0", "words": "first"}).status == 403


def test_women_are_counted_only_where_the_manager_may_see_them(browser, frances, travel):  # R29
    centre = frances.covers[0].centre_id
    here = session.get(make.Centre, centre)
    for language in ("so", "so", "en"):
        make.client(centre_=here, language=language)
    make.client(language="so")
    page = browser.get("/staff/languages")
    assert [cells(page, name)[-1] for name in ("Somali", "English", "Tigrinya")] == ["2", "1", "0"]


@pytest.mark.parametrize("code", ["en", "xx", "so%00", "SO", "so2"])
def test_there_is_no_page_of_what_is_no_language_to_translate(browser, code):
    assert browser.get(f"/staff/languages/{code}").status == 404


def test_as_in_production_a_turn_shows_at_once_on_her_page(browser, new_page_client):
    offering.follow(every_language=False)
    hers = new_page_client()
    assert sign_in.as_client(hers, make.client(language="so")).find_all("html")[0].get("lang") == "en"
    read(browser)
    for to, lang in (("on", "so"), ("off", "en")):
        browser.submit(f"{PAGE}/turn", press=("to", to))
        assert hers.get("/today").find_all("html")[0].get("lang") == lang


def test_who_turned_it_on_is_asked_to_have_changed_words_read_again(browser, frances, marks, travel):
    read(browser)
    browser.submit(f"{PAGE}/turn", press=("to", "on"))
    tasks._looked_on.clear()
    tasks.look_once_a_day()
    asked = select(Task.owner_id, Task.closed_at).where(Task.kind == service.READ_AGAIN)
    assert session.execute(asked).all() == []
    marks["so"] = "second"
    for _ in range(2):
        tasks._looked_on.clear()
        tasks.look_once_a_day()
    assert session.execute(asked).all() == [(frances.id, None)]
    task_page = browser.get("/staff/worklist").text
    assert "have them read again" in task_page
    browser.get(PAGE)
    read(browser)
    assert [closed_at for _, closed_at in session.execute(asked)] == [travel.now]


def test_who_turned_it_on_is_asked_too_when_the_catalogue_no_longer_says_that_it_was_read(
    browser, frances, marks, monkeypatch
):
    came_read = Shipped(State.READ, "Hodan A", date(2026, 11, 30), "first")
    monkeypatch.setattr(catalogues, "shipped", lambda *_: came_read)
    browser.get(PAGE)
    assert "It is turned on." in browser.submit(f"{PAGE}/turn", press=("to", "on")).text
    monkeypatch.setattr(catalogues, "shipped", lambda *_: Shipped(State.DRAFTED, "", None, ""))
    tasks._looked_on.clear()
    tasks.look_once_a_day()
    asked = select(Task.owner_id, Task.closed_at).where(Task.kind == service.READ_AGAIN)
    assert session.execute(asked).all() == [(frances.id, None)]
