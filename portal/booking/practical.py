"""Practical help that hangs on a booking: childcare places, fare, interpreter, companion; what the desk prepares."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import childcare, creche, notices, preparing, queries
from portal.booking.by_itself import help_of
from portal.booking.models import Appointment, PracticalHelp
from portal.booking.preparing import MOST_PLACES, Needed, ToPrepare
from portal.booking.queries import Booked
from portal.centres.models import Kind, Mode
from portal.clients.booking_needs import named, needs_of
from portal.clients.models import BookingNeeds, Client
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.staff.models import Staff

FARES = ("", "needed", "given")
BY_WORKER = "by_worker"
"""An interpreter is needed unless who sees her speaks her language."""
INTERPRETERS = ("", "needed", "booked", BY_WORKER)


def set_help(
    actor: Actor,
    appointment_id: int,
    *,
    childcare_places: int,
    fare: str,
    interpreter: str,
    companion: bool,
    interpreter_is_woman: bool = False,
    without_place: bool = False,
    now: datetime,
) -> PracticalHelp:
    """Say what one appointment needs so that she can come; said again, the newest answer stands.

    Places in the crèche are kept for it; `without_place` says that what cannot be had is still to solve, which makes a
    task. Raises NotFound, Stale when it stands no more, Invalid(field, "unknown" | "range"),
    Invalid("childcare_places", "full" | "closed"), and Invalid("interpreter", "not_a_woman") where only a woman may
    interpret and nobody has asked.
    """
    require(actor, Permission.BOOK_FOR_CLIENT)
    found = queries.booked(actor, appointment_id)
    # The row of the appointment is the one to wait at, because help that is not there yet cannot be locked.
    appointment = session.scalars(lock_rows(select(Appointment).where(Appointment.id == appointment_id))).one()
    if not appointment.stands:
        raise Stale("appointment")
    if not 0 <= childcare_places <= MOST_PLACES:
        raise Invalid("childcare_places", "range")
    if fare not in FARES:
        raise Invalid("fare", "unknown")
    if interpreter not in INTERPRETERS:
        raise Invalid("interpreter", "unknown")
    wanted = needed_by(found.client, found.kind, found.worker)
    if interpreter == "booked" and wanted.female and not interpreter_is_woman:
        raise Invalid("interpreter", "not_a_woman")
    if interpreter == BY_WORKER:
        interpreter = "" if wanted.interpreter is None else "needed"
    had = creche.keep(appointment, childcare_places)
    if had < childcare_places and not without_place:
        raise Invalid("childcare_places", "full" if creche.is_open_for(appointment) else "closed")
    row = help_of(appointment.id) or PracticalHelp(appointment_id=appointment.id, client_id=appointment.client_id)
    row.childcare_places, row.fare, row.interpreter, row.companion = childcare_places, fare, interpreter, companion
    row.interpreter_is_woman = interpreter == "booked" and interpreter_is_woman
    row.set_by, row.set_at = actor.id, now
    session.add(row)
    session.flush()
    childcare.mind(actor, found.client, appointment, childcare_places - had, now)
    audit.record(actor, "help_set", now=now, client_id=appointment.client_id, subject=notices.subject_of(appointment))
    return row


def needed_by(client: Client, kind: Kind | None = None, worker: Staff | None = None) -> Needed:
    """What her record says that sessions of hers need, with this worker or whoever sees her."""
    return _needed(client, needs_of([client.id]).get(client.id, ()), kind, worker)


def to_prepare(booked: Sequence[Booked]) -> dict[int, ToPrepare]:
    """What to prepare for appointments, by appointment, in one query."""
    ids = [one.appointment.id for one in booked]
    rows = session.execute(
        select(Appointment.id, PracticalHelp, BookingNeeds, creche.places_kept(Appointment.id))
        .outerjoin(PracticalHelp, PracticalHelp.appointment_id == Appointment.id)
        .outerjoin(BookingNeeds, BookingNeeds.client_id == Appointment.client_id)
        .where(Appointment.id.in_(ids))
    )
    facts = {number: (row, named(needs), kept or 0) for number, row, needs, kept in rows}
    found = {}
    for one in booked:
        row, needs, kept = facts[one.appointment.id]
        wanted = _needed(one.client, needs, one.kind, one.worker)
        found[one.appointment.id] = preparing.to_prepare(row, wanted, kept)
    return found


def _needed(client: Client, needs: Collection[str], kind: Kind | None, worker: Staff | None) -> Needed:
    return preparing.needed(
        client.preparation,
        needs,
        language=client.language,
        worker_speaks=worker.languages if worker else (),
        by_phone=kind is not None and kind.mode == Mode.PHONE,
    )
