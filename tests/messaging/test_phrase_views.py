"""The phrases as staff edit them: what counts, who changed it, and trying without keeping anything."""

import pytest
from sqlalchemy import event, select

from portal.audit.models import AuditEntry
from portal.core.database import engine, session, unit_of_work
from portal.messaging import inbox, phrase_book
from portal.messaging.desk_models import Phrase
from portal.messaging.models import IncomingText
from portal.messaging.phrases import Meaning, built_in_book, meaning_of
from portal.worklist.models import Task
from tests.support import make, sign_in

RISKS = "/staff/phrases?language=en&meaning=risk"


@pytest.fixture
def frances(app, travel):
    return make.staff("manager", make.centre(), first_name="Frances")


@pytest.fixture
def browser(page_client, frances):
    sign_in.staff_at(page_client, frances, RISKS)
    return page_client


def actions() -> list[tuple[str, str]]:
    session.rollback()
    found = session.scalars(select(AuditEntry).where(AuditEntry.subject.startswith("phrase:")).order_by(AuditEntry.id))
    return [(entry.action, entry.reason) for entry in found]


def meaning(body: str) -> list[Meaning]:
    session.rollback()
    return meaning_of(body, phrase_book.current())


def test_an_added_phrase_counts_at_once_and_says_who_added_it(browser, frances, travel):  # R25
    page = browser.submit("/staff/phrases", words="  the   blue door ")
    assert "Added: Frances, Tue 1 Dec 10:00" in page.text
    assert meaning("he is at the BLUE dooor") == [Meaning.RISK]
    assert actions() == [("phrase_added", "en risk")]
    client = make.client()
    make.safe_contact(client, number="+447700900001")
    with unit_of_work():
        inbox.receive("SM1", "+447700900001", "the blue door", travel.now)
        inbox.interpret_waiting(travel.now)
    assert session.scalars(select(Task.kind)).all() == ["risk_text"]


def test_one_of_ours_is_turned_off_and_on_again(browser):
    browser.post("/staff/phrases/off", {"language": "en", "meaning": "risk", "words": "gun"}, follow=True)
    assert "Off: Frances" in browser.page.text
    assert meaning("a gun") == []
    [row] = session.scalars(select(Phrase))
    browser.submit(f"/staff/phrases/{row.id}/remove")
    assert meaning("a gun") == [Meaning.RISK]
    assert [action for action, _ in actions()] == ["phrase_turned_off", "phrase_turned_on"]


def test_writing_one_of_ours_that_is_off_turns_it_on_again(browser):
    browser.post("/staff/phrases/off", {"language": "en", "meaning": "risk", "words": "gun"}, follow=True)
    browser.submit("/staff/phrases", words="gun")
    assert meaning("a gun") == [Meaning.RISK]
    assert session.scalars(select(Phrase)).all() == []


def test_an_added_phrase_is_taken_away(browser):
    browser.submit("/staff/phrases", words="the blue door")
    [row] = session.scalars(select(Phrase))
    browser.submit(f"/staff/phrases/{row.id}/remove")
    assert meaning("the blue door") == []
    assert browser.post(f"/staff/phrases/{row.id}/remove").status == 404


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Write a phrase first."),
        ("x" * 81, "That is too long."),
        ("a!", "too short"),
        ("??? 🙂", "too short"),
        ("HURRT", "searched for that already"),
        ("He’s HERE", "searched for that already"),
    ],
)
def test_what_cannot_be_a_phrase_is_said_at_the_field(browser, words, said):
    words = "hurt" if words == "HURRT" else words
    page = browser.submit("/staff/phrases", words=words)
    assert (page.status, said in page.text) == (422, True)
    assert session.scalars(select(Phrase)).all() == []


def test_pressed_twice_it_is_added_once(browser):  # R38
    fields = {"words": "the blue door", "language": "en", "meaning": "risk"}
    fields["request_key"] = browser.page.field("request_key")
    for _ in range(2):
        assert browser.post("/staff/phrases", fields).status == 303
    assert len(session.scalars(select(Phrase)).all()) == 1


@pytest.mark.parametrize("query", ["language=xx", "meaning=words", "meaning=nothing", "language=en&meaning="])
def test_lists_that_are_not_there_are_404(browser, query):
    assert browser.get(f"/staff/phrases?{query}").status == 404


@pytest.mark.parametrize("number", [0, 2**31, 999])
def test_odd_ids_are_404(browser, number):
    assert browser.post(f"/staff/phrases/{number}/remove").status == 404
    assert browser.post("/staff/phrases/off", {"words": "not ours"}).status == 404


def test_trying_words_says_what_for_and_why_and_keeps_nothing(browser):
    page = browser.submit("/staff/phrases/try", body="He’s HEAR and I can't come")
    assert page.status == 200
    assert "May be at risk" in page.text and "“hes hear”" in page.text and "“cant come”" in page.text
    assert "Words for a person." in browser.submit("/staff/phrases/try", body="see you on thursday").text
    assert "it begins with “stop”" in browser.submit("/staff/phrases/try", body="stop the bus").text
    assert browser.submit("/staff/phrases/try", body="").status == 422
    session.rollback()
    assert not session.scalars(select(IncomingText)).all() and not session.scalars(select(Phrase)).all()
    assert actions() == []


@pytest.mark.parametrize("role", ["keyworker", "receptionist"])
def test_others_may_not(page_client, travel, role):
    sign_in.staff_at(page_client, make.staff(role, make.centre()), "/staff/phrases")
    assert page_client.page.status == 403


def test_an_admin_may(page_client, travel):
    assert sign_in.staff_at(page_client, make.staff("admin"), "/staff/phrases?language=ti&meaning=late").status == 200


def test_the_book_is_read_by_one_query_and_made_once_for_each_change(frances, travel):
    assert phrase_book.current() is built_in_book()
    with unit_of_work():
        phrase_book.add(frances.actor, language="so", meaning="risk", words="albaabka buluuga", now=travel.now)
    queries = []
    event.listen(engine(), "after_cursor_execute", lambda *told: queries.append(told[2]))
    session.rollback()
    book = phrase_book.current()
    assert len([asked for asked in queries if asked.startswith("SELECT")]) == 1
    assert phrase_book.current() is book
    assert meaning_of("albaabka buluuga", book) == [Meaning.RISK]
