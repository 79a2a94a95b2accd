"""Reading centres: which there are, what each offers, when it is closed."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, Integer, Select, Time, bindparam, cast, null, or_, select, union_all
from sqlalchemy.orm import selectinload

from portal.centres.models import Centre, CentreKind, Closure, Kind, OpeningHours, bank_holidays
from portal.centres.rules import Centre as Calendar
from portal.centres.rules import dated_windows
from portal.core.at_once import read_plain
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound

LOOKED_AHEAD_DAYS = 31
SATURDAY = 5


def centres(*, archived: bool = False) -> list[Centre]:
    """The centres by name, with their hours, closures and rooms; archived ones only when asked for."""
    statement = select(Centre).options(
        selectinload(Centre.hours), selectinload(Centre.closures), selectinload(Centre.rooms)
    )
    if not archived:
        statement = statement.where(~Centre.archived)
    return list(session.scalars(statement.order_by(Centre.name)))


def centre(centre_id: int) -> Centre:
    """The centre with this id; raises NotFound."""
    found = get_or_none(Centre, centre_id)
    if found is None:
        raise NotFound("centre")
    return found


def centre_names() -> dict[int, str]:
    """Every centre's name by id, archived ones included."""
    return {row.id: row.name for row in session.execute(select(Centre.id, Centre.name).order_by(Centre.name))}


def kinds(*, archived: bool = False) -> list[Kind]:
    """The kinds of appointment; archived ones only when asked for."""
    statement = select(Kind) if archived else select(Kind).where(~Kind.archived)
    return list(session.scalars(statement.order_by(Kind.id)))


def kind(kind_id: int) -> Kind:
    """The kind of appointment with this id; raises NotFound."""
    found = get_or_none(Kind, kind_id)
    if found is None:
        raise NotFound("kind")
    return found


def kinds_for(centre_id: int, *, bookable_by_clients: bool = False) -> list[Kind]:
    """The kinds that a centre offers; with `bookable_by_clients` only those that women book themselves."""
    offered = select(CentreKind.kind_id).where(CentreKind.centre_id == centre_id)
    statement = select(Kind).where(Kind.id.in_(offered), ~Kind.archived)
    if bookable_by_clients:
        statement = statement.where(Kind.bookable_by_clients)
    return list(session.scalars(statement.order_by(Kind.id)))


def centre_ids_offering(kind_id: int) -> set[int]:
    """The ids of the centres that offer a kind."""
    return set(session.scalars(select(CentreKind.centre_id).where(CentreKind.kind_id == kind_id)))


def offers() -> dict[int, set[int]]:
    """For each kind's id the ids of the centres that offer it."""
    found: dict[int, set[int]] = {}
    for centre_id, kind_id in session.execute(select(CentreKind.centre_id, CentreKind.kind_id)):
        found.setdefault(kind_id, set()).add(centre_id)
    return found


def is_closed(centre_id: int, on: date) -> bool:
    """Whether a dated closure of the centre holds on a London date."""
    statement = select(Closure.id).where(Closure.centre_id == centre_id, Closure.starts_on <= on, Closure.ends_on >= on)
    return session.scalar(statement.limit(1)) is not None


def bank_holidays_from(today: date, days: int | None = None) -> set[date]:
    """England's bank holidays from a day on, or of so many days."""
    until = date.max if days is None else today + timedelta(days=days)
    return set(read_plain(_bank_holidays_between(), {"since": today, "until": until}).scalars())


# Built once, when first used: putting a statement together takes longer than running it.
@cache
def _bank_holidays_between() -> Select:
    since, until = bindparam("since", type_=Date), bindparam("until", type_=Date)
    return select(bank_holidays.c.on).where(bank_holidays.c.on >= since, bank_holidays.c.on < until)


def calendars(centre_ids: Collection[int], since: date) -> dict[int, Calendar]:
    """When some centres are open from a day on, by id, in one query."""
    no_day, no_time, no_date = cast(null(), Integer), cast(null(), Time), cast(null(), Date)
    ids, hours = list(centre_ids), (OpeningHours.weekday, OpeningHours.local_from, OpeningHours.local_until)
    rows = session.execute(
        union_all(
            select(OpeningHours.centre_id, *hours, OpeningHours.only_on, no_date.label("last_on")).where(
                OpeningHours.centre_id.in_(ids), or_(OpeningHours.only_on.is_(None), OpeningHours.only_on >= since)
            ),
            select(Closure.centre_id, no_day, no_time, no_time, Closure.starts_on, Closure.ends_on).where(
                Closure.centre_id.in_(ids), Closure.ends_on >= since
            ),
            select(no_day, no_day, no_time, no_time, bank_holidays.c.on, no_date).where(bank_holidays.c.on >= since),
        )
    ).all()
    holidays = {on for centre_id, *_, on, _ in rows if centre_id is None}
    found = {}
    for number in ids:
        here = [row[1:] for row in rows if row[0] == number]
        weekly = [(day, opens, closes) for day, opens, closes, on, _ in here if day is not None and on is None]
        closures = [(first_on, last_on) for day, _, _, first_on, last_on in here if day is None]
        dated = dated_windows((on, opens, closes) for day, opens, closes, on, _ in here if day is not None)
        found[number] = Calendar(weekly, closures, dated, holidays)
    return found


def next_open_day(centre_ids: Collection[int], after: date) -> date:
    """The next day on which any of some centres is open; where none is within a month, the next weekday."""
    opened = calendars(centre_ids, after).values()
    days = [after + timedelta(days=number) for number in range(1, LOOKED_AHEAD_DAYS + 1)]
    fitting = [on for on in days if any(calendar.on(on) for calendar in opened)]
    return fitting[0] if fitting else next(on for on in days if on.weekday() < SATURDAY)
