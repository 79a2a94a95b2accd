"""Reading what could be booked: kinds, centres, workers, their hours, and what is taken."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any, Protocol

from sqlalchemy import (
    CompoundSelect,
    Date,
    Exists,
    Integer,
    Select,
    String,
    Time,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import lazyload

from portal.booking import availability
from portal.booking.availability import Interval, Worker
from portal.booking.matching import CHILD_CORNER, CHILDCARE, QUIET, STEP_FREE
from portal.booking.models import Appointment, AppointmentState, Occupancy
from portal.centres.models import Centre, CentreKind, Closure, Kind, OpeningHours, Room, bank_holidays
from portal.centres.rules import NO_DATES, Span
from portal.clients.models import AvoidedCentre, AvoidedWorker, BookingNeeds, KeptApart, Restriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.at_once import read_at_once, read_plain
from portal.core.database import UtcDateTime, among, get_or_none, on_sqlite, session
from portal.core.errors import NotFound
from portal.core.week import Window
from portal.staff.models import Absence, Staff, WorkingHours


@dataclass
class Week:
    """When a centre is open; `shifts` and `one_offs` are its workers' hours by staff id.

    `rooms` say what each has and `needs` what she must have, as bits of `matching`; `speakers` speak her language.
    """

    hours: list[Window] = field(default_factory=list)
    shifts: dict[int, list[Window]] = field(default_factory=lambda: defaultdict(list))
    speakers: set[int] = field(default_factory=set)
    rooms: dict[int, int] = field(default_factory=dict)
    needs: int = 0
    closures: list[tuple[date, date]] = field(default_factory=list)
    has_kept_apart: bool = False
    dated: dict[date, list[Span]] = field(default_factory=lambda: defaultdict(list))
    one_offs: dict[int, dict[date, list[Span]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    holidays: set[date] = field(default_factory=set)

    @property
    def centre(self) -> availability.Centre:
        """The centre as the rules of free times take it."""
        return availability.Centre(self.hours, self.closures, self.dated, self.holidays)

    def worker(self, number: int) -> Worker:
        """One of its workers as they take her, without absences."""
        return Worker(number, self.shifts.get(number, ()), (), self.one_offs.get(number, NO_DATES))


class Takes(Protocol):
    """What `taken` must know about a place."""

    @property
    def centre_id(self) -> int:
        """The centre."""

    @property
    def client_id(self) -> int:
        """The woman."""

    @property
    def workers(self) -> Sequence[Worker]:
        """Who could see her."""

    @property
    def resources(self) -> list[str]:
        """Everything that a booking might take."""


def kinds_offered(*, by_staff: bool = False) -> list[Kind]:
    """The kinds of appointment that can be booked at any centre."""
    offered = select(CentreKind.kind_id).join(Centre, Centre.id == CentreKind.centre_id).where(~Centre.archived)
    statement = select(Kind).where(Kind.id.in_(offered), *open_kinds(by_staff=by_staff)).order_by(Kind.id)
    return list(session.scalars(statement))


def centres_offering(client_id: int, kind_id: int, worker_id: int | None = None) -> list[Centre]:
    """The centres that offer a kind to a woman, by name; with a worker, those where she can be booked."""
    statement = (
        select(Centre)
        .join(CentreKind, CentreKind.centre_id == Centre.id)
        .where(CentreKind.kind_id == kind_id, ~Centre.archived, ~_avoids_centre(client_id, Centre.id))
        .order_by(Centre.name)
    )
    if worker_id is not None:
        here = select(WorkingHours.centre_id).where(WorkingHours.staff_id == worker_id, *_not_over())
        statement = statement.where(Centre.id.in_(here))
    return list(session.scalars(statement))


def centre(centre_id: int) -> Centre:
    """A centre; raises NotFound."""
    found = get_or_none(Centre, centre_id)
    if found is None:
        raise NotFound("centre")
    return found


def centres_open() -> list[Centre]:
    """All centres in use, by name."""
    return list(session.scalars(select(Centre).where(~Centre.archived).order_by(Centre.name)))


def centres_of(actor: Actor) -> list[Centre]:
    """The centres that a member of staff covers, by name."""
    return [centre for centre in centres_open() if centre.id in actor.centres]


def workers_by_id() -> dict[int, str]:
    """First names of everybody who can be booked, by staff id."""
    bookable = select(WorkingHours.staff_id).where(*_not_over()).distinct()
    people = session.scalars(
        select(Staff).options(lazyload(Staff.covers)).where(Staff.active, Staff.id.in_(bookable)).order_by(Staff.id)
    )
    return {person.id: person.first_name for person in people}


def who_speaks(language: str | None) -> set[int]:
    """The ids of those who work here and speak a language, by its code."""
    return set(session.scalars(select(Staff.id).where(Staff.active, _speaks(bindparam("language", language, String)))))


def worker_of(worker_id: int) -> Staff | None:
    """A member of staff who still works here, or None."""
    return session.scalars(
        select(Staff).options(lazyload(Staff.covers)).where(Staff.id == worker_id, Staff.active)
    ).first()


def offered_kind(kind_id: int, centre_id: int, *, by_staff: bool) -> Kind:
    """A kind that a centre offers; raises NotFound otherwise."""
    asked = {"kind_id": kind_id, "centre_id": centre_id}
    found: tuple[Kind] | None = read_at_once(_offered_statement(by_staff=by_staff), asked, Kind)
    if found is None:
        raise NotFound("kind at centre")
    return found[0]


def week(
    client_id: int,
    centre_id: int,
    on: date | None = None,
    language: str | None = None,
    *,
    since: date | None = None,
) -> Week:
    """Opening hours, rooms, closures and hours of the workers who may know of her (R29), in one query.

    It leaves out whom and where she does not go, as if they were not there. With `on` only what holds on that London
    day, else what holds from `since` on, which is today if nothing is said; `language` is the code of hers;
    `has_kept_apart` says that there is a woman she must not meet (R43).
    """
    found = Week()
    facts: dict[str, object] = {"centre_id": centre_id, "client_id": client_id, "language": language}
    facts["since"] = on or since or clock.london_today(clock.now())
    if on is not None:
        facts["weekday"] = on.weekday()
    rows = read_plain(_week_statement(one_day=on is not None), facts).all()
    for what, number, weekday, local_from, local_until, first_on, last_on in rows:
        if what == "hours" and first_on is None:
            found.hours.append((weekday, local_from, local_until))
        elif what == "hours":
            found.dated[first_on].append((local_from, local_until))
        elif what in ("shift", "speaks"):
            if what == "speaks":
                found.speakers.add(number)
            # Named in `shifts` too, so that who comes for that date alone is one of the workers.
            shifts = found.shifts[number]
            if first_on is None:
                shifts.append((weekday, local_from, local_until))
            else:
                found.one_offs[number][first_on].append((local_from, local_until))
        elif what == "elsewhere":
            # Her one-off hours at another centre replace her weekly ones here.
            found.one_offs[number].setdefault(first_on, [])
        elif what == "holiday":
            found.holidays.add(first_on)
        elif what == "room":
            found.rooms[number] = weekday
        elif what == "needs":
            found.needs = weekday
        elif what == "apart":
            found.has_kept_apart = True
        else:
            found.closures.append((first_on, last_on))
    return found


def taken(
    at: Takes, span: Interval, moving: int | None = None, offer: int | None = None, *, none_apart: bool = False
) -> dict[str, list[Interval]]:
    """What reaches into a span, by resource, in one query; `away:3` are absences, `apart` women she must not meet.

    The span is the caller's to widen by what must lie between two bookings. What the appointment `moving` and the offer
    `offer` hold counts as free. `none_apart`: this unit of work has read already that there is no such woman.
    """
    facts = {
        "begins_at": span[0],
        "ends_at": span[1],
        "day_before_at": span[0] - timedelta(days=1),
        "day_after_at": span[1] + timedelta(days=1),
        "resources": at.resources,
        "workers": [worker.id for worker in at.workers],
        "centre_id": at.centre_id,
        "client_id": at.client_id,
        "moving": moving or 0,
        "offer": offer or 0,
    }
    busy: dict[str, list[Interval]] = defaultdict(list)
    rows = read_plain(_taken_statement(on_sqlite(), none_apart=none_apart), facts).all()
    for resource, starts_at, ends_at in rows:
        busy[resource].append((starts_at, ends_at))
    for intervals in busy.values():
        intervals.sort()
    return busy


def open_kinds(*, by_staff: bool) -> tuple:
    """The conditions under which a kind can be booked by women, or by staff."""
    open_kind = (~Kind.archived, ~Kind.group)
    return open_kind if by_staff else (*open_kind, Kind.bookable_by_clients)


def _not_over() -> tuple:
    """That hours still come: weekly ones, or one-off ones that are not over."""
    return (or_(WorkingHours.only_on.is_(None), WorkingHours.only_on >= clock.london_today(clock.now())),)


def _avoids_centre(client_id: Any, centre_id: Any) -> Exists:
    return exists().where(AvoidedCentre.client_id == client_id, AvoidedCentre.centre_id == centre_id)


def _word(name: str) -> Any:
    """A word of ours written into the statement: as a parameter each run would bind it anew."""
    return literal_column(f"'{name}'", String)


def _bits(*facts: tuple[Any, int]) -> Any:
    """Yes and no in some columns as the bits of one number."""
    none = literal_column("0", Integer)
    return sum((case((column, literal_column(str(bit), Integer)), else_=none) for column, bit in facts), none)


def _speaks(language: Any) -> Any:
    """Whether a worker speaks a language, by its code in her list of them; nobody speaks none."""
    return cast(Staff.languages, String).contains(literal('"') + language + literal('"'))


# Built once, when first used: putting a statement together takes longer than running it.
@cache
def _offered_statement(*, by_staff: bool) -> Select[Kind]:
    return (
        select(Kind)
        .join(CentreKind, CentreKind.kind_id == Kind.id)
        .join(Centre, Centre.id == CentreKind.centre_id)
        .where(Kind.id == bindparam("kind_id"), Centre.id == bindparam("centre_id"))
        .where(~Centre.archived, *open_kinds(by_staff=by_staff))
    )


@cache
def _week_statement(*, one_day: bool) -> CompoundSelect:
    weekday, since = bindparam("weekday", type_=Integer), bindparam("since", type_=Date)
    no_day, no_time, no_date = cast(null(), Integer), cast(null(), Time), cast(null(), Date)
    centre_id, client_id = bindparam("centre_id", type_=Integer), bindparam("client_id", type_=Integer)

    def holds(table: type[OpeningHours] | type[WorkingHours]) -> tuple:
        # A dated row bears the weekday of its date, so one day is found by its weekday either way.
        if one_day:
            return table.weekday == weekday, or_(table.only_on.is_(None), table.only_on == since)
        return (or_(table.only_on.is_(None), table.only_on >= since),)

    def comes(on: Any) -> Any:
        return on == since if one_day else on >= since

    opening = select(
        _word("hours").label("what"),
        OpeningHours.id.label("number"),
        OpeningHours.weekday,
        OpeningHours.local_from,
        OpeningHours.local_until,
        OpeningHours.only_on.label("first_on"),
        no_date.label("last_on"),
    ).where(OpeningHours.centre_id == centre_id, ~_avoids_centre(client_id, centre_id), *holds(OpeningHours))
    windows = (WorkingHours.weekday, WorkingHours.local_from, WorkingHours.local_until, WorkingHours.only_on)
    must_not_know = select(Restriction.staff_id).where(Restriction.client_id == client_id)
    shifts = (
        select(
            case((_speaks(bindparam("language", type_=String)), _word("speaks")), else_=_word("shift")),
            WorkingHours.staff_id,
            *windows,
            no_date,
        )
        .join(Staff, Staff.id == WorkingHours.staff_id)
        .where(WorkingHours.centre_id == centre_id, Staff.active, Staff.id.not_in(must_not_know))
        .where(Staff.id.not_in(select(AvoidedWorker.staff_id).where(AvoidedWorker.client_id == client_id)))
        .where(*holds(WorkingHours))
    )
    elsewhere = select(_word("elsewhere"), WorkingHours.staff_id, *windows, no_date).where(
        WorkingHours.centre_id != centre_id, comes(WorkingHours.only_on)
    )
    holidays = select(_word("holiday"), no_day, no_day, no_time, no_time, bank_holidays.c.on, no_date).where(
        comes(bank_holidays.c.on)
    )
    has = _bits((Room.step_free, STEP_FREE), (Room.quiet, QUIET), (Room.child_corner, CHILD_CORNER))
    rooms = select(_word("room"), Room.id, has, no_time, no_time, no_date, no_date).where(
        Room.centre_id == centre_id, ~Room.archived
    )
    must_have = _bits(
        (BookingNeeds.step_free, STEP_FREE),
        (BookingNeeds.quiet_room, QUIET),
        (BookingNeeds.child_corner, CHILD_CORNER),
        (BookingNeeds.childcare, CHILDCARE),
    )
    needs = select(_word("needs"), BookingNeeds.id, must_have, no_time, no_time, no_date, no_date).where(
        BookingNeeds.client_id == client_id
    )
    closures = select(_word("closure"), Closure.id, no_day, no_time, no_time, Closure.starts_on, Closure.ends_on).where(
        Closure.centre_id == centre_id, Closure.ends_on >= since
    )
    pairs = or_(KeptApart.one_id == client_id, KeptApart.other_id == client_id)
    apart = select(_word("apart"), KeptApart.id, no_day, no_time, no_time, no_date, no_date).where(pairs)
    return union_all(opening, shifts, elsewhere, holidays, rooms, needs, closures, apart)


@cache
def _taken_statement(one_writer: bool, *, none_apart: bool) -> CompoundSelect:
    begins_at, ends_at = bindparam("begins_at", type_=UtcDateTime), bindparam("ends_at", type_=UtcDateTime)
    client_id, none = bindparam("client_id", type_=Integer), literal_column("-1", Integer)
    occupied = select(Occupancy.resource.label("resource"), Occupancy.starts_at, Occupancy.ends_at).where(
        among(Occupancy.resource, "resources"),
        # No occupancy is longer than a day: bounded on both sides, the index reads the asked days alone.
        Occupancy.ends_at.between(begins_at, bindparam("day_after_at", type_=UtcDateTime)),
        Occupancy.starts_at < ends_at,
        # What a group session or an offer holds is no appointment that could be moving.
        func.coalesce(Occupancy.appointment_id, none) != bindparam("moving", type_=Integer),
        func.coalesce(Occupancy.offer_id, none) != bindparam("offer", type_=Integer),
    )
    away = select(_word("away:") + cast(Absence.staff_id, String), Absence.starts_at, Absence.ends_at).where(
        among(Absence.staff_id, "workers"),
        Absence.ends_at > begins_at,
        Absence.starts_at < ends_at,
    )
    # Read with the place already; once more under the locks, because somebody may have said so in between (R29).
    must_not_know = select(_word("away:") + cast(Restriction.staff_id, String), begins_at, ends_at).where(
        Restriction.client_id == client_id
    )
    others = union_all(
        select(KeptApart.other_id).where(KeptApart.one_id == client_id),
        select(KeptApart.one_id).where(KeptApart.other_id == client_id),
    )
    apart = select(_word("apart"), Appointment.starts_at, Appointment.ends_at).where(
        Appointment.client_id.in_(others),
        Appointment.centre_id == bindparam("centre_id", type_=Integer),
        # A cancelling that can be undone counts as if she came.
        or_(Appointment.state == AppointmentState.BOOKED, Appointment.settles_at.is_not(None)),
        # No session is longer than a day, so the index need not read all that went before.
        Appointment.starts_at.between(bindparam("day_before_at", type_=UtcDateTime), ends_at),
        Appointment.ends_at > begins_at,
    )
    # Where only one can write, what was read with the place still holds.
    said_since = [] if one_writer else [must_not_know]
    return union_all(occupied, away, *said_since, *([] if one_writer and none_apart else [apart]))
