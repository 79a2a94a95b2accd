"""Who must not know of a woman (R29), and whom she must not meet (R43): what is recorded, and changing it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from portal.audit import service as audit
from portal.clients.models import Client, KeptApart, Restriction
from portal.clients.queries import standing_client
from portal.clients.reach_models import OutsideRestriction
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.staff import queries as staff
from portal.staff.models import Staff

KINDS = {
    "partner": "A partner organisation",
    "referrer": "Somebody who refers women to us",
    "interpreter": "An interpreter",
}
"""Outsiders who may have to be kept from knowing, in the words of staff."""
LIFTED_BECAUSE = {
    "she_asked": "She asked for it",
    "was_wrong": "It was recorded by mistake",
    "has_left": "They have left, or are not near her any more",
    "risk_over": "The risk is over, and a manager agreed",
}
"""Why somebody may know after all, in the words of staff."""


@dataclass(frozen=True)
class MustNotKnow:
    """Everybody who must not know of a woman: colleagues with since when, and outsiders."""

    staff: list[tuple[Restriction, Staff]]
    outside: list[OutsideRestriction]


def recorded(actor: Actor, client_id: int) -> MustNotKnow:
    """Who must not know of a client; raises NotFound, NotAllowed."""
    client = _hers(actor, client_id)
    rows = session.execute(
        select(Restriction, Staff)
        .join(Staff, Staff.id == Restriction.staff_id)
        .where(Restriction.client_id == client.id, Restriction.until_settled.is_(False))
        .order_by(Restriction.id)
    )
    return MustNotKnow([(row[0], row[1]) for row in rows], outsiders(client.id))


def outsiders(client_id: int) -> list[OutsideRestriction]:
    """The outsiders who must not know of her, the first recorded first."""
    statement = select(OutsideRestriction).where(OutsideRestriction.client_id == client_id)
    return list(session.scalars(statement.order_by(OutsideRestriction.id)))


def restrict_staff(actor: Actor, client_id: int, staff_id: int, *, now: datetime) -> Client:
    """Somebody who works here, or refers, must not know of her from now on; a second time changes nothing.

    Raises NotFound, NotAllowed, Invalid("staff_id", "unknown" | "is_keyworker" | "is_you").
    """
    client = _hers(actor, client_id, lock=True)
    if get_or_none(Staff, staff_id) is None:
        raise Invalid("staff_id", "unknown")
    if staff_id == client.keyworker_id:
        raise Invalid("staff_id", "is_keyworker")
    if staff_id == actor.id:
        raise Invalid("staff_id", "is_you")
    known = select(Restriction).where(Restriction.client_id == client.id, Restriction.staff_id == staff_id)
    row = session.scalars(known).first()
    if row is None or row.until_settled:
        row = row or Restriction(client_id=client.id, staff_id=staff_id, since_at=now)
        row.until_settled = False
        session.add(row)
        session.flush()
        audit.record(actor, "restricted", now=now, client_id=client.id, subject=f"staff:{staff_id}")
    return client


def keep_from_newcomer(newcomer: Staff, *, now: datetime) -> None:
    """Keep whoever begins to work here, comes back or changes role from women who named somebody not found out yet.

    She may be the one (R29); a manager is not kept from them, as somebody has to find out.
    """
    if newcomer.role in (Role.MANAGER, Role.REFERRER):
        return
    known = select(Restriction.client_id).where(Restriction.staff_id == newcomer.id)
    not_settled = select(Client.id).where(Client.managers_only, Client.id.not_in(known))
    session.add_all(
        Restriction(client_id=client_id, staff_id=newcomer.id, since_at=now, until_settled=True)
        for client_id in session.scalars(not_settled).all()
    )
    session.flush()


def restrict_outsider(actor: Actor, client_id: int, *, kind: str, name: str, now: datetime) -> None:
    """Somebody who does not work here must not know of her; raises NotFound, NotAllowed, Invalid missing."""
    client = _hers(actor, client_id)
    name = " ".join(name.split())
    if kind not in KINDS:
        raise Invalid("kind", "missing")
    if not name:
        raise Invalid("name", "missing")
    if any(one.kind == kind and one.name.casefold() == name.casefold() for one in outsiders(client.id)):
        return
    row = OutsideRestriction(client_id=client.id, kind=kind, name=name, recorded_by=actor.id, since_at=now)
    session.add(row)
    session.flush()
    audit.record(actor, "restricted", now=now, client_id=client.id, subject=f"{kind}:{row.id}")


def lift(actor: Actor, client_id: int, restriction_id: int, *, outside: bool, why: str, now: datetime) -> None:
    """Somebody may know of her after all; raises NotFound, NotAllowed, Invalid("why", "missing")."""
    client = _hers(actor, client_id)
    row = _outsider(restriction_id) if outside else get_or_none(Restriction, restriction_id)
    if row is None or row.client_id != client.id:
        raise NotFound("restriction")
    if why not in LIFTED_BECAUSE:
        raise Invalid("why", "missing")
    subject = f"staff:{row.staff_id}" if isinstance(row, Restriction) else f"{row.kind}:{row.id}"
    session.delete(row)
    session.flush()
    audit.record(actor, "restriction_lifted", now=now, client_id=client.id, subject=subject, reason=why)


def pairs_of(client_id: int) -> list[tuple[KeptApart, int]]:
    """Each pair of her and a woman whom she must not meet, with that woman's id."""
    pairs = select(KeptApart).where(or_(KeptApart.one_id == client_id, KeptApart.other_id == client_id))
    return [(pair, pair.one_id + pair.other_id - client_id) for pair in session.scalars(pairs.order_by(KeptApart.id))]


def possible_staff(actor: Actor, client: Client) -> list[Staff]:
    """Who works here or refers and could be kept from knowing of her, by name."""
    never = {client.keyworker_id, actor.id}
    theirs = (Restriction.client_id == client.id, Restriction.until_settled.is_(False))
    known = set(session.scalars(select(Restriction.staff_id).where(*theirs)))
    return [person for person in staff.people(active_only=True) if person.id not in never | known]


def _outsider(restriction_id: int) -> Restriction | OutsideRestriction | None:
    return get_or_none(OutsideRestriction, restriction_id)


def _hers(actor: Actor, client_id: int, *, lock: bool = False) -> Client:
    require(actor, Permission.RESTRICT_CLIENT)
    client = standing_client(actor, client_id)
    if lock:
        # A transfer to the same person locks her row too: one of the two sees what the other did.
        statement = lock_rows(select(Client).where(Client.id == client.id)).execution_options(populate_existing=True)
        client = session.scalars(statement).one()
    return client
