"""What the diary shows: days of a centre by worker or by room, booked and free, and where an appointment could move."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.booking import availability, group_reading, offers, openings, timetable
from portal.booking.group_reading import Sitting
from portal.booking.models import Appointment, AppointmentState
from portal.booking.queries import Booked, visible_appointments
from portal.booking.timetable import Cell, Interval
from portal.centres.models import Room
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session
from portal.staff.queries import first_names

MOVE_STEP_MINUTES = 30

Entry = Booked | Sitting
"""What stands in a diary: one woman's appointment, or a group session with all who come to it."""


@dataclass(frozen=True)
class Column:
    """A worker's or a room's day: what is booked, and when it is free."""

    id: int
    name: str
    entries: list[Entry]
    free: list[Interval]
    cells: list[Cell[Entry]] = field(default_factory=list)
    starts: list[availability.FreeTime] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """One day of a centre; `rows` are the starts of the timetable's rows."""

    on: date
    is_open: bool
    rows: list[datetime]
    columns: list[Column]


@dataclass(frozen=True)
class _Takes:
    """Everybody and every room of a centre, as `openings.taken` asks for them."""

    centre_id: int
    workers: Sequence[availability.Worker]
    resources: list[str]
    client_id: int = 0


def days(actor: Actor, centre_id: int, first: date, count: int, *, by: str) -> list[Day]:
    """Some days of a centre in some eight queries, whatever the number of bookings; `by` is `worker` or `room`.

    What the actor must not know of (R29) is neither booked nor free there: it looks like an absence.
    """
    week = openings.week(0, centre_id, since=first)
    span = (clock.london_midnight(first), clock.london_midnight(first + timedelta(days=count)))
    groups = group_reading.sittings(actor, span, centre_ids=[centre_id])
    booked: list[Entry] = sorted([*_booked(actor, centre_id, span), *groups], key=_span)
    ids = sorted({*week.shifts, *(_worker_of(one) for one in booked)})
    names = {"worker": first_names(ids), "room": _rooms(centre_id)}[by]
    workers = [week.worker(number) for number in ids]
    resources = [*(f"worker:{number}" for number in ids), *(f"room:{number}" for number in week.rooms)]
    busy = openings.taken(_Takes(centre_id, workers, sorted(resources)), span)
    found = []
    for on in (first + timedelta(days=step) for step in range(count)):
        open_at = availability.windows(on, week.centre.on(on))
        today = [one for one in booked if clock.london_today(_span(one)[0]) == on]
        columns = [
            _column(by, number, names.get(number, ""), today, open_at, week, busy, on)
            for number in (ids if by == "worker" else sorted(names))
        ]
        rows = timetable.rows_of(open_at, [_span(one) for one in today])
        found.append(Day(on, bool(open_at), rows, [_laid_out(each, rows) for each in columns]))
    return found


def starts_for(booked: Booked, on: date, count: int, now: datetime) -> dict[tuple[date, int], list]:
    """Where an appointment could move, by day and worker; nothing for a kind that its centre offers no more."""
    one = booked.appointment
    at = offers.place(booked.client, one.kind_id, one.centre_id, by_staff=True).with_starts_every(MOVE_STEP_MINUTES)
    found: dict[tuple[date, int], list] = defaultdict(list)
    for worker in at.workers:
        for free in offers.free_times(at._replace(workers=[worker]), now=now, from_on=on, days=count, moving=one.id):
            found[clock.london_today(free.starts_at), worker.id].append(free)
    return found


def with_starts(day: Day, starts: dict[tuple[date, int], list], *, by: str) -> Day:
    """The day with the places where the appointment that is moved could go."""
    if by == "worker":
        return replace(day, columns=[_cut(each, starts.get((day.on, each.id), [])) for each in day.columns])
    rooms: dict[int | None, list] = defaultdict(list)
    for (on, _), listed in starts.items():
        for free in listed if on == day.on else ():
            rooms[free.room_id].append(free)
    return replace(day, columns=[_cut(each, sorted(rooms.get(each.id, []))) for each in day.columns])


def _cut(each: Column, starts: list[availability.FreeTime]) -> Column:
    return replace(each, starts=starts, cells=timetable.split(each.cells, [free.starts_at for free in starts]))


def _booked(actor: Actor, centre_id: int, span: Interval) -> list[Booked]:
    statement = (
        visible_appointments(actor)
        .where(
            Appointment.centre_id == centre_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.session_id.is_(None),
            Appointment.starts_at >= span[0],
            Appointment.starts_at < span[1],
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [Booked(*row) for row in session.execute(statement)]


def _rooms(centre_id: int) -> dict[int, str]:
    rows = session.scalars(select(Room).where(Room.centre_id == centre_id, ~Room.archived).order_by(Room.id))
    return {room.id: room.name for room in rows}


def _column(
    by: str,
    number: int,
    name: str,
    today: Iterable[Entry],
    open_at: list[Interval],
    week: openings.Week,
    busy: dict[str, list[Interval]],
    on: date,
) -> Column:
    if by == "room":
        entries = [one for one in today if _room_of(one) == number]
        free = timetable.free_of(open_at, busy.get(f"room:{number}", ()))
    else:
        entries = [one for one in today if _worker_of(one) == number]
        works_at = timetable.shared(open_at, availability.windows(on, week.worker(number).on(on)))
        free = timetable.free_of(works_at, [*busy.get(f"worker:{number}", ()), *busy.get(f"away:{number}", ())])
    return Column(number, name, entries, free)


def _laid_out(each: Column, rows: list[datetime]) -> Column:
    entries = [(*_span(one), one) for one in each.entries]
    return replace(each, cells=timetable.column(rows, entries, each.free))


def _span(one: Entry) -> Interval:
    it = one if isinstance(one, Sitting) else one.appointment
    return it.starts_at, it.ends_at


def _worker_of(one: Entry) -> int:
    return one.worker_id if isinstance(one, Sitting) else one.worker.id


def _room_of(one: Entry) -> int | None:
    if isinstance(one, Sitting):
        return one.room_id
    return one.room.id if one.room else None
