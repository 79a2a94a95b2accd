"""Planning reminders: one for each appointment, inside her hours, or a person's task."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.booking import reminders
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.messaging import registry
from portal.messaging.models import Text
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, cancel, change, own, settle
from tests.support import make


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


def plan() -> int:
    with unit_of_work():
        return reminders.plan_due(clock.now())


def wanted() -> list[Text]:
    session.rollback()
    return list(session.scalars(select(Text).where(Text.kind == "appointment_reminder").order_by(Text.id)))


def persons_tasks() -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task).where(Task.kind == "reminder_by_person")))


def at(wall: str):
    return make.london(THURSDAY - timedelta(days=1), wall)


def test_a_reminder_is_wanted_once_for_the_day_before_at_ten(desk):  # R19
    make.safe_contact(desk.client)
    appointment = book(desk, "14:30")
    assert (plan(), plan()) == (1, 0)
    (text,) = wanted()
    assert (text.subject, text.state, text.send_at) == (f"appointment:{appointment.id}", "waiting", at("10:00"))
    assert text.not_after_at == make.london(THURSDAY, "12:30")
    assert not persons_tasks()


def test_it_lies_inside_her_safe_hours(desk):  # R19
    make.safe_contact(desk.client, safe_hours=[{"day": 2, "from": "18:00", "to": "19:00"}])
    book(desk, "14:30")
    plan()
    assert [text.send_at for text in wanted()] == [at("18:00")]


def test_without_a_safe_window_in_time_a_person_reminds_her_and_is_asked_once(desk):  # R19
    make.safe_contact(desk.client, safe_hours=[{"day": 3, "from": "08:00", "to": "20:00"}])
    book(desk, "14:30")
    assert (plan(), plan()) == (0, 0)
    (task,) = persons_tasks()
    assert (task.owner_id, task.due_at) == (desk.jo.id, at("10:00"))
    with unit_of_work():
        session.get_one(Task, task.id).closed_at = clock.now()
    plan()
    assert len(persons_tasks()) == 1
    assert not wanted()


@pytest.mark.parametrize(
    "contact",
    [None, {"may_text": False}, {"proved_at": None}, {"number": ""}, {"check_again_on": THURSDAY - timedelta(days=1)}],
)
def test_where_no_text_may_go_a_person_is_asked(desk, contact):  # R18
    if contact is not None:
        make.safe_contact(desk.client, **contact)
        if contact.get("number") == "":
            with unit_of_work():
                session.query(make.SafeContact).one().number = None
    book(desk, "14:30")
    plan()
    assert len(persons_tasks()) == 1
    assert not wanted()


def test_a_contact_recorded_later_still_brings_the_text(desk):
    book(desk, "14:30")
    plan()
    make.safe_contact(desk.client)
    assert plan() == 1


def test_a_moved_appointment_has_one_reminder_for_its_new_time(desk):
    make.safe_contact(desk.client)
    old = book(desk, "14:30")
    plan()
    new = change(desk, old, "14:30", THURSDAY + timedelta(days=1))
    plan()
    assert [(text.subject, text.state) for text in wanted()] == [
        (f"appointment:{old.id}", "skipped"),
        (f"appointment:{new.id}", "waiting"),
    ]


def test_a_cancelled_appointment_brings_none(desk):
    make.safe_contact(desk.client)
    appointment = book(desk, "14:30")
    plan()
    cancel(appointment, actor=own(desk.client))
    settle()
    assert [text.state for text in wanted()] == ["skipped"]
    assert plan() == 0


def test_booked_the_day_before_it_needs_none(desk, travel):
    make.safe_contact(desk.client)
    travel.to("2026-12-02 09:00")
    book(desk, "14:30")
    assert plan() == 0
    assert not persons_tasks()


def test_planned_late_it_goes_now_and_never_when_it_is_of_no_use(desk, travel):
    make.safe_contact(desk.client)
    book(desk, "14:30")
    now = travel.to("2026-12-02 16:00")
    assert plan() == 1
    assert wanted()[0].send_at == now
    book(desk, "10:00", client=make.client(desk.jo), actor=desk.jo.actor)
    travel.to("2026-12-03 08:30")
    assert plan() == 0


def test_only_the_next_days_are_planned(desk):
    make.safe_contact(desk.client)
    book(desk, "14:30", THURSDAY + timedelta(days=7))
    assert plan() == 0


def test_what_a_text_says_and_whether_it_is_wanted_is_read_at_sending(desk, travel):
    appointment = book(desk, "14:30")
    kind = registry.kind_of("appointment_reminder")
    assert kind.offers_replies
    assert kind.facts(appointment.id) == {"starts_at": make.london(THURSDAY, "14:30"), "worker": "Jo"}
    assert kind.still_wanted(appointment.id, travel.now)
    assert not kind.still_wanted(appointment.id, make.london(THURSDAY, "14:30"))
    assert not kind.still_wanted(999, travel.now)
    assert kind.facts(999) == {}
    cancelled = registry.kind_of("appointment_cancelled")
    assert not cancelled.still_wanted(appointment.id, travel.now)
    cancel(appointment, actor=own(desk.client))
    assert not kind.still_wanted(appointment.id, travel.now)
    assert cancelled.still_wanted(appointment.id, travel.now)


@pytest.mark.parametrize(("today", "start"), [("2027-03-26", "2027-03-29"), ("2026-10-23", "2026-10-26")])
def test_over_the_clock_change_sundays_it_is_ten_on_the_wall(app, travel, today, start):  # R19
    travel.to(f"{today} 09:00")
    desk = at_desk.open_desk()
    make.safe_contact(desk.client)
    day = date.fromisoformat(start)
    book(desk, "10:00", day)
    plan()
    (text,) = wanted()
    assert text.send_at == make.london(day - timedelta(days=1), "10:00")
