"""Places in the crèche: kept by her own booking, moved and given back with it, never more than there are."""

import threading

import pytest
from sqlalchemy import select

from portal.booking import cancelling, childcare, creche, practical, series, service
from portal.booking.models import Occupancy
from portal.booking.rules import UNDO_WITHIN
from portal.centres.creche import kept, read_day
from portal.clients.models import BookingNeeds
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound, Refusal, Stale
from portal.worklist.models import Task
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book, cancel, change, own, settle
from tests.support import make, sign_in


def open_desk(sessions: str = "09:00-12:30 for 2, 12:30-17:00 for 1", **values):
    """A desk whose centre has a crèche on Thursdays."""
    desk = at_desk.open_desk(**values)
    set_creche(desk, sessions)
    return desk


def set_creche(desk, sessions: str) -> None:
    with unit_of_work():
        session.merge(desk.centre).creche = kept(read_day(THURSDAY.weekday(), sessions))


def mother(desk, words: str = "1 child"):
    """A woman who brings so many children."""
    return make.client(desk.jo, desk.centre, preparation={"childcare": words})


def places_of(*appointments) -> list[int]:
    """How many places are kept for each."""
    session.rollback()
    ids = [at_desk.number_of(one) for one in appointments]
    statement = select(Occupancy.appointment_id, Occupancy.starts_at).where(Occupancy.resource.startswith("creche:"))
    rows = [(row.appointment_id, row.starts_at) for row in session.execute(statement)]
    return [max((rows.count(row) for row in set(rows) if row[0] == number), default=0) for number in ids]


def to_solve() -> list[int]:
    """Whose childcare is still somebody's task."""
    session.rollback()
    open_ones = select(Task.client_id).where(Task.kind == childcare.FIND_CHILDCARE, Task.closed_at.is_(None))
    return list(session.scalars(open_ones.order_by(Task.id)))


def free(desk) -> list[int]:
    """How many places are free in each sitting of the day."""
    session.rollback()
    return [number for _, number in creche.free_on(desk.centre.id, THURSDAY)]


def set_help(desk, appointment, places: int, **values):
    facts = {"fare": "", "interpreter": "", "companion": False} | values
    with unit_of_work():
        return practical.set_help(
            desk.reception.actor, at_desk.number_of(appointment), childcare_places=places, now=clock.now(), **facts
        )


def test_her_own_booking_keeps_a_place_and_stands_without_one_too(either_database, app, travel):
    desk = open_desk("09:00-17:00 for 1")
    make.staff("keyworker", desk.centre, first_name="Priya")
    first, second = mother(desk), mother(desk)
    one, other = book(desk, "10:00", client=first), book(desk, "11:00", client=second)
    assert places_of(one, other) == [1, 0]
    assert to_solve() == [second.id]
    prepared = practical.to_prepare([service.queries.booked(desk.jo.actor, at_desk.number_of(other))])
    assert prepared[at_desk.number_of(other)].words == ["1 childcare place to find"]
    assert places_of(book(desk, "14:00", client=make.client(desk.jo))) == [0]


def test_a_need_on_record_counts_as_one_child(app, travel):
    desk = open_desk()
    with unit_of_work():
        session.add(
            BookingNeeds(client_id=desk.client.id, childcare=True, recorded_by=desk.jo.id, recorded_at=clock.now())
        )
    assert places_of(book(desk, "10:00")) == [1]


def test_a_place_is_taken_for_each_sitting_that_the_time_falls_into(app, travel):
    desk = open_desk()
    across = book(desk, "12:00", client=mother(desk))
    assert free(desk) == [1, 0]
    assert places_of(across) == [1]
    assert places_of(book(desk, "15:00", client=mother(desk))) == [0]
    assert places_of(book(desk, "10:00", client=mother(desk))) == [1]


