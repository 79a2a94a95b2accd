"""Practical help that hangs on a booking: childcare places, fare, interpreter, companion; what the desk prepares."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import notices, queries
from portal.booking.models import Appointment, PracticalHelp
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale

FARES = ("", "needed", "given")
INTERPRETERS = ("", "needed", "booked")
MOST_PLACES = 9


def set_help(
    actor: Actor,
    appointment_id: int,
    *,
    childcare_places: int,
    fare: str,
    interpreter: str,
    companion: bool,
    now: datetime,
) -> PracticalHelp:
    """Say what one appointment needs so that she can come; said again, the newest answer stands.

    Raises NotFound, Stale when it stands no more, Invalid(field, "unknown" | "range").
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    found = queries.appointment_for(actor, appointment_id)
    # The row of the appointment is the one to wait at, because help that is not there yet cannot be locked.
    appointment = session.scalars(lock_rows(select(Appointment).where(Appointment.id == found.id))).one()
    if not appointment.stands:
        raise Stale("appointment")
    if not 0 <= childcare_places <= MOST_PLACES:
        raise Invalid("childcare_places", "range")
    if fare not in FARES:
        raise Invalid("fare", "unknown")
    if interpreter not in INTERPRETERS:
        raise Invalid("interpreter", "unknown")
    row = help_of(appointment.id) or PracticalHelp(appointment_id=appointment.id, client_id=appointment.client_id)
    row.childcare_places, row.fare, row.interpreter, row.companion = childcare_places, fare, interpreter, companion
    row.set_by, row.set_at = actor.id, now
    session.add(row)
    session.flush()
    audit.record(actor, "help_set", now=now, client_id=appointment.client_id, subject=notices.subject_of(appointment))
    return row


def carry_over(old: Appointment, new: Appointment) -> None:
    """An appointment was moved: its practical help goes along; a booked interpreter must be booked anew."""
    row = help_of(old.id)
    if row is None or help_of(new.id) is not None:
        return
    session.add(
        PracticalHelp(
            appointment_id=new.id,
            client_id=new.client_id,
            childcare_places=row.childcare_places,
            fare=row.fare,
            interpreter="needed" if row.interpreter else "",
            companion=row.companion,
            set_by=row.set_by,
            set_at=row.set_at,
        )
    )
    session.flush()


def help_of(appointment_id: int) -> PracticalHelp | None:
    """The practical help set for an appointment, or None."""
    return helps([appointment_id]).get(appointment_id)


def helps(appointment_ids: Iterable[int]) -> dict[int, PracticalHelp]:
    """The practical help of appointments, by appointment, in one query."""
    rows = session.scalars(select(PracticalHelp).where(PracticalHelp.appointment_id.in_(list(appointment_ids))))
    return {row.appointment_id: row for row in rows}


def needs(row: PracticalHelp | None, preparation: Mapping[str, Any]) -> list[str]:
    """What to prepare, in the words of the desk: what was set for the day, else what her record says."""
    language = str(preparation.get("interpreter") or "")
    listed = [str(preparation.get("access") or "")]
    if row is None:
        listed += [str(preparation.get("childcare") or ""), f"{language} interpreter not booked" if language else ""]
        return [words for words in listed if words]
    places = row.childcare_places
    listed += [
        f"{places} childcare place{'' if places == 1 else 's'}" if places else "",
        {"needed": "Fare to give", "given": "Fare given"}.get(row.fare, ""),
        f"{language} interpreter {'booked' if row.interpreter == 'booked' else 'not booked'}".strip().capitalize()
        if row.interpreter
        else "",
        "Somebody comes with her" if row.companion else "",
    ]
    return [words for words in listed if words]


def usual(preparation: Mapping[str, Any] | None) -> dict[str, Any]:
    """What her record says that her sessions need, as the form of practical help begins."""
    preparation = preparation or {}
    return {
        "childcare_places": int(bool(preparation.get("childcare"))),
        "interpreter": "needed" if preparation.get("interpreter") else "",
    }


def totals(rows: Iterable[tuple[PracticalHelp | None, Mapping[str, Any]]]) -> dict[str, int]:
    """What a day needs in all: childcare places, fares to give, interpreters not booked."""
    places = fares = interpreters = 0
    for row, preparation in rows:
        places += row.childcare_places if row else int(bool(preparation.get("childcare")))
        fares += int(row is not None and row.fare == "needed")
        interpreters += int(row.interpreter == "needed" if row else bool(preparation.get("interpreter")))
    return {"places": places, "fares": fares, "interpreters": interpreters}
