"""Overbooking: a separate act of staff with a reason, which lifts what is taken and nothing else."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking import service
from portal.booking.models import Occupancy
from portal.booking.rules import ClosedThatDay, PastTime, SlotTaken
from portal.clients.models import AvoidedWorker, KeptApart
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed
from portal.messaging.models import Text
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, cancel, fresh, own, settle
from tests.support import make


@pytest.fixture
def desk(either_database, app, travel):
    return at_desk.open_desk(rooms=1)


@pytest.fixture
def small_desk(app, travel):
    return at_desk.open_desk(rooms=1)


def overbook(desk, at: str, client, *, reason="She came in distress", actor=None, on=THURSDAY, key="k1"):
    with unit_of_work():
        return service.overbook(
            actor or desk.reception.actor, client_id=client.id, kind_id=desk.kind.id, centre_id=desk.centre.id,
            worker_id=desk.jo.id, starts_at=make.london(on, at), reason=reason, request_key=key, now=clock.now(),
        )  # fmt: skip


def test_on_top_of_another_it_is_marked_reasoned_logged_and_told(desk):
    first, other = book(desk, "10:00"), make.client(desk.jo)
    make.safe_contact(other)
    second = overbook(desk, "10:30", other)
    assert overbook(desk, "10:30", other).id == second.id
    stored = fresh(second)
    assert (stored.overbooked_reason, stored.worker_id) == ("She came in distress", desk.jo.id)
    assert b"distress" not in stored._overbooked_reason  # R32
    assert fresh(first).overbooked_reason is None
    rows = session.scalars(select(Occupancy).where(Occupancy.appointment_id == stored.id))
    assert {row.resource.split(":")[0]: row.overbooked for row in rows} == {
        "worker": True, "room": True, "client": False,
    }  # fmt: skip
    assert session.scalar(select(AuditEntry.subject).where(AuditEntry.action == "appointment_overbooked"))
    assert session.scalars(select(Text.kind).where(Text.client_id == other.id)).all() == ["appointment_booked"]


def test_what_was_overbooked_is_taken_for_everybody_else_and_its_cancelling_frees_it(desk):
    book(desk, "10:00")
    second = overbook(desk, "10:30", make.client(desk.jo))
    with pytest.raises(SlotTaken):
        book(desk, "11:00", client=make.client(desk.jo))
    cancel(second, actor=desk.jo.actor, reason="Not needed")
    settle()
    assert book(desk, "11:00", client=make.client(desk.jo))


def test_a_free_time_is_just_booked(small_desk):
    appointment = overbook(small_desk, "10:00", small_desk.client)
    assert fresh(appointment).overbooked_reason is None


def test_it_lifts_nothing_but_what_others_have_taken(small_desk, travel):  # R43
    book(small_desk, "10:00")
    other = make.client(small_desk.jo)
    with pytest.raises(SlotTaken):
        overbook(small_desk, "10:30", small_desk.client)
    with pytest.raises(SlotTaken):
        overbook(small_desk, "16:30", other)
    with pytest.raises(ClosedThatDay):
        overbook(small_desk, "10:00", other, on=THURSDAY.replace(day=5))
    with pytest.raises(Invalid):
        overbook(small_desk, "10:30", other, reason="  ")
    with pytest.raises(NotAllowed):
        overbook(small_desk, "10:30", other, actor=own(other))
    with unit_of_work():
        pair = sorted([small_desk.client.id, other.id])
        session.add(KeptApart(one_id=pair[0], other_id=pair[1]))
    with pytest.raises(SlotTaken):
        overbook(small_desk, "10:30", other)
    third = make.client(small_desk.jo)
    with unit_of_work():
        session.add(AvoidedWorker(client_id=third.id, staff_id=small_desk.jo.id))
    with pytest.raises(SlotTaken):
        overbook(small_desk, "10:30", third)
    travel.to("2026-12-03 12:00")
    with pytest.raises(PastTime):
        overbook(small_desk, "10:30", make.client(small_desk.jo))