def test_by_phone_no_place_is_kept(app, travel):
    desk = open_desk()
    desk.kind = make.kind("Call", desk.centre, mode="phone", needs_room=False)
    assert places_of(book(desk, "10:00", client=mother(desk))) == [0]
    assert to_solve() == []


def test_moving_carries_places_over_where_there_are_any_and_else_says_so(either_database, app, travel):
    desk = open_desk("09:00-12:30 for 2")
    desk.client = mother(desk, "2 children")
    mine = book(desk, "10:00")
    assert free(desk) == [0]
    mine = change(desk, mine, "11:00")
    assert (places_of(mine), free(desk), to_solve()) == ([2], [0], [])
    mine = change(desk, mine, "14:00")
    assert (places_of(mine), free(desk), to_solve()) == ([0], [2], [desk.client.id])
    mine = change(desk, mine, "09:30")
    assert (places_of(mine), free(desk), to_solve()) == ([2], [0], [])


def test_cancelling_frees_them_once_it_is_settled_and_restoring_takes_them_again(app, travel):
    desk = open_desk("09:00-12:30 for 1")
    desk.client = mother(desk)
    mine = book(desk, "10:00")
    cancel(mine, actor=own(desk.client))
    assert free(desk) == [0]
    assert settle() == 1
    assert free(desk) == [1]
    with unit_of_work():
        mine = cancelling.restore(desk.reception.actor, at_desk.number_of(mine), now=clock.now())
    assert (places_of(mine), free(desk)) == ([1], [0])


def test_a_series_keeps_a_place_on_each_date(app, travel):
    desk = open_desk("09:00-12:30 for 1")
    woman = mother(desk)
    with unit_of_work():
        made = series.book_series(
            desk.jo.actor, client_id=woman.id, kind_id=desk.kind.id, centre_id=desk.centre.id, worker_id=None,
            first_on=THURSDAY, local_at=make.time(10), every_weeks=1, times=2, now=clock.now(),
        )  # fmt: skip
        numbers = [one.id for one in made.booked]
    session.rollback()
    rows = session.scalars(select(Occupancy.appointment_id).where(Occupancy.resource.startswith("creche:")))
    assert sorted(rows) == numbers


def test_the_desk_is_refused_more_than_there_are_unless_it_is_to_be_solved(app, travel):
    desk = open_desk("09:00-12:30 for 2")
    first, second = book(desk, "10:00", client=mother(desk)), book(desk, "11:00")
    with pytest.raises(Invalid, match="full"):
        set_help(desk, second, 2)
    assert places_of(first, second) == [1, 0]
    set_help(desk, second, 2, without_place=True)
    assert (places_of(second), to_solve()) == ([1], [desk.client.id])
    cancel(first, actor=desk.reception.actor, reason="x")
    settle()
    set_help(desk, second, 2)
    assert (places_of(second), to_solve()) == ([2], [])
    set_help(desk, second, 0)
    assert free(desk) == [2]
    late = book(desk, "14:00", client=make.client(desk.jo))
    with pytest.raises(Invalid, match="closed"):
        set_help(desk, late, 1)


def test_fewer_places_than_were_kept_before_are_never_given_out_again(app, travel):
    desk = open_desk("09:00-12:30 for 3")
    one, _, _ = [book(desk, at, client=mother(desk)) for at in ("09:00", "10:00", "11:00")]
    set_creche(desk, "09:00-12:30 for 2")
    cancel(one, actor=desk.reception.actor, reason="x")
    settle()
    assert free(desk) == [0]


