"""Closing a day in a hurry: whom it hits, new times, who is told by text and who must be rung, until nobody is left."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from portal.audit.models import AuditEntry
from portal.booking import cancelling, closing
from portal.booking.desk_models import ClosedDay, HitByClosing
from portal.booking.models import Appointment
from portal.booking.rules import ClosedThatDay, SlotTaken
from portal.clients.models import Client, Restriction
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.messaging.models import IncomingText, Text
from portal.staff.models import CentreCover
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import book
from tests.support import make, sign_in

THURSDAY = at_desk.THURSDAY


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk(called_name="Rosamunde")


def close(desk, worker_id=None, on=THURSDAY, actor=None) -> ClosedDay:
    with unit_of_work():
        return closing.close_day(
            actor or desk.reception.actor, centre_id=desk.centre.id, worker_id=worker_id, on=on, now=clock.now()
        )


def states(desk, closed) -> list[str]:
    return [one.state for one in closing.hits(desk.reception.actor, closed)]


def appointments(client_id: int) -> list[Appointment]:
    session.rollback()
    return list(session.scalars(select(Appointment).where(Appointment.client_id == client_id).order_by(Appointment.id)))


def reception_at(page_client, desk, address: str):
    sign_in.as_staff(page_client, desk.reception)
    return page_client.get(address)


def test_on_a_closed_day_nothing_more_is_booked_and_whoever_was_is_listed(desk):
    book(desk, "10:00")
    book(desk, "10:00", on=THURSDAY + timedelta(days=1))
    closed = close(desk)
    with pytest.raises(ClosedThatDay):
        book(desk, "12:00", client=make.client(desk.jo))
    assert states(desk, closed) == ["to_move"]


def test_a_worker_off_sick_hits_her_own_appointments_only(desk):
    ana = make.staff("keyworker", desk.centre, first_name="Ana")
    mine = book(desk, "10:00")
    book(desk, "10:00", client=make.client(ana, desk.centre), worker_id=ana.id)
    closed = close(desk, worker_id=desk.jo.id)
    assert [one.booked.appointment.id for one in closing.hits(desk.reception.actor, closed)] == [mine.id]
    with pytest.raises(SlotTaken):
        book(desk, "12:00", client=make.client(desk.jo), worker_id=desk.jo.id)
    book(desk, "12:00", client=make.client(desk.jo), worker_id=ana.id)


@pytest.fixture
def jo_at_two(app, travel):
    """Jo works at two centres, and has a woman at each on Thursday; Sam is at the first, Pat at the second."""
    desk = at_desk.open_desk(called_name="Rosamunde")
    other = make.centre()
    with unit_of_work():
        session.add(CentreCover(staff_id=desk.jo.id, centre_id=other.id))
    desk.other, desk.pat = other, make.staff("receptionist", other, first_name="Pat")
    desk.there = make.client(make.staff("keyworker", other), other, called_name="Thea")
    desk.here = book(desk, "10:00")
    starts_at = make.london(THURSDAY, "14:00")
    with unit_of_work():
        desk.away = Appointment(
            client_id=desk.there.id, kind_id=desk.kind.id, centre_id=other.id, worker_id=desk.jo.id,
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50), booked_by_kind="staff",
            booked_by_id=desk.jo.id, booked_at=clock.now(),
        )  # fmt: skip
        session.add(desk.away)
    return desk


def listed_for(actor) -> list[str]:
    found = closing.recent(actor, clock.now())
    return [one.booked.client.called_name for closed, _, _ in found for one in closing.hits(actor, closed)]


def rings() -> list[Task]:
    session.rollback()
    return list(session.scalars(select(Task).where(Task.kind == closing.RING, Task.closed_at.is_(None))))


def test_a_worker_who_is_off_sick_is_off_at_all_her_centres_and_each_has_its_list(jo_at_two):
    desk = jo_at_two
    for _ in range(2):
        closed = close(desk, worker_id=desk.jo.id)
        assert closed.centre_id == desk.centre.id
        assert (listed_for(desk.reception.actor), listed_for(desk.pat.actor)) == (["Rosamunde"], ["Thea"])
        assert [(task.client_id, task.centre_id) for task in rings()] == [(desk.there.id, desk.other.id)]
    with unit_of_work():
        ((there, _, waiting),) = closing.recent(desk.pat.actor, clock.now())
        assert waiting == 1
        closing.rang(desk.pat.actor, closing.hits(desk.pat.actor, there)[0].row.id, now=clock.now())
    assert rings() == []


def test_whoever_closes_for_both_centres_is_led_to_both_lists(page_client, jo_at_two):
    desk = jo_at_two
    frances = make.staff("manager", desk.centre, desk.other, first_name="Frances")
    closed = close(desk, worker_id=desk.jo.id, actor=frances.actor)
    assert sorted(listed_for(frances.actor)) == ["Rosamunde", "Thea"]
    address, there = f"/staff/closing/{closed.id}", desk.other.name
    sign_in.as_staff(page_client, frances)
    page = page_client.get(address)
    assert "Thea" not in page.text
    assert "Thea" in page_client.get(page.links()[there]).text
    assert rings() == []


def test_whom_the_closer_must_not_know_is_rung_by_others(desk):  # R29
    book(desk, "10:00")
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=desk.reception.id, since_at=clock.now()))
    close(desk)
    assert [(task.client_id, task.centre_id) for task in rings()] == [(desk.client.id, desk.centre.id)]


def cancel_here(desk, appointment, client=None):
    return at_desk.cancel(appointment, actor=desk.jo.actor if client is None else at_desk.own(client), reason="a slip")


def test_a_cancelling_that_is_undone_after_the_day_was_closed_is_on_the_list(desk):
    mine = book(desk, "10:00")
    make.safe_contact(desk.client)
    cancel_here(desk, mine)
    closed = close(desk)
    assert states(desk, closed) == ["waiting"]
    with unit_of_work():
        cancelling.undo(desk.jo.actor, at_desk.number_of(mine), now=clock.now())
    assert states(desk, closed) == ["to_move"]


def test_who_cancelled_herself_is_told_by_nobody_else(desk):
    cancel_here(desk, book(desk, "10:00"), desk.client)
    closed = close(desk)
    assert states(desk, closed) == ["waiting"]
    at_desk.settle()
    assert (states(desk, closed), rings()) == (["told"], [])


def settle_by_cancelling(desk, closed) -> None:
    with unit_of_work():
        (one,) = closing.hits(desk.reception.actor, closed)
        closing.settle(
            desk.reception.actor, one.row.id, starts_at=None, worker_id=None, request_key="k", now=clock.now()
        )


@pytest.mark.parametrize("contact", [None, {"may_text": False}, {"proved_at": None}, {"safe_hours": []}])
def test_who_cannot_be_texted_that_her_day_is_off_is_rung_by_the_desk_at_once(desk, contact):
    if contact is not None:
        make.safe_contact(desk.client, **contact)
    book(desk, "10:00")
    closed = close(desk)
    settle_by_cancelling(desk, closed)
    for _ in range(2):
        assert [task.client_id for task in rings()] == [desk.client.id]
        assert states(desk, closed) == ["ring"]
        at_desk.settle()
    with unit_of_work():
        closing.rang(desk.reception.actor, session.scalars(select(HitByClosing.id)).one(), now=clock.now())
    assert (states(desk, closed), rings()) == (["told"], [])


def test_who_can_be_texted_that_her_day_is_off_is_not_rung(desk):
    make.safe_contact(desk.client)
    book(desk, "10:00")
    closed = close(desk)
    settle_by_cancelling(desk, closed)
    assert (states(desk, closed), rings()) == (["waiting"], [])
    at_desk.settle()
    assert (states(desk, closed), rings()) == (["waiting"], [])


def test_rung_about_a_cancelling_she_is_told_anew_once_it_was_undone_and_moved(desk):
    mine = at_desk.number_of(book(desk, "10:00"))
    closed = close(desk)
    settle_by_cancelling(desk, closed)
    with unit_of_work():
        number = session.scalars(select(HitByClosing.id)).one()
        closing.rang(desk.reception.actor, number, now=clock.now())
        cancelling.undo(desk.jo.actor, mine, now=clock.now())
        starts_at = make.london(THURSDAY + timedelta(days=1), "11:00")
        closing.settle(
            desk.reception.actor, number, starts_at=starts_at, worker_id=None, request_key="k2", now=clock.now()
        )
    assert states(desk, closed) == ["ring"] and len(rings()) == 1


def test_the_same_day_closed_again_is_the_same_list_with_whoever_came_since(desk):
    book(desk, "10:00")
    first = close(desk, worker_id=desk.jo.id)
    assert close(desk, worker_id=desk.jo.id).id == first.id
    assert states(desk, first) == ["to_move"]
    assert len(session.scalars(select(ClosedDay)).all()) == 1


def test_who_is_here_already_or_has_begun_is_not_hit(desk, travel):
    here, begun, coming = (book(desk, at, client=make.client(desk.jo)) for at in ("12:00", "10:00", "15:00"))
    travel.to("2026-12-03 11:30")
    with unit_of_work():
        session.execute(update(Appointment).where(Appointment.id == here.id).values(arrived_at=travel.now))
    closed = close(desk)
    assert [one.booked.appointment.id for one in closing.hits(desk.reception.actor, closed)] == [coming.id]
    assert begun.id != coming.id


@pytest.mark.parametrize(("days", "reason"), [(-1, "past"), (61, "too_far")])
def test_only_a_day_near_enough_can_be_closed(desk, days, reason):
    with pytest.raises(Invalid) as refusal:
        close(desk, on=date(2026, 12, 1) + timedelta(days=days))
    assert (refusal.value.field, refusal.value.reason) == ("on", reason)


def test_another_centre_and_a_stranger_are_not_there(desk):
    sam, other = desk.reception.actor, make.centre()
    stranger = make.staff("keyworker", other)
    with pytest.raises(NotFound), unit_of_work():
        closing.close_day(sam, centre_id=other.id, worker_id=None, on=THURSDAY, now=clock.now())
    with pytest.raises(Invalid):
        close(desk, worker_id=stranger.id)
    closed = close(desk, actor=desk.reception.actor)
    with pytest.raises(NotFound):
        closing.closed_day(make.staff("receptionist", other).actor, closed.id)
    for number in (0, 99, 2**31):
        with pytest.raises(NotFound):
            closing.closed_day(sam, number)
        with pytest.raises(NotFound):
            closing.hit(sam, number)


def test_no_time_is_proposed_to_two_women(desk):
    women = [make.client(desk.jo) for _ in range(3)]
    for number, woman in enumerate(women):
        book(desk, f"{10 + number}:00", client=woman)
    proposed = closing.proposals(closing.hits(desk.reception.actor, close(desk)), clock.now())
    firsts = [(listed[0].worker_id, listed[0].starts_at) for listed in proposed.values()]
    assert len(set(firsts)) == 3
    starts = sorted(starts_at for _, starts_at in firsts)
    assert all(later - earlier >= timedelta(minutes=60) for earlier, later in itertools.pairwise(starts))
    assert all(clock.london_today(starts_at) > THURSDAY for _, starts_at in firsts)


def test_from_start_to_an_empty_list(page_client, desk):
    """One is told by text, one has no safe contact and is rung; then nobody is left."""
    textable, silent = desk.client, make.client(desk.jo, called_name="Silenta")
    make.safe_contact(textable)
    book(desk, "10:00", client=textable)
    book(desk, "12:00", client=silent)
    ids, centre_id = (textable.id, silent.id), desk.centre.id
    reception_at(page_client, desk, "/staff/closing")
    page = page_client.submit("/staff/closing", centre=str(centre_id), worker_id="", on="2026-12-03")
    assert "2 hit · 2 still to tell" in page.text and "Rosamunde" in page.text and "Rosamunde" not in page.title  # R28
    page = page_client.submit(page.address)
    assert "Done." in page.html
    for client_id in ids:
        old, new = appointments(client_id)
        assert (old.state, new.state) == ("superseded", "booked")
        assert clock.london_today(new.starts_at) > THURSDAY
    session.remove()
    assert [text.state for text in session.scalars(select(Text).where(
        Text.kind == "appointment_changed", Text.client_id == ids[0]))] == ["waiting"]  # fmt: skip
    assert "A text goes" in page.text
    (task,) = session.scalars(select(Task).where(Task.kind == "ring_about_closing"))
    assert task.client_id == ids[1]
    assert "Her day is closed: ring her" in page_client.get("/staff/today").text
    with unit_of_work():
        session.execute(update(Text).where(Text.kind == "appointment_changed").values(state="reached"))
        session.execute(update(Text).where(Text.client_id == ids[1]).values(state="held"))
    page = page_client.get(page.address)
    assert "1 still to tell" in page.text
    page = page_client.get(page.links()["Ring her"])
    assert "Do not ring her" in page.text and "ring" in [row.subject for row in session.scalars(
        select(AuditEntry).where(AuditEntry.client_id == ids[1]))]  # R26  # fmt: skip
    page = page_client.submit(page.address)
    assert "Everybody on this list was told. Nothing is left to do." in page.text
    session.remove()
    (task,) = session.scalars(select(Task).where(Task.kind == "ring_about_closing"))
    assert task.done == "rang_her"
    assert "everybody was told" in page_client.get("/staff/closing").text


def test_her_number_is_shown_only_where_she_may_be_rung(page_client, desk):  # R26
    make.safe_contact(desk.client, may_text=False, may_ring=True, number="+447700900321")
    book(desk, "10:00")
    closed_id, client_id, reception_id = close(desk).id, desk.client.id, desk.reception.id
    reception_at(page_client, desk, f"/staff/closing/{closed_id}")
    page = page_client.submit(page_client.page.address)
    assert "900321" not in page.html
    page = page_client.get(page.links()["Ring her"])
    assert "900321" not in page.html and "Leave a message: no" in page.text
    assert numbers_shown() == []
    page = page_client.submit(page.address.replace("/ring", "/number"))
    assert page.status == 200 and "07700 900321" in page.text and "It is shown this once." in page.text
    assert numbers_shown() == [(client_id, reception_id)]
    page = page_client.submit(page.address.replace("/number", "/ring"))
    assert "Everybody on this list was told." in page.text


def numbers_shown() -> list[tuple[int | None, int | None]]:
    session.rollback()
    rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "number_shown").order_by(AuditEntry.id))
    return [(row.client_id, row.actor_id) for row in rows]


def ask_who_we_are(desk, record) -> None:
    with unit_of_work():
        session.add(
            IncomingText(gateway_sid="SM1", number=record.number, number_index=record.number_index, body="who?",
                         received_at=clock.now(), interpreted_at=clock.now(), meaning="who_is_this")
        )  # fmt: skip


def close_record(desk, record) -> None:
    with unit_of_work():
        session.execute(update(Client).where(Client.id == desk.client.id).values(state="closed"))


@pytest.mark.parametrize(
    ("contact", "then", "why"),
    [
        ({"may_ring": False}, None, "She does not want calls"),
        ({"stopped_at": make.london(date(2026, 12, 1), "09:00")}, None, "A contact may have put her at risk"),  # R47
        ({"check_again_on": date(2026, 12, 1)}, None, "Her safe contact must be checked again"),  # R18
        ({}, ask_who_we_are, "Someone at her number asked who we are"),  # R23
        ({}, close_record, "closed"),
    ],
)
def test_where_she_may_not_be_rung_a_press_shows_no_number_either(page_client, desk, contact, then, why):  # R26
    record = make.safe_contact(desk.client, number="+447700900321", **contact)
    book(desk, "10:00")
    closed = close(desk)
    settle_by_cancelling(desk, closed)
    number = session.scalars(select(HitByClosing.id)).one()
    if then is not None:
        then(desk, record)
        session.refresh(desk.reception)
    page = reception_at(page_client, desk, f"/staff/closing/hits/{number}/ring")
    assert "Do not ring her" in page.text and why in page.text and "900321" not in page.html
    page = page_client.post(f"/staff/closing/hits/{number}/number")
    assert "Do not ring her" in page.text and why in page.text and "900321" not in page.html
    assert numbers_shown() == []


@pytest.mark.parametrize("number", [0, 99, 2**31, "x"])
def test_no_number_is_shown_of_who_is_not_there(page_client, desk, number):
    reception_at(page_client, desk, "/staff/closing")
    assert page_client.post(f"/staff/closing/hits/{number}/number").status == 404


def test_of_who_is_still_to_be_moved_no_number_is_shown(page_client, desk):
    make.safe_contact(desk.client, number="+447700900321")
    book(desk, "10:00")
    close(desk)
    number = session.scalars(select(HitByClosing.id)).one()
    reception_at(page_client, desk, "/staff/closing")
    assert page_client.post(f"/staff/closing/hits/{number}/number").status == 404


@pytest.mark.parametrize(("days", "shown"), [(7, True), (8, False)])
def test_reception_reads_names_for_the_days_of_the_desk_only(page_client, new_page_client, desk, days, shown):  # R28
    on = date(2026, 12, 1) + timedelta(days=days)
    make.safe_contact(desk.client, may_text=False, number="+447700900321")
    book(desk, "10:00", on=on)
    closed = close(desk, on=on)
    settle_by_cancelling(desk, closed)
    number, address = session.scalars(select(HitByClosing.id)).one(), f"/staff/closing/{closed.id}"
    jo = new_page_client()
    sign_in.as_staff(jo, desk.jo)
    page = reception_at(page_client, desk, address)
    assert ("Rosamunde" in page.html, "Booked" in page.text) == (shown, not shown)
    page = page_client.get(f"/staff/closing/hits/{number}/ring")
    assert ("Rosamunde" in page.html) is shown
    assert "Rosamunde" in page_client.submit(f"/staff/closing/hits/{number}/number").text, "whom she rings, in the log"
    assert "Rosamunde" in jo.get(address).text, "her worker reads it"


def test_she_can_be_cancelled_or_left_for_now(page_client, desk):
    book(desk, "10:00")
    other = make.client(desk.jo)
    book(desk, "12:00", client=other)
    ids = (desk.client.id, other.id)
    closed_id = close(desk).id
    rows = {row.client_id: row.id for row in session.scalars(select(HitByClosing))}
    reception_at(page_client, desk, f"/staff/closing/{closed_id}")
    page_client.submit(**{f"to-{rows[ids[0]]}": "cancel", f"to-{rows[ids[1]]}": ""})
    assert [row.state for row in appointments(ids[0])] == ["cancelled"]
    assert [row.state for row in appointments(ids[1])] == ["booked"]
    assert "1 hit" not in page_client.page.text and "2 still to tell" in page_client.page.text


def test_a_time_lost_meanwhile_holds_up_nobody_else(page_client, desk):
    other = make.client(desk.jo)
    book(desk, "10:00")
    book(desk, "12:00", client=other)
    ids, jo_id = (desk.client.id, other.id), desk.jo.id
    closed_id = close(desk).id
    rows = {row.client_id: row.id for row in session.scalars(select(HitByClosing))}
    reception_at(page_client, desk, f"/staff/closing/{closed_id}")
    book(desk, "09:00", on=THURSDAY + timedelta(days=1), client=make.client(desk.jo))
    lost, found = f"{jo_id}@2026-12-04T09:00:00Z", f"{jo_id}@2026-12-04T11:00:00Z"
    page_client.submit(**{f"to-{rows[ids[0]]}": lost, f"to-{rows[ids[1]]}": found})
    assert "1 could not be moved" in page_client.page.html
    assert [row.state for row in appointments(ids[0])] == ["booked"]
    assert [row.state for row in appointments(ids[1])] == ["superseded", "booked"]
    page_client.post(f"/staff/closing/{closed_id}", {f"to-{rows[ids[0]]}": "🙂" * 999, "request_key": "k"})
    assert [row.state for row in appointments(ids[0])] == ["booked"]


def test_whom_the_desk_must_not_know_is_not_on_its_list(page_client, desk):  # R29
    book(desk, "10:00")
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=desk.reception.id, since_at=clock.now()))
    closed = close(desk)
    assert states(desk, closed) == []
    (row,) = session.scalars(select(HitByClosing))
    number = row.id
    assert [one.state for one in closing.hits(desk.jo.actor, closed)] == ["to_move"], "her worker sees her"
    page = reception_at(page_client, desk, f"/staff/closing/{closed.id}")
    assert "Rosamunde" not in page.html and "0 hit" in page.text
    assert page_client.get(f"/staff/closing/hits/{number}/ring").status == 404


@pytest.mark.parametrize("on", [date(2027, 3, 28), date(2026, 12, 27)])
def test_the_whole_london_day_is_closed(desk, travel, on):
    travel.to("2027-03-01 10:00") if on.year == 2027 else travel.to("2026-12-01 10:00")
    for hour in ("00:30", "23:00"):
        starts_at = make.london(on, hour)
        with unit_of_work():
            session.add(
                Appointment(
                    client_id=make_client(desk), kind_id=desk.kind.id, centre_id=desk.centre.id, worker_id=desk.jo.id,
                    starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50), booked_by_kind="staff",
                    booked_by_id=desk.jo.id, booked_at=clock.now(),
                )
            )  # fmt: skip
    assert states(desk, close(desk, on=on)) == ["to_move", "to_move"]


def test_two_people_who_close_one_day_at_once_have_one_list(either_database, app, travel):
    desk = at_desk.open_desk()
    book(desk, "10:00")
    sam, centre_id = desk.reception.actor, desk.centre.id

    def close_it(_) -> int:
        with unit_of_work():
            closed = closing.close_day(sam, centre_id=centre_id, worker_id=None, on=THURSDAY, now=clock.now())
            number = closed.id
        database.session.remove()
        return number

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(close_it, range(3)))) == 1
    session.remove()
    assert len(session.scalars(select(HitByClosing)).all()) == 1


def make_client(desk) -> int:
    return desk.client.id
