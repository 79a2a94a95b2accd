"""What booking honours: recorded by her worker, kept by every offer, and its reason shown to nobody."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.booking import offers, openings, queries
from portal.booking.rules import ClosedThatDay, SlotTaken
from portal.centres.models import Room
from portal.clients import booking_needs
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, change
from tests.support import make, sign_in


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk()


def record(desk, *, needs=(), workers=(), centres=()):
    with unit_of_work():
        booking_needs.record(
            desk.jo.actor, desk.client.id, needs=set(needs), workers=set(workers), centres=set(centres), now=clock.now()
        )


def test_a_worker_she_asked_not_to_see_is_never_offered_whoever_books(desk):
    priya = make.staff("keyworker", desk.centre, first_name="Priya")
    mine = book(desk, "09:00", worker_id=priya.id)
    record(desk, workers=[priya.id])
    at = offers.place(desk.client, desk.kind.id, desk.centre.id)
    assert [worker.id for worker in at.workers] == [desk.jo.id]
    with pytest.raises(SlotTaken):
        book(desk, "10:00", worker_id=priya.id, actor=desk.reception.actor)
    assert queries.see_again(desk.client.id) is None
    assert change(desk, mine, "11:00").worker_id == desk.jo.id
    assert book(desk, "10:00", client=make.client(desk.jo), worker_id=priya.id)


def test_nothing_is_offered_at_a_centre_she_must_stay_away_from(desk):
    other = make.centre("Second House")
    kind = make.kind("Help with money", desk.centre, other)
    record(desk, centres=[desk.centre.id])
    assert [centre.id for centre in openings.centres_offering(desk.client.id, kind.id)] == [other.id]
    for actor in (None, desk.reception.actor):
        with pytest.raises(ClosedThatDay):
            book(desk, "10:00", actor=actor)
    assert book(desk, "10:00", client=make.client(desk.jo))


def test_whoever_needs_a_step_free_room_gets_one_or_no_time(desk):
    with unit_of_work():
        session.merge(desk.centre).rooms[1].step_free = True
    make.staff("keyworker", desk.centre, first_name="Priya")
    record(desk, needs=["step_free"])
    appointment = book(desk, "10:00")
    assert session.get_one(Room, appointment.room_id).step_free
    book(desk, "14:00", client=make.client(desk.jo))
    record(desk)
    assert not session.get_one(Room, book(desk, "12:00").room_id).step_free
    record(desk, needs=["step_free"])
    with unit_of_work():
        session.merge(desk.centre).rooms[1].archived = True
    with pytest.raises(SlotTaken):
        book(desk, "15:00")


def room_with(desk, number: int, **things) -> int:
    """Give a room of the centre some things; gives its id."""
    with unit_of_work():
        room = session.merge(desk.centre).rooms[number]
        for thing, has in things.items():
            setattr(room, thing, has)
        return room.id


def test_whoever_needs_a_quiet_room_or_a_childrens_corner_gets_that_or_no_time(either_database, app, travel):
    desk = at_desk.open_desk(rooms=3)
    make.staff("keyworker", desk.centre, first_name="Priya")
    quiet, corner = room_with(desk, 0, quiet=True), room_with(desk, 1, quiet=True, child_corner=True)
    record(desk, needs=["quiet_room"])
    assert book(desk, "09:00").room_id == quiet
    record(desk, needs=["quiet_room", "child_corner"])
    assert book(desk, "10:00", actor=desk.jo.actor).room_id == corner
    room_with(desk, 1, archived=True)
    with pytest.raises(SlotTaken):
        book(desk, "11:00", actor=desk.jo.actor)


def test_who_needs_no_special_room_is_given_one_only_when_no_other_is_free(either_database, app, travel):
    desk = at_desk.open_desk(rooms=3)
    for name in ("Priya", "Ana"):
        make.staff("keyworker", desk.centre, first_name=name)
    both, quiet = room_with(desk, 0, quiet=True, step_free=True), room_with(desk, 1, quiet=True)
    plain = session.merge(desk.centre).rooms[2].id
    taken = [book(desk, "10:00", client=make.client(desk.jo, desk.centre)).room_id for _ in range(3)]
    assert taken == [plain, quiet, both]


def test_staff_are_told_where_there_is_no_such_room_when_they_record_it(page_client, desk):
    sign_in.as_staff(page_client, desk.jo)
    second, away_id, not_used = make.centre("Second House"), make.centre("Third House").id, make.centre("Fourth House")
    with unit_of_work():
        session.merge(second).rooms[0].quiet = True
        session.merge(not_used).archived = True
    address = f"/staff/clients/{desk.client.id}/booking-needs"
    page_client.get(address)
    page = page_client.submit(address, needs=["quiet_room", "child_corner", "fares"], centres=[str(away_id)])
    home = desk.centre.name
    assert f"No room at {home} is quiet: what takes a room cannot be booked there for her." in page.html
    told = next(words for words in page.html.split("<p") if "has a children" in words)
    assert home in told and "Second House" in told and "Third House" not in told and "Fourth House" not in told
    assert booking_needs.read(desk.jo.actor, desk.client.id).needs == {"quiet_room", "child_corner", "fares"}
    page = page_client.get(
        f"/staff/clients/{desk.client.id}/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day={THURSDAY}"
    )
    assert "No room at this centre has what she needs." in page.text


def test_her_worker_records_it_on_a_form_and_the_reading_is_logged(page_client, desk):  # R30
    sign_in.as_staff(page_client, desk.jo)
    address = f"/staff/clients/{desk.client.id}/booking-needs"
    page = page_client.get(page_client.get(f"/staff/clients/{desk.client.id}").links()["What booking honours"])
    assert page.address == address
    page = page_client.submit(address, needs=["step_free", "fares"], workers=[str(desk.reception.id)])
    assert page.address == f"/staff/clients/{desk.client.id}"
    recorded = booking_needs.read(desk.jo.actor, desk.client.id)
    assert (recorded.needs, recorded.workers) == ({"step_free", "fares"}, {desk.reception.id})
    assert booking_needs.needs_of([desk.client.id]) == {desk.client.id: ["step_free", "fares"]}
    page = page_client.get(address)
    ticked = {field.get("value") for field in page.find_all("input", name="needs") if field.get("checked") is not None}
    assert ticked == {"step_free", "fares"}
    actions = set(session.scalars(select(AuditEntry.action).where(AuditEntry.client_id == desk.client.id)))
    assert {"client_read", "booking_needs_recorded"} <= actions


def test_what_is_not_in_the_lists_is_refused_and_strangers_find_nothing(page_client, desk):  # R29
    client_id, jo_id = desk.client.id, desk.jo.id
    for wrong in ({"needs": ["a horse"]}, {"workers": [2**31]}, {"centres": [-1]}):
        with pytest.raises(Invalid):
            record(desk, **wrong)
        session.add_all([desk.client, desk.jo])
    stranger = make.staff("keyworker", make.centre())
    sign_in.as_staff(page_client, stranger)
    for number in (client_id, 0, 2**31):
        assert page_client.get(f"/staff/clients/{number}/booking-needs").status == 404
    with unit_of_work():
        session.add(Restriction(client_id=client_id, staff_id=jo_id, since_at=clock.now()))
    with pytest.raises(NotFound):
        booking_needs.read(session.get_one(Staff, jo_id).actor, client_id)


def test_her_pages_do_not_say_why(page_client, desk):
    priya = make.staff("keyworker", desk.centre, first_name="Priya")
    record(desk, workers=[priya.id], needs=["step_free"])
    with unit_of_work():
        session.merge(desk.centre).rooms[0].step_free = True
    sign_in.as_client(page_client, desk.client)
    page = page_client.get(f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}&day={THURSDAY}")
    assert "Priya" not in page.text
    assert "step" not in page.text.lower()
