"""Making how she is reached stricter: by herself, and at once when a contact may have put her at risk (R47)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients import her_acts
from portal.clients.models import Client, SafeContact
from portal.clients.queries import safe_contact, visible_client
from portal.core.access import Actor, Permission, Role, require
from portal.core.database import lock_rows, session
from portal.core.errors import NotAllowed

_SEALED = ("number", "who_else_sees", "safe_hours", "cover_phrase", "post_to", "email", "trusted_person")
_PLAIN = tuple(
    column.key
    for column in SafeContact.__table__.columns
    if column.key not in (*_SEALED, "id", "seal_id", "version", "recorded_at")
)


def make_stricter(actor: Actor, act: str, *, now: datetime) -> SafeContact | None:
    """An act of her own, as a new version of her record; gives it, or None when it would change nothing.

    Who asked her, and when to ask again, stay as they are. Raises NotAllowed for anybody but her.
    """
    if not actor.is_client:
        raise NotAllowed("client")
    record = _locked_newest(visible_client(actor, actor.id).id)
    changes = her_acts.stricter(record, act, now) if record is not None else {}
    if record is None or not changes:
        return None
    version = _copied(record, changes, now)
    audit.record(
        actor,
        "safe_contact_made_stricter",
        now=now,
        client_id=actor.id,
        subject=f"version:{version.version}",
        reason=act.partition(" ")[0],
    )
    return version


def stop_contact(actor: Actor, client_id: int, *, now: datetime) -> SafeContact | None:
    """Let nothing go to her until she was asked anew (R47); gives her record, None where nobody asked her yet.

    The desk may do so for whom it knows, women of other centres who are booked at its own among them, and whoever has
    her record open by break-glass. Raises NotAllowed, NotFound.
    """
    # Late: her own pages, which share this file, never need it.
    from portal.clients.desk import client_to_act_on

    require(actor, Permission.STOP_CONTACT)
    if actor.role is Role.RECEPTIONIST:
        client_to_act_on(actor, client_id, now)
    else:
        visible_client(actor, client_id)
    record = _locked_newest(client_id)
    if record is not None and record.stopped_at is None:
        record.stopped_at = now
        session.flush()
    audit.record(actor, "contact_stopped", now=now, client_id=client_id)
    return record


def _locked_newest(client_id: int) -> SafeContact | None:
    # Versions are counted under a lock on her record, as when she is asked anew.
    session.scalars(lock_rows(select(Client.id).where(Client.id == client_id))).one()
    return safe_contact(client_id)


def _copied(record: SafeContact, changes: dict[str, Any], now: datetime) -> SafeContact:
    values = {name: getattr(record, name) for name in (*_PLAIN, *_SEALED)}
    version = SafeContact(**(values | changes), version=record.version + 1, recorded_at=now)
    session.add(version)
    session.flush()
    return version