class Presser(threading.Thread):
    """The desk and one mother, who press at once: booking, moving, cancelling, saying how many children."""

    def __init__(self, number: int, desk, client_id: int, signal: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.number, self.desk, self.client_id, self.signal = number, desk, client_id, signal
        self.faults: list[str] = []

    def run(self) -> None:
        self.signal.wait()
        mine = None
        for turn, act in enumerate(("book", "help", "move", "help", "cancel", "book", "move")):
            at = make.london(THURSDAY, f"{9 + (self.number + turn) % 7:02}:00")
            try:
                # Patient: a slow machine may let one wait long for the one writer of SQLite.
                with unit_of_work(patience=60):
                    mine = self.act(act, mine, at, f"{self.number}-{turn}") or mine
            except (Refusal, Stale, NotFound):
                pass
            except Exception as fault:  # noqa: BLE001  # none may be there
                self.faults.append(f"{act}: {type(fault).__name__} {fault}"[:300])
            finally:
                database.session.remove()

    def act(self, act: str, mine: int | None, at, key: str) -> int | None:
        now, actor = clock.now(), self.desk.actor
        if act == "book":
            return service.book(
                actor, client_id=self.client_id, kind_id=self.desk.kind_id, centre_id=self.desk.centre_id,
                starts_at=at, request_key=key, now=now,
            ).id  # fmt: skip
        if mine is None:
            return None
        if act == "move":
            return service.change(actor, mine, starts_at=at, request_key=key, now=now).id
        if act == "cancel":
            service.cancel(actor, mine, reason="storm", now=now)
            cancelling.settle_due(now + UNDO_WITHIN)
            return None
        practical.set_help(
            actor, mine, childcare_places=1 + self.number % 2, fare="", interpreter="", companion=False,
            without_place=True, now=now,
        )  # fmt: skip
        return None


def test_in_a_storm_no_place_is_given_twice_and_never_more_than_there_are(either_database, app, travel):
    desk = open_desk("09:00-12:30 for 2, 12:30-17:00 for 3", rooms=8)
    for _ in range(7):
        make.staff("keyworker", desk.centre)
    desk.actor, desk.kind_id, desk.centre_id = desk.reception.actor, desk.kind.id, desk.centre.id
    mothers = [mother(desk, f"{1 + number % 2} children").id for number in range(8)]
    session.remove()
    signal = threading.Barrier(8)
    pressers = [Presser(number, desk, client_id, signal) for number, client_id in enumerate(mothers)]
    for presser in pressers:
        presser.start()
    for presser in pressers:
        presser.join(120)
    assert [fault for presser in pressers for fault in presser.faults] == []
    rows = session.execute(
        select(Occupancy.resource, Occupancy.starts_at).where(Occupancy.resource.startswith("creche:"))
    ).all()
    assert rows
    for places, sitting in ((2, "09:00"), (3, "12:30")):
        taken = [row.resource for row in rows if row.starts_at == make.london(THURSDAY, sitting)]
        assert len(taken) == len(set(taken)) <= places


def test_the_desk_sees_how_many_are_free_and_loses_nothing_when_there_are_not_enough(page_client, app, travel):
    desk = open_desk("09:00-12:30 for 1")
    book(desk, "10:00", client=mother(desk))
    sign_in.as_staff(page_client, desk.jo)
    woman = mother(desk, "2 children")
    address = f"/staff/clients/{woman.id}/appointments"
    page = page_client.get(f"{address}/new?kind={desk.kind.id}&centre={desk.centre.id}&day=2026-12-03")
    assert "Crèche: 09:00 to 12:30, 0 of 1 place free" in page.text
    assert page.field("childcare_places") == "2"
    page = page_client.submit(address, starts_at="2026-12-03T11:00:00Z", fare="given")
    assert page.status == 422
    assert "The crèche has not so many places free then." in page.text
    assert page.field("childcare_places") == "2"
    chosen = [*page.find_all("option", value="given"), *page.find_all("input", value="2026-12-03T11:00:00Z")]
    assert [node.get("selected", node.get("checked")) is not None for node in chosen] == [True, True]
    page = page_client.submit(address, without_place="y")
    assert "Booked." in page.html and "The crèche has no place for her then." in page.html
    assert to_solve() == [woman.id]
    page = page_client.get("/staff/today?day=2026-12-02")
    assert "2 childcare places to find" in page.text
    assert "Childcare places: 3, 2 still to find." in page.text
