"""A woman goes to another centre: record, keyworker and open tasks in one act; her times are kept or looked at one by
one, and what was asked of her goes with her."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.backoffice import transferring
from portal.backoffice.closing import coming_of
from portal.booking import taking
from portal.booking.models import Appointment
from portal.booking.notices import subject_of
from portal.centres.models import Centre
from portal.clients.closing_models import CentreMove
from portal.clients.models import AvoidedCentre, Client, ClientState, Restriction
from portal.clients.queries import standing_client
from portal.clients.transfers import who_takes_over
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, Stale
from portal.staff.models import Staff
from portal.staff.queries import keyworkers
from portal.worklist import service as worklist
from portal.worklist.models import Task
from portal.worklist.rules import FOR_MANAGERS, RECEPTION_KINDS

LOOK_AT_TIME = "appointment_elsewhere"


def move(
    actor: Actor,
    client_id: int,
    *,
    was: tuple[int, int | None],
    centre_id: int,
    keyworker_id: int,
    to_move: Iterable[int],
    now: datetime,
) -> CentreMove:
    """Move a woman to another centre and a keyworker there; `was` is the centre and keyworker that the page showed.

    Her coming appointments stand; for those named in `to_move` the new keyworker gets the task of moving them with her.
    Raises NotFound, Stale when she was moved, closed or given away meanwhile, Invalid("centre_id", "unknown" | "same" |
    "avoided"), Invalid("keyworker_id", "not_there" | "away" | "must_not_know").
    """
    require(actor, Permission.MAKE_CLIENT)
    standing_client(actor, client_id)
    client = _locked(client_id)
    if client.state != ClientState.OPEN or (client.centre_id, client.keyworker_id) != was:
        raise Stale("client")
    centre = get_or_none(Centre, centre_id)
    if centre is None or centre.archived:
        raise Invalid("centre_id", "unknown")
    if centre.id == client.centre_id:
        raise Invalid("centre_id", "same")
    if centre.id in avoided(client_id):
        raise Invalid("centre_id", "avoided")
    new = _new_keyworker(client, centre, keyworker_id, now)
    coming = {one.id: one for one in coming_of(client_id, now)}
    row = CentreMove(
        client_id=client_id,
        from_centre_id=client.centre_id,
        to_centre_id=centre.id,
        from_keyworker_id=client.keyworker_id,
        to_keyworker_id=new.id,
        moved_by=actor.id,
        moved_at=now,
    )
    session.add(row)
    client.centre_id, client.keyworker_id = centre.id, new.id
    session.flush()
    if new.id != was[1]:
        transferring.follow(actor, [client_id], was[1], new.id, now)
    _hand_tasks(client_id, was[0], centre.id)
    _ask_to_move([coming[one] for one in sorted(set(to_move) & set(coming))], client, now)
    audit.record(actor, "centre_changed", now=now, client_id=client_id, subject=f"centre:{centre.id}")
    return row


def possible_keyworkers(client: Client, centre_id: int) -> list[Staff]:
    """Who could be her keyworker at a centre, by name: nobody who must not know of her (R29)."""
    hidden = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
    return [person for person in keyworkers([centre_id]) if person.id not in hidden]


def avoided(client_id: int) -> set[int]:
    """The centres from which she must stay away."""
    return set(session.scalars(select(AvoidedCentre.centre_id).where(AvoidedCentre.client_id == client_id)))


def history(client_id: int) -> list[CentreMove]:
    """Where she was before, the latest first."""
    moves = select(CentreMove).where(CentreMove.client_id == client_id).order_by(CentreMove.id.desc())
    return list(session.scalars(moves))


def _new_keyworker(client: Client, centre: Centre, keyworker_id: int, now: datetime) -> Staff:
    # Her keyworker may go with her, where she works at both centres.
    try:
        new = who_takes_over(None, keyworker_id, now)
    except Invalid as refusal:
        raise Invalid("keyworker_id", refusal.reason) from None
    if centre.id not in new.centre_ids:
        raise Invalid("keyworker_id", "not_there")
    hidden = select(Restriction.id).where(Restriction.client_id == client.id, Restriction.staff_id == new.id)
    if session.scalar(hidden) is not None:
        raise Invalid("keyworker_id", "must_not_know")
    return new


def _locked(client_id: int) -> Client:
    taking.hold_clients([client_id])
    statement = lock_rows(select(Client).where(Client.id == client_id)).execution_options(populate_existing=True)
    return session.scalars(statement).one()


def _hand_tasks(client_id: int, from_id: int, to_id: int) -> None:
    """Open tasks of everybody at the old centre are the new one's, but what the old desk has to do stays there."""
    stays = (*RECEPTION_KINDS, *FOR_MANAGERS)
    theirs = select(Task).where(
        Task.client_id == client_id,
        Task.closed_at.is_(None),
        Task.centre_id == from_id,
        Task.kind.not_in(stays),
    )
    for task in session.scalars(lock_rows(theirs)):
        task.centre_id = to_id
    session.flush()


def _ask_to_move(appointments: list[Appointment], client: Client, now: datetime) -> None:
    for one in appointments:
        worklist.raise_task(
            LOOK_AT_TIME,
            now=now,
            client_id=client.id,
            owner_id=client.keyworker_id,
            centre_id=client.centre_id,
            subject=subject_of(one),
        )
