"""How she may be reached: what she herself may change, and who else."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients import safe_contact as service
from portal.clients.models import SafeContact
from portal.clients.rules import ContactAnswers, unanswered
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
    from dataclasses import replace

    asked = unanswered(replace(ANSWERS, may_text=None, may_ring=True, whose_phone=""))
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
            answers = replace(ANSWERS, **{question: empty})
            service.record_safe_contact(keyworker(client), client.id, answers, banned_words=(), now=travel.now)
        assert (refusal.value.field, refusal.value.reason) == (question, "missing")
    assert session.query(SafeContact).count() == 0


def test_a_cover_phrase_may_hold_no_word_of_the_settings(client, travel):  # R20
    from dataclasses import replace

    answers = replace(ANSWERS, wording="cover", cover_phrase="Acme visit")
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
