"""Nothing is sent, rung or posted before the day on which she is free to be reached, however it was wanted."""

from datetime import date, timedelta

import pytest

from portal.booking import reminders
from portal.booking.models import Appointment
from portal.booking.texts import REMINDER
from portal.clients.models import Client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.diversion import allocation
from portal.diversion.models import Referral
from portal.messaging import outbox, registry
from portal.messaging.models import Text, TextState
from portal.worklist.models import Task
from tests.backoffice import booked
from tests.diversion import intake, referrals
from tests.messaging.test_sender import state, want
from tests.support import make, sign_in

FREE_ON = date(2026, 12, 10)


@pytest.fixture
def client(app, travel):
    """A woman with a live safe-contact record who is released on 10 December; today is the 1st."""
    client = make.client()
    make.safe_contact(client)
    free(client, FREE_ON)
    return client


def free(client: Client, on: date | None) -> None:
    session.rollback()
    with unit_of_work():
        session.get_one(Client, client.id).nothing_before_on = on


def test_what_is_wanted_before_waits_for_the_first_safe_time_of_that_day(client, travel, send, gateway):  # R18, R19
    with unit_of_work():
        number = outbox.queue(
            client.id, "auto_reply", once="a", now=clock.now(), not_after_at=clock.now() + timedelta(days=12)
        ).id
    assert state(number) == (TextState.WAITING, "not_before")
    assert session.get_one(Text, number).send_at == make.london(FREE_ON, "08:00")
    for on in (date(2026, 12, 5), date(2026, 12, 9)):
        travel.to(f"{on} 19:59")
        send()
    assert gateway.sent == []
    travel.to(f"{FREE_ON} 08:00")
    send()
    assert len(gateway.sent) == 1


def test_what_would_be_of_no_use_by_then_is_a_persons_task(client, travel):  # R19
    number = want(client, clock.now(), not_after_at=clock.now() + timedelta(days=2))
    assert state(number) == (TextState.SKIPPED, "not_before")
    assert [task.kind for task in session.query(Task)] == ["hold_text"]


def test_a_day_that_is_set_after_it_was_queued_holds_it_as_it_leaves(client, travel, send, gateway):  # R18
    free(client, None)
    number = want(client, clock.now(), not_after_at=clock.now() + timedelta(days=20))
    assert state(number) == (TextState.WAITING, "")
    free(client, FREE_ON)
    send()
    assert gateway.sent == [] and state(number) == (TextState.WAITING, "not_before")


def test_without_a_record_it_is_held_for_want_of_one_as_ever(app, travel):  # R18
    client = make.client()
    free(client, FREE_ON)
    assert state(want(client, clock.now())) == (TextState.HELD, "no_record")


@pytest.mark.parametrize(
    ("moved_to", "goes_on"),
    [(date(2026, 12, 14), date(2026, 12, 14)), (date(2026, 12, 4), date(2026, 12, 4)), (None, date(2026, 12, 1))],
    ids=["later", "sooner", "free"],
)
def test_the_day_moves_and_what_waits_moves_with_it(client, travel, send, gateway, moved_to, goes_on):  # R18, R19
    referral = referrals.referral(client)
    frances = make.staff("manager", session.get_one(make.Centre, client.centre_id), first_name="Frances")
    number = want(client, clock.now(), not_after_at=clock.now() + timedelta(days=20))
    session.rollback()
    with unit_of_work():
        allocation.move_release(intake.actor_of(frances), referral.id, release_on=moved_to, days=3, now=clock.now())
    assert session.get_one(Client, client.id).nothing_before_on == moved_to
    assert session.get_one(Referral, referral.id).release_on == moved_to
    assert clock.london_today(session.get_one(Text, number).send_at) == goes_on
    if moved_to is not None:
        travel.to(f"{goes_on - timedelta(days=1)} 12:00")
        send()
    assert gateway.sent == []
    travel.to(f"{goes_on} 12:00")
    send()
    assert len(gateway.sent) == 1


def test_a_reminder_that_would_fall_before_it_is_a_persons_and_the_extra_ones_are_not_wanted(client, travel):  # R19
    make.safe_contact(client, reminds_week_before=True, reminds_same_morning=True)
    one = booked.appointment(session.get_one(Client, client.id), make.london(FREE_ON, "14:00"))
    with unit_of_work():
        session.get_one(Appointment, one.id).booked_at = clock.now() - timedelta(days=9)
    for on in (date(2026, 12, 3), date(2026, 12, 9)):
        travel.to(f"{on} 09:00")
        with unit_of_work():
            reminders.plan_due(clock.now())
    assert {text.kind for text in session.query(Text)} == set()
    assert {task.kind for task in session.query(Task)} == {"reminder_by_person"}
    assert registry.kind_of(REMINDER).still_wanted(one.id, clock.now())


def test_nobody_is_shown_her_number_before_it(client, page_client):  # R26
    worker = session.get_one(make.Staff, client.keyworker_id)
    sign_in.as_staff(page_client, worker)
    page = page_client.post(f"/staff/clients/{client.id}/ring", {})
    assert "Do not ring her" in page.text and "Nothing may reach her before the day" in page.text
    assert "07700" not in page.html and "+447700" not in page.html
    assert (
        "Nothing before Thu 10 Dec 2026: no text, no call, no letter"
        in page_client.get(f"/staff/clients/{client.id}").text
    )
