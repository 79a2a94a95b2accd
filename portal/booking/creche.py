"""Places in the crèche: kept for an appointment and counted; never more than there are.

A place is a resource like a room (`creche:2:4`), taken for the whole sitting: so it is given back with everything else
that an appointment takes, and the database itself refuses the same place twice.
"""

from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, delete, func, insert, select

from portal.booking import creche_rules, taking
from portal.booking.creche_rules import Sitting, Taken
from portal.booking.models import Appointment, Occupancy
from portal.centres.creche import MOST_PLACES, sessions_of
from portal.centres.models import Centre
from portal.core import clock
from portal.core.database import session

_PREFIX = "creche:"


def keep(appointment: Appointment, wanted: int) -> int:
    """Keep so many places for an appointment instead of those it has, as far as there are any; gives how many it has.

    There is one at a time for each centre and day, so that two who ask at once never count the same place as free.
    """
    on = clock.london_today(appointment.starts_at)
    taking.hold([f"{_PREFIX}{appointment.centre_id}:{on}"])
    session.execute(
        delete(Occupancy).where(Occupancy.appointment_id == appointment.id, Occupancy.resource.startswith(_PREFIX))
    )
    sittings = _fallen_into(appointment) if wanted else []
    had = creche_rules.shared_out(sittings, _taken(appointment.centre_id, sittings), wanted)
    if had:
        session.execute(insert(cast(Table, Occupancy.__table__)), [_row(appointment, one) for one in had])
    return len(had) // len(sittings) if had else 0


def is_open_for(appointment: Appointment) -> bool:
    """Whether the crèche is open for the whole of an appointment, full or not."""
    return bool(_fallen_into(appointment))


def places_kept(appointment_id: Any) -> ColumnElement[int | None]:
    """How many places are kept for the appointment of a statement's row, None without any: as many in each sitting."""
    sittings = func.count(Occupancy.starts_at.distinct())
    return (
        select(func.count(Occupancy.id) / func.nullif(sittings, 0))
        .where(Occupancy.appointment_id == appointment_id, Occupancy.resource.startswith(_PREFIX))
        .scalar_subquery()
    )


def free_on(centre_id: int, on: date) -> list[tuple[Sitting, int]]:
    """The sittings of a centre on a London day, in order, and how many places are free in each."""
    sittings = creche_rules.sittings_on(_sessions(centre_id), on)
    taken = _taken(centre_id, sittings)
    return [(one, len(creche_rules.free_places(one, taken))) for one in sittings]


def _sessions(centre_id: int):
    return sessions_of(session.scalar(select(Centre.creche).where(Centre.id == centre_id)) or [])


def _fallen_into(appointment: Appointment) -> list[Sitting]:
    on = clock.london_today(appointment.starts_at)
    sittings = creche_rules.sittings_on(_sessions(appointment.centre_id), on)
    return creche_rules.fallen_into(sittings, (appointment.starts_at, appointment.ends_at))


def _taken(centre_id: int, sittings: list[Sitting]) -> list[Taken]:
    if not sittings:
        return []
    rows = session.execute(
        select(Occupancy.resource, Occupancy.starts_at, Occupancy.ends_at).where(
            Occupancy.resource.in_([f"{_PREFIX}{centre_id}:{place}" for place in range(1, MOST_PLACES + 1)]),
            Occupancy.ends_at > sittings[0].starts_at,
            Occupancy.starts_at < sittings[-1].ends_at,
        )
    )
    return [Taken(int(row.resource.rpartition(":")[2]), row.starts_at, row.ends_at) for row in rows]


def _row(appointment: Appointment, one: Taken) -> dict[str, object]:
    return {
        "appointment_id": appointment.id,
        "resource": f"{_PREFIX}{appointment.centre_id}:{one.place}",
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "overbooked": False,
    }
