"""How she may be reached: what she herself may change, and who else."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients import safe_contact as service
from portal.clients import stricter
from portal.clients.answers import ContactAnswers, unanswered
from portal.clients.models import SafeContact
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from tests.support import make

ANSWERS = ContactAnswers(
    may_text=True,
    may_ring=False,
    whose_phone="own",
    text_language="en",
    voice_language="en",
    check_again_on=date(2027, 3, 1),
    number="+447700900123",
    safe_hours=((0, time(9), time(12)),),
    wording="short",
    names_worker=False,
    may_reply=False,
    may_post=False,
    may_email=False,
    stable_phone=True,
    stable_home=True,
    reminds_week_before=False,
    reminds_same_morning=False,
)


@pytest.fixture
def client(travel, app):
    return make.client()


def keyworker(client) -> Actor:
    return session.get(make.Staff, client.keyworker_id).actor


def test_every_version_is_kept(client, travel):
    with unit_of_work():
        service.record_safe_contact(keyworker(client), client.id, ANSWERS, banned_words=(), now=travel.now)
    with unit_of_work():
        service.record_safe_contact(keyworker(client), client.id, ANSWERS, banned_words=(), now=travel.now)
    assert [row.version for row in session.query(SafeContact).order_by(SafeContact.version)] == [1, 2]


def test_the_service_asks_for_the_same_answers_as_the_page(client, travel):  # R18
    asked = unanswered(ANSWERS._replace(may_text=None, may_ring=True, whose_phone=""))
    assert asked == ["may_text", "whose_phone", "may_leave_message", "may_say_who"], "the rest was answered"
    questions = (
        "may_text",
        "wording",
        "safe_hours",
        "may_reply",
        "may_post",
        "may_email",
        "stable_home",
        "stable_phone",
    )
    for question in (*questions, "reminds_week_before", "reminds_same_morning"):
        empty = {"safe_hours": (), "wording": ""}.get(question)
        with pytest.raises(Invalid) as refusal, unit_of_work():
            answers = ANSWERS._replace(**{question: empty})
            service.record_safe_contact(keyworker(client), client.id, answers, banned_words=(), now=travel.now)
        assert (refusal.value.field, refusal.value.reason) == (question, "missing")
    assert session.query(SafeContact).count() == 0


def test_a_cover_phrase_may_hold_no_word_of_the_settings(client, travel):  # R20
    answers = ANSWERS._replace(wording="cover", cover_phrase="Acme visit")
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.record_safe_contact(keyworker(client), client.id, answers, banned_words=("acme",), now=travel.now)
    assert refusal.value.reason == "banned"


def test_she_may_make_a_pause_longer_but_neither_shorter_nor_end_it(client, travel):
    make.safe_contact(client)
    herself, week = Actor("client", client.id), travel.now + timedelta(days=7)
    with unit_of_work():
        service.pause_texts(herself, client.id, until=week, now=travel.now)
    for until in (week - timedelta(days=1), None):
        with pytest.raises(Invalid) as refusal, unit_of_work():
            service.pause_texts(herself, client.id, until=until, now=travel.now)
        assert refusal.value.reason == "shorter"
    with unit_of_work():
        service.pause_texts(herself, client.id, until=week + timedelta(days=1), now=travel.now)
    assert session.query(SafeContact).one().pause_until == week + timedelta(days=1)


def test_a_pause_goes_on_when_she_is_asked_anew(client, travel):
    make.safe_contact(client)
    week = travel.now + timedelta(days=7)
    with unit_of_work():
        service.pause_texts(keyworker(client), client.id, until=week, now=travel.now)
        record = service.record_safe_contact(keyworker(client), client.id, ANSWERS, banned_words=(), now=travel.now)
    assert record.pause_until == week


def test_nobody_else_changes_it(client, travel):
    make.safe_contact(client)
    desk = make.staff("receptionist", make.session.get(make.Centre, client.centre_id)).actor
    stranger = make.staff("keyworker", make.centre()).actor
    other = Actor("client", make.client().id)
    for actor, refusal in ((desk, NotAllowed), (stranger, NotFound), (other, NotFound)):
        with pytest.raises(refusal), unit_of_work():
            service.pause_texts(actor, client.id, until=None, now=travel.now)
    for actor in (other, Actor("client", client.id), desk):
        with pytest.raises(NotAllowed), unit_of_work():
            service.prove_number(actor, client.id, now=travel.now)


def test_without_a_record_there_is_nothing_to_prove_or_pause(client, travel):
    with pytest.raises(NotFound), unit_of_work():
        service.prove_number(keyworker(client), client.id, now=travel.now)
    with pytest.raises(NotFound), unit_of_work():
        service.pause_texts(keyworker(client), client.id, until=None, now=travel.now)


def test_the_day_to_ask_again_comes_forward_and_never_goes_back(client, travel):  # R18
    make.safe_contact(client, check_again_on=date(2027, 3, 1))
    with unit_of_work():
        assert service.check_again_by(client.id, date(2026, 12, 8), why="risk", now=travel.now)
        assert not service.check_again_by(client.id, date(2027, 1, 8), why="risk", now=travel.now)
    assert session.scalars(select(SafeContact.check_again_on)).one() == date(2026, 12, 8)
    assert session.scalar(select(AuditEntry.reason).where(AuditEntry.action == "safe_contact_due")) == "risk"


def test_a_woman_whom_nobody_asked_has_nothing_to_check(client, travel):
    with unit_of_work():
        assert not service.check_again_by(client.id, date(2026, 12, 8), why="risk", now=travel.now)


def newest(client) -> SafeContact:
    session.rollback()
    return session.scalars(
        select(SafeContact).where(SafeContact.client_id == client.id).order_by(SafeContact.version.desc())
    ).first()


def test_a_sign_counts_only_from_the_number_on_record_and_only_once_it_was_proved(client, travel):  # R18
    make.safe_contact(client, number="+447700900123", sign_at=travel.now)
    later = travel.forward(days=5)
    with unit_of_work():
        assert not service.note_sign(client.id, "+447700900124", now=later)
        assert service.note_sign(client.id, "+447700900123", now=later)
    assert newest(client).sign_at == later
    make.safe_contact(client, number="+447700900125", proved_at=None)
    with unit_of_work():
        assert not service.note_sign(client.id, "+447700900125", now=later)
    assert newest(client).sign_at is None


def test_staff_confirm_the_number_only_with_how_they_know_that_it_is_her(client, travel):  # R18
    make.safe_contact(client)
    later = travel.forward(days=61)
    for actor, how, refusal in (
        (keyworker(client), "by_text", Invalid),
        (Actor("client", client.id), "in_person", NotAllowed),
        (make.staff("keyworker", make.centre()).actor, "in_person", NotFound),
    ):
        with pytest.raises(refusal), unit_of_work():
            service.confirm_number(actor, client.id, how=how, now=later)
    with unit_of_work():
        service.confirm_number(keyworker(client), client.id, how="code_word", now=later)
    assert newest(client).sign_at == later
    make.safe_contact(client, proved_at=None)
    with pytest.raises(NotFound), unit_of_work():
        service.confirm_number(keyworker(client), client.id, how="in_person", now=later)


def test_a_new_number_has_no_sign_and_the_same_keeps_its_own(client, travel):  # R18
    make.safe_contact(client, number="+447700900123")
    before = travel.now
    travel.forward(days=3)
    for number, sign_at in (("+447700900123", before), ("+447700900124", None)):
        with unit_of_work():
            answers = ANSWERS._replace(number=number)
            service.record_safe_contact(keyworker(client), client.id, answers, banned_words=(), now=travel.now)
        assert newest(client).sign_at == sign_at


def test_her_own_act_is_a_new_version_that_keeps_the_rest(client, travel):
    first = make.safe_contact(
        client, number="+447700900123", post_to="R Example", may_post=True, trusted_person="Her sister",
        stopped_at=travel.now, code_word_hash="x", cover_phrase="Nails",
    )  # fmt: skip
    kept = {name: getattr(first, name) for name in stricter._PLAIN + stricter._SEALED}
    later = travel.forward(hours=1)
    with unit_of_work():
        version = stricter.make_stricter(Actor("client", client.id), "no_calls", now=later)
    assert (version.version, version.recorded_at, newest(client).id) == (2, later, version.id)
    changed = {name: value for name, value in kept.items() if getattr(newest(client), name) != value}
    assert changed == {"may_ring": True}, "nobody else's stop, and nothing of what staff asked, is undone by it"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "safe_contact_made_stricter")).one()
    assert (entry.actor_kind, entry.client_id, entry.reason) == ("client", client.id, "no_calls")
    with unit_of_work():
        assert stricter.make_stricter(Actor("client", client.id), "no_calls", now=later) is None
    assert newest(client).version == 2


def test_nobody_makes_it_stricter_in_her_name(client, travel):
    make.safe_contact(client)
    with pytest.raises(NotAllowed), unit_of_work():
        stricter.make_stricter(keyworker(client), "no_calls", now=travel.now)


def test_stopped_it_stays_stopped_until_she_is_asked_anew(client, travel):  # R47
    make.safe_contact(client)
    with unit_of_work():
        stricter.stop_contact(keyworker(client), client.id, now=travel.now)
    first = newest(client).stopped_at
    travel.forward(hours=1)
    with unit_of_work():
        stricter.stop_contact(keyworker(client), client.id, now=travel.now)
        service.prove_number(keyworker(client), client.id, now=travel.now)
        service.pause_texts(keyworker(client), client.id, until=None, now=travel.now)
        service.confirm_number(keyworker(client), client.id, how="in_person", now=travel.now)
    assert newest(client).stopped_at == first == travel.now - timedelta(hours=1)
    with unit_of_work():
        service.record_safe_contact(keyworker(client), client.id, ANSWERS, banned_words=(), now=travel.now)
    assert newest(client).stopped_at is None
