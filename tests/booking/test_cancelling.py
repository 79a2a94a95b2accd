"""Cancelling waits before anyone is told; undoing gives all back; restoring later tells whoever was told."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from portal.booking import cancelling
from portal.booking.models import Appointment, Occupancy
from portal.booking.rules import UNDO_WITHIN, AlreadyBooked, PastTime, SlotTaken
from portal.centres.models import Kind
from portal.clients.models import KeptApart, Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import NotAllowed, NotFound, Stale
from portal.jobs import tasks
from portal.messaging import outbox
from portal.messaging.models import Text
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, cancel, fresh, number_of, own, settle
from tests.support import make


@pytest.fixture
def desk(either_database, app, travel):
    return at_desk.open_desk()


@pytest.fixture
def small_desk(app, travel):
    return at_desk.open_desk()


def undo(appointment, actor):
    with unit_of_work():
        return cancelling.undo(actor, number_of(appointment), now=clock.now())


def restore(appointment, actor):
    with unit_of_work():
        return cancelling.restore(actor, number_of(appointment), now=clock.now())


def taken(appointment) -> int:
    session.rollback()
    return len(session.scalars(select(Occupancy).where(Occupancy.appointment_id == number_of(appointment))).all())


def texts() -> list[tuple[str, str]]:
    session.rollback()
    rows = session.scalars(select(Text).order_by(Text.id).execution_options(populate_existing=True))
    return [(text.kind, text.state) for text in rows]


def test_for_a_while_the_time_stays_taken_and_nobody_is_told(desk, travel):
    make.safe_contact(desk.client)
    mine = book(desk, "10:00")
    cancel(mine, actor=own(desk.client))
    assert taken(mine) == 3
    assert texts() == [("appointment_booked", "waiting")]
    with pytest.raises(SlotTaken):
        book(desk, "10:00", client=make.client(desk.jo), worker_id=desk.jo.id)
    travel.forward(seconds=89)
    tasks.settle_cancellations()
    assert taken(mine) == 3
    travel.forward(seconds=1)
    tasks.settle_cancellations()
    assert taken(mine) == 0
    assert texts() == [("appointment_booked", "skipped"), ("appointment_cancelled", "waiting")]


def test_whoever_asks_for_the_time_later_gets_it_without_waiting_for_the_worker(desk, travel):
    mine = book(desk, "10:00")
    cancel(mine, actor=own(desk.client))
    travel.forward(seconds=90)
    assert book(desk, "10:00", client=make.client(desk.jo)).starts_at == make.london(THURSDAY, "10:00")
    assert fresh(mine).settles_at is None


def test_undone_it_is_as_it_was_and_no_text_was_sent(desk):
    make.safe_contact(desk.client)
    mine = book(desk, "10:00")
    cancel(mine, actor=own(desk.client), reason="ill")
    undo(mine, own(desk.client))
    undo(mine, own(desk.client))
    back = fresh(mine)
    assert (back.state, back.ended_at, back.ended_by_kind, back.end_reason) == ("booked", None, "", None)
    assert (back.settles_at, back.revision, taken(mine)) == (None, 1, 3)
    settle()
    assert texts() == [("appointment_booked", "waiting")]


def test_cancelled_again_after_an_undo_she_is_told_once(small_desk):
    make.safe_contact(small_desk.client)
    mine = book(small_desk, "10:00")
    for _ in range(2):
        cancel(mine, actor=small_desk.jo.actor, reason="Jo is ill")
        undo(mine, small_desk.jo.actor)
    cancel(mine, actor=small_desk.jo.actor, reason="Jo is ill")
    settle()
    settle()
    assert [kind for kind, _ in texts()] == ["appointment_booked", "appointment_cancelled"]


@pytest.mark.parametrize("moved", [False, True])
def test_news_that_came_due_while_it_was_cancelled_is_wanted_again_when_it_is_undone(small_desk, moved):
    make.safe_contact(small_desk.client)
    mine = book(small_desk, "12:00")
    if moved:
        mine = at_desk.change(small_desk, mine, "14:00")
    kind = "appointment_changed" if moved else "appointment_booked"
    number = number_of(mine)
    cancel(mine, actor=small_desk.jo.actor, reason="a slip")
    skip_what_is_due()
    assert (kind, "skipped") in texts()
    with unit_of_work():
        cancelling.undo(small_desk.jo.actor, number, now=clock.now())
    assert texts()[-1] == (kind, "waiting")
    count = len(texts())
    with unit_of_work():
        cancelling.undo(small_desk.jo.actor, number, now=clock.now())
    assert len(texts()) == count


def test_a_reminder_that_was_lost_is_left_to_its_own_duty(small_desk):
    make.safe_contact(small_desk.client)
    mine = book(small_desk, "12:00")
    with unit_of_work():
        session.execute(update(Text).values(state="reached"))
        outbox.queue(
            small_desk.client.id, "reminder_day", subject=f"appointment:{number_of(mine)}", once="r", now=clock.now()
        )
    cancel(mine, actor=small_desk.jo.actor, reason="a slip")
    skip_what_is_due()
    undo(mine, small_desk.jo.actor)
    assert texts() == [("appointment_booked", "reached"), ("reminder_day", "skipped")]
    assert fresh(mine).revision == 2


def skip_what_is_due() -> None:
    """What the sender does with a text that is wanted no more."""
    with unit_of_work():
        waiting = Text.state == "waiting"
        session.execute(
            update(Text).where(waiting).values(state="skipped", reason="not_wanted", settled_at=clock.now())
        )


def test_after_a_while_it_cannot_be_undone(small_desk, travel):
    mine = book(small_desk, "10:00")
    cancel(mine, actor=own(small_desk.client))
    travel.forward(seconds=UNDO_WITHIN.total_seconds())
    with pytest.raises(Stale):
        undo(mine, own(small_desk.client))


def test_an_undo_gives_no_second_booking_of_a_kind(small_desk):
    with unit_of_work():
        session.get_one(Kind, small_desk.kind.id).one_at_a_time = True
    mine = book(small_desk, "10:00")
    cancel(mine, actor=own(small_desk.client))
    second = book(small_desk, "15:00")
    with pytest.raises(AlreadyBooked) as refusal:
        undo(mine, own(small_desk.client))
    assert refusal.value.appointment_id == number_of(second)


def test_a_woman_who_must_not_meet_her_does_not_slip_in_before_the_undo(small_desk):  # R43
    make.staff("keyworker", small_desk.centre, first_name="Priya")
    other = make.client(small_desk.jo)
    with unit_of_work():
        pair = sorted([small_desk.client.id, other.id])
        session.add(KeptApart(one_id=pair[0], other_id=pair[1]))
    cancel(book(small_desk, "11:00"), actor=own(small_desk.client))
    with pytest.raises(SlotTaken):
        book(small_desk, "11:30", client=other)


def test_restored_it_is_a_new_row_and_she_who_was_told_is_told_again(desk):
    make.safe_contact(desk.client)
    mine = book(desk, "10:00")
    cancel(mine, actor=desk.jo.actor, reason="Jo is ill")
    settle()
    back = restore(mine, desk.jo.actor)
    assert (back.state, back.supersedes_id, back.revision) == ("booked", number_of(mine), 2)
    assert taken(back) == 3
    old = fresh(mine)
    assert (old.state, old.end_reason) == ("cancelled", "Jo is ill")
    assert texts() == [
        ("appointment_booked", "skipped"), ("appointment_cancelled", "skipped"), ("appointment_booked", "waiting"),
    ]  # fmt: skip
    with pytest.raises(Stale):
        restore(mine, desk.jo.actor)
    assert len(session.scalars(select(Appointment)).all()) == 2


def test_what_is_taken_or_past_is_not_restored(desk, travel):
    mine = book(desk, "10:00")
    cancel(mine, actor=desk.jo.actor, reason="Jo is ill")
    with pytest.raises(Stale):
        restore(mine, desk.jo.actor)
    settle()
    book(desk, "10:00", client=make.client(desk.jo))
    with pytest.raises(SlotTaken):
        restore(mine, desk.jo.actor)
    travel.to("2026-12-03 10:01")
    with pytest.raises(PastTime):
        restore(mine, desk.jo.actor)


def test_only_staff_restore_and_only_whom_they_may_see(small_desk):  # R29
    mine = book(small_desk, "10:00")
    cancel(mine, actor=own(small_desk.client))
    settle()
    with pytest.raises(NotAllowed):
        restore(mine, own(small_desk.client))
    with unit_of_work():
        session.add(Restriction(client_id=small_desk.client.id, staff_id=small_desk.reception.id, since_at=clock.now()))
    for act in (restore, undo):
        with pytest.raises(NotFound):
            act(mine, small_desk.reception.actor)


@pytest.mark.parametrize("on", [date(2027, 3, 28), date(2027, 10, 31)])
def test_ninety_seconds_are_ninety_seconds_when_the_clock_changes(app, travel, on):
    travel.to(f"{on - timedelta(days=1)} 10:00")
    desk = at_desk.open_desk()
    mine = book(desk, "10:00", on + timedelta(days=2))
    travel.to(f"{on} 00:59:30")
    cancel(mine, actor=own(desk.client))
    travel.forward(seconds=60)
    assert undo(mine, own(desk.client)).stands
    cancel(mine, actor=own(desk.client))
    travel.forward(seconds=90)
    with pytest.raises(Stale):
        undo(mine, own(desk.client))
