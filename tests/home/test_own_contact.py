"""Her page about how she is reached: what will stand on her screen, and making it stricter herself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client, SafeContact
from portal.core.database import session, unit_of_work
from portal.home import contact_words
from portal.messaging.rules import LOCK_SCREEN
from portal.worklist.models import Task
from tests.booking import desk as desks
from tests.support import make, sign_in
from tests.support.measures import without_tokens

PAGE = "/me/safe-contact"
ALL = {
    "names_worker": True, "auto_reply": True, "reminds_week_before": True, "reminds_same_morning": True,
    "code_by_text": True, "may_leave_message": True, "may_post": True, "post_to": "R Example", "may_email": True,
    "email": "r@example.org",
}  # fmt: skip


@pytest.fixture
def desk(app, travel):
    return desks.open_desk(shows_worker_name=False)


def put(client: Client, **values) -> None:
    with unit_of_work():
        row = session.get_one(Client, client.id)
        for name, value in values.items():
            setattr(row, name, value)


def opened(page_client, client, **contact):
    """Her page, opened behind her passcode."""
    put(client, safe_contact_online=True)
    make.safe_contact(client, **contact)
    sign_in.as_client(page_client, client)
    page_client.get(PAGE, follow=True)
    return sign_in.step_up(page_client)


def versions() -> list[SafeContact]:
    session.rollback()
    return list(session.scalars(select(SafeContact).order_by(SafeContact.version)))


def act(page_client, name: str):
    """Press the button of an act, as it stands on the page."""
    forms = [form for form in page_client.page.forms() if any(i.get("value") == name for i in form.iter())]
    assert len(forms) == 1, f"no button for {name}"
    return page_client.post(PAGE, {"act": name}, follow=True)


def test_every_kind_of_text_stands_there_with_its_lock_screen_marked_and_its_length(page_client, desk):  # R21
    page = opened(page_client, desk.client, **ALL)
    shown = ["".join(quote.itertext()) for quote in page.find_all("blockquote")]
    assert len(shown) == len(contact_words.KINDS_OF_TEXT)
    assert shown[0].startswith("Appointment Tue 8 Dec 2:30pm with Jo. Reply 1 if coming")
    assert "Appointment Tue 8 Dec 2:30pm with Jo. It is cancelled." in shown
    assert "Thank you. We read this Monday to Friday, 9 to 5." in shown
    marked = ["".join(mark.itertext()) for mark in page.find_all("mark")]
    assert marked == [body[:LOCK_SCREEN] for body in shown]
    assert page.text.count("It is 1 text long.") == len(shown)


def test_hours_that_are_the_same_on_several_days_are_said_once(page_client, desk):
    page = opened(page_client, desk.client)
    assert "Only at these times:Monday–Sunday: 8:00am–8:00pm" in page.text
    assert "Take away Wednesday: 8:00am–8:00pm" in page.text
    with unit_of_work():
        record = session.scalars(select(SafeContact)).one()
        record.safe_hours = [
            window | {"from": "10:00"} if window["day"] in (0, 5) else window for window in make.WHOLE_WEEK
        ]
    page = page_client.get(PAGE)
    assert "Monday, Saturday: 10:00am–8:00pmTuesday–Friday, Sunday: 8:00am–8:00pm" in page.text


def test_in_her_language_and_wording_it_says_how_long_it_is(page_client, desk):
    page = opened(page_client, desk.client, text_language="ar")
    assert "It is 2 texts long." in page.text
    put(desk.client, language="ar")
    page = page_client.get(PAGE)
    assert "كيف" in page.text


def test_who_cannot_answer_is_shown_no_answers_of_ours(page_client, desk):
    page = opened(page_client, desk.client, may_reply=False)
    assert len(page.find_all("blockquote")) == 5
    assert "When you reply" not in page.text


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("no_texts", {"may_text": False, "code_by_text": False}),
        ("no_code", {"may_text": True, "code_by_text": False}),
        ("no_replies", {"may_reply": False, "auto_reply": False}),
        ("no_auto_reply", {"auto_reply": False}),
        ("no_name", {"names_worker": False}),
        ("short_wording", {"wording": "short"}),
        ("no_week_reminder", {"reminds_week_before": False}),
        ("no_morning_reminder", {"reminds_same_morning": False}),
        ("no_calls", {"may_ring": False, "may_leave_message": False}),
        ("no_voicemail", {"may_leave_message": False}),
        ("no_letters", {"may_post": False, "post_to": None}),
        ("no_email", {"may_email": False, "email": None}),
        ("hours 0 08:00-20:00", {"safe_hours": make.WHOLE_WEEK[1:]}),
    ],
)
def test_each_press_makes_a_new_version_says_so_and_tells_her_worker(page_client, desk, travel, name, changed):
    opened(page_client, desk.client, **ALL)
    page = act(page_client, name)
    assert page.address == PAGE
    said = page.find_all("p", role="status")[0]
    assert "".join(said.itertext()) == str(contact_words.DONE[name.partition(" ")[0]])
    assert not [form for form in page.forms() if any(i.get("value") == name for i in form.iter())]
    first, second = versions()
    assert {column: getattr(second, column) for column in changed} == changed
    assert (second.asked_by, second.asked_on, second.check_again_on) == (
        first.asked_by, first.asked_on, first.check_again_on,
    )  # fmt: skip
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "safe_contact_made_stricter")).one()
    assert (entry.actor_kind, entry.actor_id) == ("client", desk.client.id)
    task = session.scalars(select(Task).where(Task.kind == "contact_made_stricter")).one()
    assert (task.owner_id, task.client_id) == (desk.jo.id, desk.client.id)
    assert not page_client.get(PAGE).find_all("p", role="status"), "said once"


@pytest.mark.parametrize(
    ("name", "length", "words"),
    [
        ("pause_day", timedelta(days=1), "We send you no texts before Wednesday 2 December, 10:00am."),
        ("pause_week", timedelta(days=7), "We send you no texts before Tuesday 8 December, 10:00am."),
        ("pause_told", timedelta(days=366), "We send you no texts until you tell a worker."),
    ],
)
def test_she_pauses_texts_and_a_shorter_pause_ends_no_longer_one(page_client, desk, travel, name, length, words):
    opened(page_client, desk.client)
    page = act(page_client, name)
    assert versions()[-1].pause_until == travel.now + length
    assert words in page.text
    page = act(page_client, "pause_day")
    assert versions()[-1].pause_until == travel.now + length
    assert "Nothing changed." in page.text


def test_a_window_after_the_last_leaves_no_time_and_the_page_says_so(page_client, desk):
    opened(page_client, desk.client, safe_hours=[{"day": 1, "from": "09:30", "to": "14:30"}])
    page = act(page_client, "hours 1 09:30-14:30")
    assert "There is no time at which we text you." in page.text


@pytest.mark.parametrize("sent", ["", "may_text", "hours", "hours 1 09:30-14:31", "x" * 5000, "🙂", "no_texts "])
def test_anything_else_changes_nothing_and_says_so(page_client, desk, sent):
    opened(page_client, desk.client)
    page = page_client.post(PAGE, {"act": sent}, follow=True)
    assert "Nothing changed." in page.text
    assert len(versions()) == 1


def test_loosening_says_to_tell_a_worker(page_client, desk):
    page = opened(page_client, desk.client)
    assert "Want more contact, or a new number? Tell a worker, in person or by phone." in page.text


def test_stopped_by_staff_her_page_does_not_say_why(page_client, desk, travel):  # R47
    page = opened(page_client, desk.client, stopped_at=travel.now)
    assert "We send you nothing right now. Please talk to a worker." in page.text
    assert "risk" not in page.html


def test_switched_off_a_press_changes_nothing_and_answers_like_a_woman_without_it(
    page_client, new_page_client, desk
):  # R41
    make.safe_contact(desk.client, **ALL)
    other = new_page_client()
    sign_in.as_client(page_client, desk.client)
    sign_in.as_client(other, make.client(desk.jo, desk.centre))
    for name in ("no_texts", "pause_told", "nonsense"):
        one, two = page_client.post(PAGE, {"act": name}), other.post(PAGE, {"act": name})
        assert (one.status, one.location, one.body) == (two.status, two.location, two.body) == (303, PAGE, one.body)
        one, two = page_client.get(PAGE), other.get(PAGE)
        assert without_tokens(one.html) == without_tokens(two.html)
    assert len(versions()) == 1
    assert not session.scalars(select(Task.id).where(Task.kind == "contact_made_stricter")).all()


def test_without_her_passcode_of_the_last_minutes_a_press_changes_nothing(page_client, desk, travel):  # R16
    opened(page_client, desk.client)
    travel.forward(minutes=5)
    page = page_client.post(PAGE, {"act": "no_texts"}, follow=True)
    assert page.address == "/step-up"
    assert len(versions()) == 1
    assert sign_in.step_up(page_client).address == PAGE, "she is back where she was"


def test_switched_on_without_a_record_a_press_does_nothing(page_client, desk):
    put(desk.client, safe_contact_online=True)
    sign_in.as_client(page_client, desk.client)
    page_client.get(PAGE, follow=True)
    sign_in.step_up(page_client)
    page = page_client.post(PAGE, {"act": "no_texts"}, follow=True)
    assert "There is nothing to show here." in page.text
    assert versions() == []
