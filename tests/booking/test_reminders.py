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
    make.no_bank_holidays()
    make.safe_contact(desk.client)
    day = date.fromisoformat(start)
    book(desk, "10:00", day)
    plan()
    (text,) = wanted()
    assert text.send_at == make.london(day - timedelta(days=1), "10:00")


EXTRAS = {"reminds_week_before": True, "reminds_same_morning": True}
WEEK, MORNING = "appointment_reminder_week", "appointment_reminder_morning"


def of_kind(kind: str) -> list[Text]:
    session.rollback()
    return list(session.scalars(select(Text).where(Text.kind == kind).order_by(Text.id)))


def put(**values) -> None:
    """Change her newest safe-contact record."""
    with unit_of_work():
        record = session.scalars(select(make.SafeContact).order_by(make.SafeContact.version.desc())).first()
        for name, value in values.items():
            setattr(record, name, value)


def test_seven_days_before_and_on_the_same_morning_only_if_she_wants_them(desk, travel):
    make.safe_contact(desk.client, **EXTRAS)
    other = make.client(desk.jo)
    make.safe_contact(other)
    for client, at_ in ((desk.client, "14:30"), (other, "16:00")):
        book(desk, at_, THURSDAY + timedelta(days=7), client=client, actor=desk.jo.actor)
    travel.to("2026-12-03 00:01")
    assert (plan(), plan()) == (1, 0)
    (week,) = of_kind(WEEK)
    assert (week.client_id, week.send_at) == (desk.client.id, make.london(THURSDAY, "10:00"))
    assert week.not_after_at == make.london(THURSDAY + timedelta(days=1), "00:00")
    travel.to("2026-12-10 00:01")
    plan()
    assert plan() == 0
    (morning,) = of_kind(MORNING)
    assert (morning.client_id, morning.send_at) == (desk.client.id, make.london(THURSDAY + timedelta(days=7), "08:30"))
    assert not persons_tasks(), "the one of the day before is enough"


def test_booked_late_there_is_no_reminder_of_what_she_just_did(desk, travel):
    make.safe_contact(desk.client, **EXTRAS)
    travel.to("2026-12-04 09:00")
    book(desk, "14:30", THURSDAY + timedelta(days=7))
    travel.to("2026-12-04 09:01")
    plan()
    travel.to("2026-12-10 07:00")
    book(desk, "16:00", THURSDAY + timedelta(days=7), client=desk.client, actor=desk.jo.actor)
    plan()
    assert not of_kind(WEEK), "6 days before is too late for it"
    assert len(of_kind(MORNING)) == 1, "what is booked for the same day needs none"


def test_planned_when_her_window_of_that_day_is_over_it_is_left_out_in_silence(desk, travel):
    make.safe_contact(desk.client, **EXTRAS, safe_hours=[{"day": 3, "from": "09:00", "to": "11:00"}])
    book(desk, "14:30", THURSDAY + timedelta(days=7))
    travel.to("2026-12-03 10:20")
    assert plan() == 1
    assert of_kind(WEEK)[0].send_at == clock.now()
    book(desk, "16:00", THURSDAY + timedelta(days=7), client=make_second(desk), actor=desk.jo.actor)
    travel.to("2026-12-03 11:00")
    assert plan() == 0
    assert not persons_tasks()


def make_second(desk):
    client = make.client(desk.jo)
    make.safe_contact(client, **EXTRAS, safe_hours=[{"day": 3, "from": "09:00", "to": "11:00"}])
    return client


def test_the_morning_one_comes_two_hours_before_or_not_at_all(desk, travel):  # R19
    make.safe_contact(desk.client, **EXTRAS)
    book(desk, "09:00", THURSDAY + timedelta(days=7))
    travel.to("2026-12-10 00:01")
    plan()
    assert not of_kind(MORNING), "her hours begin at 8, and it is of no use after 7"
    put(safe_hours=[{"day": 3, "from": "06:00", "to": "20:00"}])
    plan()
    assert of_kind(MORNING)[0].send_at == make.london(THURSDAY + timedelta(days=7), "06:30")


