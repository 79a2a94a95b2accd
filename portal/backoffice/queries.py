"""Reading across rooms: a caseload with what is next, whom the desk may open, what somebody who leaves still has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from portal.accounts.models import StaffCredential
from portal.booking.models import Appointment, AppointmentState, Attendance
from portal.clients.models import Client, ClientState, Restriction, SafeContact
from portal.clients.queries import caseload, must_be_asked, safe_contacts
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.database import session
from portal.core.errors import NotFound
from portal.diversion.referrals import due_of
from portal.messaging.models import IncomingText, PortalMessage, Text, TextState
from portal.messaging.outbox import QUEUED
from portal.staff.models import Absence
from portal.staff.queries import first_names, looked_after_by
from portal.worklist.models import Task

DESK_DAYS = 7
"""For how many days ahead reception finds who is booked (R28)."""

SOON_DAYS = 14


@dataclass(frozen=True)
class CaseloadRow:
    """One woman of a caseload. `contact` is live, soon, due, unproved or none; times are instants.

    `first_contact_due_at` is empty once first contact has been made.
    """

    client: Client
    own: bool
    covered: bool
    keyworker: str
    last_contact_at: datetime | None
    next_at: datetime | None
    contact: str
    first_contact_due_at: datetime | None = None

    @property
    def contact_due(self) -> bool:
        """Whether somebody must ask her how she may be reached."""
        return self.contact in ("none", "due", "unproved")


def caseload_rows(
    actor: Actor,
    now: datetime,
    *,
    mine: bool = False,
    centre_id: int | None = None,
    due: bool = False,
    closed: bool = False,
) -> list[CaseloadRow]:
    """The open clients that a member of staff may see, or the closed, her own first, narrowed as asked, in few queries.

    Those of a colleague for whom she covers count as hers.
    """
    covered = set(session.scalars(looked_after_by(actor.id, now)))
    clients = [
        client
        for client in caseload(actor, closed=closed)
        if (not mine or client.keyworker_id in (actor.id, *covered)) and centre_id in (None, client.centre_id)
    ]
    ids = [client.id for client in clients]
    contacts, last, coming = safe_contacts(ids), _last_contacts(ids), next_times(ids, now)
    names, due_at = first_names(client.keyworker_id for client in clients), due_of(ids)
    rows = [
        CaseloadRow(
            client=client,
            own=client.keyworker_id == actor.id,
            covered=client.keyworker_id in covered,
            keyworker=names.get(client.keyworker_id or 0, ""),
            last_contact_at=last.get(client.id),
            next_at=coming.get(client.id),
            contact=_contact_state(contacts.get(client.id), now),
            first_contact_due_at=due_at.get(client.id),
        )
        for client in clients
    ]
    return [row for row in rows if row.contact_due] if due else rows


def client_at_desk(actor: Actor, client_id: int, now: datetime) -> Client:
    """A woman booked at the desk's centres within 7 days; raises NotFound for anybody else (R28)."""
    today = clock.london_today(now)
    restricted = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    coming = select(Appointment.client_id).where(
        Appointment.centre_id.in_(actor.centres),
        Appointment.state == AppointmentState.BOOKED,
        Appointment.starts_at >= clock.london_midnight(today),
        Appointment.starts_at < clock.london_midnight(today + timedelta(days=DESK_DAYS + 1)),
    )
    statement = select(Client).where(
        Client.id == client_id, Client.id.in_(coming), Client.id.not_in(restricted), Client.state == ClientState.OPEN
    )
    client = session.scalars(statement).first() if 0 < client_id < 2**31 else None
    if client is None:
        raise NotFound("client")
    return client


@dataclass(frozen=True)
class StillHas:
    """How much somebody still has to do here."""

    clients: list[Client]
    tasks: int
    appointments: int
    planned: int
    covers: int


def still_has(staff_id: int, now: datetime, actor: Actor = SYSTEM) -> StillHas:
    """The open clients, open tasks and coming appointments of a member of staff.

    For an actor who is told, without the women of whom she must not know (R29): they count nowhere.
    """
    hidden = select(Restriction.client_id).where(Restriction.staff_id == (actor.id if actor.is_staff else 0))

    def known(client_id: ColumnElement | InstrumentedAttribute) -> ColumnElement[bool]:
        return or_(client_id.is_(None), client_id.not_in(hidden))

    clients = session.scalars(
        select(Client)
        .where(Client.keyworker_id == staff_id, Client.state == ClientState.OPEN, known(Client.id))
        .order_by(Client.id)
    )
    tasks = select(func.count(Task.id)).where(
        Task.owner_id == staff_id, Task.closed_at.is_(None), known(Task.client_id)
    )
    appointments = select(func.count(Appointment.id)).where(
        Appointment.worker_id == staff_id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.starts_at > now,
        known(Appointment.client_id),
    )
    planned = select(func.count(Text.id)).where(
        Text.written_by == staff_id, Text.state.in_(QUEUED), known(Text.client_id)
    )
    covers = select(func.count(Absence.id)).where(Absence.covered_by == staff_id, Absence.ends_at > now)
    counts = [session.scalar(statement) or 0 for statement in (tasks, appointments, planned, covers)]
    return StillHas(list(clients), *counts)


def signed_up() -> set[int]:
    """The ids of the staff who have set up how they sign in."""
    return set(session.scalars(select(StaffCredential.staff_id)))


def contact_versions(client_id: int) -> list[SafeContact]:
    """Every version of her safe-contact record, the newest first."""
    statement = select(SafeContact).where(SafeContact.client_id == client_id)
    return list(session.scalars(statement.order_by(SafeContact.version.desc())))


def _last_contacts(client_ids: Iterable[int]) -> dict[int, datetime]:
    ids = list(client_ids)
    signs = union_all(
        select(Appointment.client_id, Appointment.starts_at.label("at")).where(
            Appointment.client_id.in_(ids), Appointment.attendance.in_([Attendance.YES, Attendance.LATE])
        ),
        select(IncomingText.client_id, IncomingText.received_at).where(IncomingText.client_id.in_(ids)),
        select(PortalMessage.client_id, PortalMessage.written_at).where(
            PortalMessage.client_id.in_(ids), PortalMessage.staff_id.is_(None)
        ),
    ).subquery()
    rows = session.execute(select(signs.c.client_id, func.max(signs.c.at)).group_by(signs.c.client_id))
    return {row[0]: row[1] for row in rows}


def next_times(client_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """When each of some clients comes next; those who have nothing booked are left out."""
    rows = session.execute(
        select(Appointment.client_id, func.min(Appointment.starts_at))
        .where(
            Appointment.client_id.in_(list(client_ids)),
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now,
        )
        .group_by(Appointment.client_id)
    )
    return {row[0]: row[1] for row in rows}


def _contact_state(contact: SafeContact | None, now: datetime) -> str:
    if contact is None:
        return "none"
    today = clock.london_today(now)
    if must_be_asked(contact, now):
        return "due"
    if contact.may_text and contact.proved_at is None:
        return "unproved"
    return "soon" if contact.check_again_on <= today + timedelta(days=SOON_DAYS) else "live"


def test_text_went_out(contact: SafeContact) -> bool:
    """Whether the gateway took a test text for this very number since these answers were recorded (R18)."""
    statement = select(Text.id).where(
        Text.client_id == contact.client_id,
        Text.kind == "test",
        Text.number_index == contact.number_index,
        Text.state.in_((TextState.HANDED_OVER, TextState.REACHED)),
        Text.sent_at >= contact.recorded_at,
    )
    return session.scalar(statement.limit(1)) is not None
