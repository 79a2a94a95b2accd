"""Reading referrals for staff: whose nobody is yet, whose first contact is due, who may be the same woman."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from portal.clients.models import Client, ClientState, Restriction, SafeContact
from portal.clients.queries import standing_client, visible_client_ids
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.diversion.intake_rules import fold_name
from portal.diversion.models import Condition, Referral
from portal.staff import queries as staff
from portal.staff.models import Staff

MOST_SHOWN = 200


@dataclass(frozen=True)
class Waiting:
    """A woman whom nobody has been given to yet, and who can have her: not who must not know of her (R29)."""

    referral: Referral
    client: Client
    workers: list[Staff]
    is_overdue: bool


@dataclass(frozen=True)
class ToContact:
    """A woman whose first contact is still to be made, and by whom."""

    referral: Referral
    client: Client
    keyworker: str
    is_overdue: bool


@dataclass(frozen=True)
class MaybeSame:
    """A record that may be the same woman's, and what makes it look so: `name`, `number`, `reference`."""

    client: Client
    why: list[str]


def referral_for(actor: Actor, referral_id: int) -> tuple[Referral, Client]:
    """A referral and the record it began, for staff who may see her; raises NotFound, NotAllowed."""
    require(actor, Permission.READ_REFERRALS)
    found = get_or_none(Referral, referral_id)
    if found is None:
        raise NotFound("referral")
    return found, standing_client(actor, found.client_id)


def unallocated(actor: Actor, now: datetime) -> list[Waiting]:
    """The women of referrals whom nobody has been given to yet, first contact due first, MOST_SHOWN at most."""
    require(actor, Permission.READ_REFERRALS)
    rows = session.execute(
        select(Referral, Client)
        .join(Client, Client.id == Referral.client_id)
        .where(
            Client.id.in_(visible_client_ids(actor)),
            Client.keyworker_id.is_(None),
            Client.state == ClientState.OPEN,
            Referral.state != "declined",
        )
        .order_by(Referral.first_contact_due_at, Referral.id)
        .limit(MOST_SHOWN)
    ).all()
    clients = [client for _, client in rows]
    never = _restricted(client.id for client in clients)
    workers = staff.keyworkers({client.centre_id for client in clients})
    away = staff.away_among((worker.id for worker in workers), now)
    return [
        Waiting(
            referral,
            client,
            [
                worker
                for worker in workers
                if client.centre_id in worker.centre_ids
                and worker.id not in never.get(client.id, ())
                and not (worker.id in away and away[worker.id].cover is None)
            ],
            _is_overdue(referral, now),
        )
        for referral, client in rows
    ]


def to_contact(actor: Actor, now: datetime) -> list[ToContact]:
    """The women with a keyworker whose first contact is still to be made, the first due first."""
    require(actor, Permission.READ_REFERRALS)
    rows = session.execute(
        select(Referral, Client)
        .join(Client, Client.id == Referral.client_id)
        .where(*_still_to_contact(actor), Client.keyworker_id.is_not(None))
        .order_by(Referral.first_contact_due_at, Referral.id)
        .limit(MOST_SHOWN)
    ).all()
    names = staff.first_names(client.keyworker_id for _, client in rows)
    return [
        ToContact(referral, client, names.get(client.keyworker_id or 0, ""), _is_overdue(referral, now))
        for referral, client in rows
    ]


def first_contacts_due(actor: Actor, now: datetime) -> tuple[int, int]:
    """How many first contacts are due by the end of this London day, and how many of them are late already."""
    due = Referral.first_contact_due_at < clock.london_midnight(clock.london_today(now) + timedelta(days=1))
    counts = select(func.count(), func.count().filter(Referral.first_contact_due_at < now))
    row = session.execute(
        counts.select_from(Referral).join(Client, Client.id == Referral.client_id).where(*_still_to_contact(actor), due)
    ).one()
    return row[0], row[1]


