"""Copies of a woman's data, retention, and sealing anew after a new key."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from portal.accounts.models import AttemptCount, KeptForm, SetupCode, SignedIn
from portal.audit import service as audit
from portal.booking.models import Appointment
from portal.clients.models import Client, SafeContact
from portal.core import crypto
from portal.core.access import Actor, Permission, require
from portal.core.database import Base, EncryptedText, session
from portal.diversion.models import Condition, Referral
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.plan.models import Action, Goal, OwnWords, Plan
from portal.privacy.registry import class_of
from portal.web.models import RequestKey

HERS: tuple[type[Base], ...] = (
    SafeContact, Plan, Goal, Action, OwnWords, Appointment, Text, IncomingText, PortalMessage, Referral, Condition,
)  # fmt: skip
"""The tables whose rows are hers and go into her copy; staff's notes of risk are gone through with her by a person."""

KEPT_FOR: tuple[tuple[type[Base], Any, timedelta], ...] = (
    (RequestKey, RequestKey.claimed_at, timedelta(days=30)),
    (SignedIn, SignedIn.seen_at, timedelta(days=30)),
    (SetupCode, SetupCode.expires_at, timedelta(days=30)),
    (KeptForm, KeptForm.expires_at, timedelta(0)),
    (AttemptCount, AttemptCount.started_at, timedelta(days=1)),
)
"""How long the traces of using the portal are kept."""


def write_copy(actor: Actor, client: Client, folder: str, *, now: datetime) -> Path:
    """Write everything that is hers as one JSON file with a neutral name (R34); gives its path."""
    require(actor, Permission.MANAGE_PRIVACY)
    audit.record(actor, "copy_made", now=now, client_id=client.id)
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    target = path / f"copy-{now:%Y%m%d}.json"
    target.touch(mode=0o600)
    content = {"you": _facts(client), **{model.__tablename__: list(_rows(model, client.id)) for model in HERS}}
    target.write_text(json.dumps(content, ensure_ascii=False, indent=2))
    return target


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Remove the traces of use that were kept long enough; gives how many by table. A dry run only counts."""
    counts = {}
    for model, instant, kept_for in KEPT_FOR:
        old = instant < now - kept_for
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(old)) or 0
        if not dry_run:
            session.execute(delete(model).where(old))
    return counts


def reseal(limit: int) -> int:
    """Seal up to `limit` values anew that an older key sealed; gives how many were done."""
    keyring, done = crypto.keyring(), 0
    for mapper in Base.registry.mappers:
        for name, field in _sealed_fields(mapper.class_):
            for row in session.scalars(select(mapper.class_).execution_options(yield_per=200)):
                sealed = getattr(row, f"_{name}")
                if sealed is not None and not keyring.is_newest(sealed):
                    field.__set__(row, field.__get__(row, mapper.class_))
                    done += 1
                    if done >= limit:
                        return done
    return done


def _rows(model: type[Base], client_id: int) -> Iterator[dict[str, Any]]:
    client_column = model.__table__.c.client_id
    for row in session.scalars(select(model).where(client_column == client_id)):
        yield _facts(row)


def _facts(row: Base) -> dict[str, Any]:
    """The facts of a row that are hers: keys, indexes and hashes are of no use to her."""
    facts: dict[str, Any] = {}
    for column in row.__table__.columns:
        if column.name in ("id", "seal_id", "once", "gateway_sid") or column.name.endswith(("_index", "_hash", "_id")):
            continue
        if class_of(row.__tablename__, column.name) is None:
            continue
        value = getattr(row, column.name, None)
        facts[column.name] = value.isoformat() if isinstance(value, datetime | date) else value
    return facts


def _sealed_fields(model: type) -> Iterator[tuple[str, EncryptedText]]:
    for name, value in vars(model).items():
        if isinstance(value, EncryptedText):
            yield name, value
