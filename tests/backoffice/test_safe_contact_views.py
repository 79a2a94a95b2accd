"""How she may be reached, as a keyworker asks and records it (R18)."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.accounts.secrets import hash_secret, verify_secret
from portal.clients.models import OptOut, SafeContact
from portal.clients.queries import has_opted_out
from portal.core.database import session, unit_of_work
from portal.messaging.models import Text
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.backoffice.test_clients_views import audited, summary_target
from tests.support import make, sign_in

ANSWERS = {
    "may_text": "yes",
    "number": "07700 900123",
    "whose_phone": "own",
    "monday": "09:30-14:30, 18:00-19:00",
    "wording": "plain",
    "names_worker": "no",
    "may_reply": "yes",
    "auto_reply": "no",
    "may_ring": "yes",
    "may_leave_message": "no",
    "may_say_who": "no",
    "may_post": "no",
    "may_email": "no",
    "stable_phone": "yes",
    "stable_home": "yes",
    "reminds_week_before": "no",
    "reminds_same_morning": "no",
    "code_word": "Teapot",
}


@pytest.fixture
def client(travel):
    return make.client(called_name="Rose")


@pytest.fixture
def address(client):
    return f"/staff/clients/{client.id}/safe-contact"


@pytest.fixture
def asked(page_client, client, address):
    jo = make.session.get(make.Staff, client.keyworker_id)
    sign_in.staff_at(page_client, jo, address)
    return page_client


def newest(client) -> SafeContact:
    with make.session() as reading:
        return reading.scalars(
            select(SafeContact).where(SafeContact.client_id == client.id).order_by(SafeContact.version.desc())
        ).first()


def test_no_question_about_safety_has_an_answer_chosen_beforehand(asked):  # R18
    chosen = [field for field in asked.page.find_all("input", type="radio") if field.get("checked") is not None]
    assert chosen == []
    assert asked.page.field("number") == ""


def test_nothing_answered_is_422_with_every_open_question_in_the_summary(asked, address, client):
    page = asked.submit(address)
    assert page.status == 422
    summary = page.find_all("div", id="faults")[0]
    links = {link.get("href") for link in summary.iter() if link.get("href")}
    assert {"#may_text", "#whose_phone", "#may_ring", "#may_post", "#may_email", "#stable_home"} <= links
    summary_target(page)
    yes = dict.fromkeys(("may_text", "may_ring", "may_post", "may_email"), "yes")
    page = asked.submit(address, **yes, whose_phone="own")
    links = {link.get("href") for link in page.find_all("div", id="faults")[0].iter() if link.get("href")}
    assert {"#wording", "#names_worker", "#may_reply", "#monday", "#may_leave_message", "#may_say_who"} <= links
    assert {"#post_to", "#email", "#stable_phone", "#reminds_week_before", "#reminds_same_morning"} <= links
    assert newest(client) is None


def test_what_she_said_is_recorded_and_the_tasks_that_asked_for_it_close(asked, address, client, travel):
    with unit_of_work():
        raise_task("record_safe_contact", now=travel.now, client_id=client.id)
        raise_task("ring_her", now=travel.now, client_id=client.id)
    asked.get(address)
    assert asked.submit(address, **ANSWERS).status == 200
    record = newest(client)
    assert (record.number, record.version, record.proved_at) == ("+447700900123", 1, None)
    assert record.safe_hours == [
        {"day": 0, "from": "09:30", "to": "14:30"},
        {"day": 0, "from": "18:00", "to": "19:00"},
    ]
    assert (record.may_reply, record.auto_reply, record.may_leave_message) == (True, False, False)
    assert (record.asked_on, record.check_again_on) == (date(2026, 12, 1), date(2027, 3, 1))
    assert verify_secret("code_word", "teapot", record.code_word_hash)
    with make.session() as reading:
        tasks = {task.kind: task.done for task in reading.scalars(select(Task))}
    assert tasks == {"record_safe_contact": "recorded_safe_contact", "ring_her": ""}
    assert "07700" not in asked.page.text  # what was said before is not shown
    assert audited("safe_contact_recorded")
    assert [entry.client_id for entry in audited("client_read")][:1] == [client.id]  # R30


def test_letters_e_mail_and_what_stays_the_same_are_recorded_and_stand_in_her_file(asked, address, client):  # R18
    envelope = "R Example\n1 Example Street"
    asked.submit(
        address,
        **ANSWERS
        | {"may_post": "yes", "post_to": envelope, "may_email": "yes", "email": "rose@example.org",
           "stable_home": "no", "reminds_week_before": "yes", "reminds_same_morning": "yes"},
    )  # fmt: skip
    record = newest(client)
    assert (record.post_to, record.email, record.stable_home) == (envelope, "rose@example.org", False)
    assert (record.reminds_week_before, record.reminds_same_morning) == (True, True)
    page = asked.get(f"/staff/clients/{client.id}")
    for words in ("R Example 1 Example Street", "rose@example.org", "7 days before", "the same morning"):
        assert words in page.text
    home = page.html[page.html.index("<dt>Home</dt>") :]
    assert home.startswith("<dt>Home</dt><dd>does not stay the same: a person reminds her</dd>")


def test_an_address_is_forgotten_where_she_says_no(asked, address, client):
    typed = {"may_post": "no", "post_to": "R Example", "may_email": "no", "email": "rose@example.org"}
    asked.submit(address, **ANSWERS | typed)
    assert (newest(client).post_to, newest(client).email) == (None, None)


def test_what_a_no_makes_pointless_is_not_asked_for(asked, address, client):
    asked.submit(
        address, may_text="no", may_ring="no", whose_phone="none", may_post="no", may_email="no", stable_home="no"
    )
    record = newest(client)
    assert (record.may_text, record.may_ring, record.may_reply, record.number) == (False, False, False, None)
    assert (record.may_post, record.post_to, record.may_email, record.email) == (False, None, False, None)
    assert (record.stable_phone, record.stable_home) == (False, False)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"number": ""}, "Write her number"),
        ({"number": "020 7946 0000"}, "That is not a UK mobile number."),
        ({"number": "07911 123456"}, "This is the demo: use a number from 07700 900000"),  # R40
        ({"monday": "18:00-19:00, 09:30-14:30"}, "Write the earlier time first."),
        ({"monday": "14:30-09:30"}, "Each time must end later than it begins."),
        ({"monday": "9-12, 11-13"}, "Two of these times overlap."),
        ({"monday": "mornings"}, "Write times like 09:30-14:30"),
        ({"monday": ""}, "Write when texts are safe, on one day at least."),
        ({"wording": "cover"}, "Write the phrase that she chose."),
        ({"wording": "cover", "cover_phrase": "Your clinic visit"}, "This phrase would say too much"),  # R20
        ({"wording": "cover", "cover_phrase": "محكمة"}, "This phrase would say too much"),
        ({"wording": "cover", "cover_phrase": "x" * 21}, "Write at most 20 letters."),
        ({"may_post": "yes"}, "Write what stands on the envelope."),
        ({"may_email": "yes", "email": "rose at example"}, "That is not an e-mail address."),
        ({"check_again_on": "2026-12-01"}, "Choose a day after today."),
        ({"check_again_on": "2029-01-01"}, "Choose a day within a year."),
        ({"check_again_on": "soon"}, "Not a valid date"),
        ({"may_text": "maybe"}, "Not a valid choice"),
        ({"who_else_sees": "x" * 10000}, "Write at most 200 letters."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(asked, address, client, typed, words):
    page = asked.submit(address, **ANSWERS | typed)
    assert page.status == 422
    assert words in page.text
    assert newest(client) is None
    summary_target(page)


def a_test_text_arrives(client, at) -> None:
    with unit_of_work():
        index = newest(client).number_index
        session.add(
            Text(client_id=client.id, kind="test", once=f"test:{client.id}:{index}", state="reached", send_at=at,
                 wanted_at=at, sent_at=at, number_index=index)
        )  # fmt: skip


def test_an_empty_number_keeps_number_proof_and_code_word_and_a_new_number_loses_the_proof(
    asked, address, client, travel
):
    asked.submit(address, **ANSWERS)
    page = asked.submit(f"/staff/clients/{client.id}/prove-number")
    assert "Send her a test text first" in page.html
    assert newest(client).proved_at is None, "nobody has seen a text arrive"
    a_test_text_arrives(client, travel.now)
    asked.submit(f"/staff/clients/{client.id}/prove-number")
    assert newest(client).proved_at == travel.now
    asked.submit(address, **ANSWERS | {"number": "", "code_word": ""})
    record = newest(client)
    assert (record.version, record.number, record.proved_at) == (2, "+447700900123", travel.now)
    assert verify_secret("code_word", "teapot", record.code_word_hash)
    asked.submit(address, **ANSWERS | {"number": "07700 900124"})
    assert newest(client).proved_at is None
    assert "1 Dec 2026" in asked.page.text


def test_a_proof_for_an_older_version_is_refused(asked, address, client):
    asked.submit(address, **ANSWERS)
    token = asked.csrf_token()
    asked.submit(address, **ANSWERS | {"number": "07700 900124"})
    a_test_text_arrives(client, newest(client).recorded_at)
    page = asked.post(f"/staff/clients/{client.id}/prove-number", {"version": "1", "csrf_token": token})
    assert page.status == 409
    assert newest(client).proved_at is None


def test_pressed_twice_it_makes_one_version(asked, address, client):  # R38
    key = asked.page.field("request_key")
    fields = {
        **ANSWERS,
        "request_key": key,
        "text_language": "en",
        "voice_language": "en",
        "check_again_on": "2027-03-01",
    }
    assert asked.post(address, fields).status == 303
    assert asked.post(address, fields).status == 303
    assert newest(client).version == 1


def test_texts_are_paused_until_a_day_and_go_on_without_one(asked, address, client, travel):
    asked.submit(address, **ANSWERS)
    pause = f"/staff/clients/{client.id}/pause-texts"
    asked.submit(pause, until="2026-12-10")
    assert newest(client).pause_until == make.london(date(2026, 12, 10), "00:00")
    assert "no texts until Thu 10 Dec" in asked.page.text
    for until, words in (("2026-12-01", "Choose a day after today."), ("9999-12-31", "Choose a day within a year.")):
        asked.get(address)
        page = asked.submit(pause, until=until)
        assert (page.status, words in page.text) == (422, True)
    asked.get(address)
    asked.submit(pause, until="")
    assert newest(client).pause_until is None


@pytest.mark.parametrize(
    ("button", "until"),
    [("morning", "2026-12-02 08:00"), ("week", "2026-12-08 10:00"), ("told", "2027-12-02 10:00")],
)
@pytest.mark.parametrize("page", ["", "/safe-contact"], ids=["file", "safe_contact"])
def test_texts_are_paused_in_one_press_and_the_pause_ended_in_another(asked, client, travel, button, until, page):
    make.safe_contact(client)
    here, pause = f"/staff/clients/{client.id}{page}", f"/staff/clients/{client.id}/pause-texts"
    asked.get(here)
    shown = asked.submit(pause, press=("pause", button))
    assert shown.address == here
    assert newest(client).pause_until == make.london(date.fromisoformat(until[:10]), until[11:])
    assert "no texts until" in shown.text.casefold()
    if page == "":
        asked.submit(pause)
        assert newest(client).pause_until is None


def test_it_is_still_her_number_once_staff_say_how_they_know(asked, address, client, travel):  # R18
    old = make.london(date(2026, 10, 1), "10:00")
    make.safe_contact(client, code_word_hash=hash_secret("code_word", "teapot"), sign_at=old)
    page = asked.get(address)
    assert "no sign for 60 days that it is her number" in page.text
    asked.get(page.links()["It is still her number"])
    same = f"/staff/clients/{client.id}/same-number"
    assert asked.submit(same).status == 422
    assert asked.submit(same, code_word="kettle").status == 422
    assert newest(client).sign_at == old
    asked.submit(same, code_word="teapot")
    assert newest(client).sign_at == travel.now
    assert "no sign" not in asked.page.text
    assert [entry.reason for entry in audited("number_confirmed")] == ["code_word"]


def test_an_opt_out_is_undone_only_in_person_or_with_her_code_word(asked, address, client, travel):  # R22
    make.safe_contact(client, number="+447700900123", code_word_hash=hash_secret("code_word", "teapot"))
    undo = f"/staff/clients/{client.id}/undo-opt-out"
    record = newest(client)
    with unit_of_work():
        make.session.add(OptOut(number_index=record.number_index, opted_out_at=travel.now))
    assert "asked for no more texts" in asked.get(address).text
    asked.get(undo)
    assert asked.submit(undo).status == 422
    assert asked.submit(undo, code_word="kettle").status == 422
    assert has_opted_out("+447700900123")
    asked.submit(undo, code_word="teapot")
    assert not has_opted_out("+447700900123")
    assert [entry.reason for entry in audited("opt_out_undone")] == ["code_word"]
    asked.get(undo)
    assert asked.submit(undo, in_person="y").status == 404


def test_another_centre_s_client_is_not_there(asked):
    other_id = make.client().id
    for page in ("safe-contact", "undo-opt-out", "same-number"):
        assert asked.get(f"/staff/clients/{other_id}/{page}").status == 404
    for page in ("safe-contact", "prove-number", "pause-texts", "undo-opt-out", "same-number"):
        assert asked.post(f"/staff/clients/{other_id}/{page}").status == 404


def test_after_saving_it_shows_what_will_stand_on_her_screen(asked, address):  # R21
    assert "What stands on her screen" not in asked.page.text
    page = asked.submit(address, **ANSWERS | {"wording": "cover", "cover_phrase": "Library book"})
    marked = ["".join(mark.itertext()) for mark in page.find_all("mark")]
    assert marked[0].startswith("Library book Tue 8 Dec 2:30pm. Reply 1")
    assert len(marked[0]) == 40
    assert "1 part" in page.text
    page = asked.submit(address, **ANSWERS | {"text_language": "ar"})
    assert "2 parts" in page.text