@pytest.mark.parametrize(
    "changed",
    [
        {"reminds_week_before": False},
        {"may_text": False},
        {"safe_hours": [{"day": 4, "from": "09:00", "to": "11:00"}]},
        {"pause_until": make.london(THURSDAY + timedelta(days=2), "08:00")},
        {"stopped_at": make.london(THURSDAY, "09:00")},
        {"sign_at": make.london(date(2026, 10, 1), "09:00")},
        {"check_again_on": THURSDAY},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_changed_since_is_read_again_at_sending(desk, travel, changed):  # R18
    make.safe_contact(desk.client, **EXTRAS)
    appointment = book(desk, "14:30", THURSDAY + timedelta(days=7))
    travel.to("2026-12-03 09:30")
    plan()
    kind = registry.kind_of(WEEK)
    assert kind.offers_replies
    assert kind.still_wanted(appointment.id, clock.now())
    put(**changed)
    assert not kind.still_wanted(appointment.id, clock.now()), "nobody is told: the day before comes in any case"


def test_moved_or_cancelled_the_extra_ones_go_with_it(desk, travel):
    make.safe_contact(desk.client, **EXTRAS)
    old = book(desk, "14:30", THURSDAY + timedelta(days=7))
    travel.to("2026-12-03 09:30")
    plan()
    new = change(desk, old, "15:30", THURSDAY + timedelta(days=7))
    plan()
    assert [(text.subject, text.state) for text in of_kind(WEEK)] == [(f"appointment:{old.id}", "skipped")]
    assert not registry.kind_of(WEEK).still_wanted(old.id, clock.now())
    travel.to("2026-12-10 00:01")
    plan()
    cancel(new, actor=own(desk.client))
    settle()
    assert [(text.subject, text.state) for text in of_kind(MORNING)] == [(f"appointment:{new.id}", "skipped")]


@pytest.mark.parametrize(("sunday", "booked"), [("2027-03-28", "2027-03-15"), ("2026-10-25", "2026-10-12")])
def test_on_both_clock_change_sundays_the_extra_ones_are_right_on_the_wall(app, travel, sunday, booked):  # R19
    travel.to(f"{booked} 09:00")
    desk = at_desk.open_desk()
    make.no_bank_holidays()
    make.safe_contact(desk.client, **EXTRAS)
    on = date.fromisoformat(sunday)
    for number, offset in enumerate((1, 5)):
        book(desk, f"1{number + 1}:30", on + timedelta(days=offset), actor=desk.jo.actor)
    for day in range(-6, 6):
        travel.to(f"{on + timedelta(days=day)} 00:01")
        plan()
    after = [on + timedelta(days=offset) for offset in (1, 5)]
    assert [text.send_at for text in of_kind(WEEK)] == [make.london(day - timedelta(days=7), "10:00") for day in after]
    assert [text.send_at for text in of_kind(MORNING)] == [make.london(day, "08:30") for day in after]


@pytest.mark.parametrize("unsteady", [{"stable_phone": False}, {"stable_home": False}])
def test_without_a_steady_phone_or_home_a_person_reminds_her_beside_the_text_once(desk, travel, unsteady):
    make.safe_contact(desk.client, **unsteady)
    appointment = book(desk, "14:30")
    assert (plan(), plan()) == (1, 0)
    assert len(wanted()) == 1
    (task,) = persons_tasks()
    assert (task.owner_id, task.due_at, task.closed_at) == (desk.jo.id, at("10:00"), None)
    with unit_of_work():
        session.get_one(Task, task.id).closed_at = clock.now()
    plan()
    assert len(persons_tasks()) == 1, "done once, it is not asked for again"
    moved = change(desk, appointment, "15:30")
    plan()
    assert [task.subject for task in persons_tasks() if task.closed_at is None] == [f"appointment:{moved.id}"]
    cancel(moved, actor=own(desk.client))
    settle()
    assert all(task.closed_at for task in persons_tasks())


def test_without_a_sign_for_60_days_she_is_asked_again_and_a_person_reminds_her(desk):  # R18
    make.safe_contact(desk.client, sign_at=make.london(date(2026, 10, 3), "09:00"))
    book(desk, "14:30")
    assert plan() == 0
    session.rollback()
    kinds = set(session.scalars(select(Task.kind).where(Task.closed_at.is_(None))))
    assert kinds >= {"reminder_by_person", "recheck_safe_contact"}