def due_of(client_ids: Collection[int]) -> dict[int, datetime]:
    """By when first contact with each of some women is due, for those with whom it is still to be made."""
    rows = session.execute(
        select(Referral.client_id, func.min(Referral.first_contact_due_at))
        .where(
            Referral.client_id.in_(list(client_ids)),
            Referral.state != "declined",
            Referral.first_contact_at.is_(None),
            Referral.first_contact_due_at.is_not(None),
        )
        .group_by(Referral.client_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def loads(actor: Actor, staff_ids: Iterable[int]) -> dict[int, int]:
    """How many open women each of some workers has, without those of whom the reader must not know (R29)."""
    hidden = select(Restriction.client_id).where(Restriction.staff_id == actor.id)
    statement = select(Client.keyworker_id, func.count()).where(
        Client.keyworker_id.in_(list(staff_ids)), Client.state == ClientState.OPEN, Client.id.not_in(hidden)
    )
    return {row[0]: row[1] for row in session.execute(statement.group_by(Client.keyworker_id)) if row[0] is not None}


def maybe_the_same(actor: Actor, referral_id: int) -> list[MaybeSame]:
    """The other records in the reader's reach that may be the same woman's, for staff alone (R42), the likeliest first.

    The same name however it is written, the same number, or the same reference. Raises as `referral_for`.
    """
    referral, client = referral_for(actor, referral_id)
    others = select(Client).where(Client.id.in_(visible_client_ids(actor)), Client.id != client.id)
    with_number = _with_number(referral, client)
    with_reference = _with_reference(actor, referral)
    name, found = fold_name(client.called_name), []
    for other in session.scalars(others):
        why = [
            reason
            for reason, is_so in (
                ("name", fold_name(other.called_name) == name),
                ("number", other.id in with_number),
                ("reference", other.id in with_reference),
            )
            if is_so
        ]
        if why:
            found.append(MaybeSame(other, why))
    return sorted(found, key=lambda each: (-len(each.why), each.client.id))


def conditions_of(referral: Referral) -> list[Condition]:
    """What was asked of her with a referral."""
    statement = select(Condition).where(Condition.referral_id == referral.id).order_by(Condition.id)
    return list(session.scalars(statement))


def newest_of(client_id: int) -> Referral | None:
    """The newest referral of a woman, or None."""
    statement = select(Referral).where(Referral.client_id == client_id).order_by(Referral.id.desc())
    return session.scalars(statement.limit(1)).first()


def _still_to_contact(actor: Actor) -> tuple:
    return (
        Client.id.in_(visible_client_ids(actor)),
        Client.state == ClientState.OPEN,
        Referral.state != "declined",
        Referral.first_contact_at.is_(None),
        Referral.first_contact_due_at.is_not(None),
    )


def _restricted(client_ids: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    rows = select(Restriction.client_id, Restriction.staff_id).where(Restriction.client_id.in_(list(client_ids)))
    for client_id, staff_id in session.execute(rows):
        found.setdefault(client_id, set()).add(staff_id)
    return found


def _with_number(referral: Referral, client: Client) -> set[int]:
    numbers = {referral.said_number_index, client.listed_number_index} - {None}
    hers = select(SafeContact.number_index).where(SafeContact.client_id == client.id)
    numbers |= set(session.scalars(hers.where(SafeContact.number_index.is_not(None))))
    if not numbers:
        return set()
    in_contacts = select(SafeContact.client_id).where(SafeContact.number_index.in_(numbers))
    in_referrals = select(Referral.client_id).where(Referral.said_number_index.in_(numbers))
    on_lists = select(Client.id).where(Client.listed_number_index.in_(numbers))
    return set(session.scalars(in_contacts.union(in_referrals, on_lists)))


def _with_reference(actor: Actor, referral: Referral) -> set[int]:
    """References are sealed, so they are opened and compared; her own makes no other record look like hers."""
    reference = fold_name(referral.reference)
    within = or_(Referral.client_id.in_(visible_client_ids(actor)), Referral.id == referral.id)
    return {
        other.client_id
        for other in session.scalars(select(Referral).where(within))
        if fold_name(other.reference) == reference
    }


def _is_overdue(referral: Referral, now: datetime) -> bool:
    return referral.first_contact_due_at is not None and referral.first_contact_due_at < now
