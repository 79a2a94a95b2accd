"""Copies of a woman's data, retention, and sealing anew after a new key."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from portal.accounts.device_models import KeptStaffForm
from portal.accounts.models import AttemptCount, KeptForm, SetupCode, SignedIn, TextCode
from portal.audit import service as audit
from portal.booking import records as booking_records
from portal.booking.desk_models import WalkIn
from portal.booking.models import Appointment, Outcome, PracticalHelp
from portal.clients import records as client_records
from portal.clients.closing_models import CentreMove, Closing
from portal.clients.models import AvoidedCentre, BookingNeeds, Client, SafeContact
from portal.clients.queries import ids_of_hers, kept_record, standing_client
from portal.core import clock, crypto
from portal.core.access import Actor, Permission, require
from portal.core.database import Base, EncryptedText, lock_rows, session
from portal.diversion import records as diversion_records
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.feedback import records as feedback_records
from portal.groups.models import Place
from portal.messaging import records as messaging_records
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.partners import records as partner_records
from portal.partners.models import PartnerAgreement, PartnerReferral, PartnerStep
from portal.plan import records as plan_records
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.models import Action, Goal, KeptWording, OwnWords, Plan
from portal.plan.review_models import Review
from portal.plan.safety_models import SafetyPlan
from portal.privacy.notes import notes_for_her
from portal.privacy.registry import class_of, is_special
from portal.waiting.models import Offer, Wait
from portal.web.models import RequestKey

HERS: tuple[type[Base], ...] = (
    SafeContact, Plan, Goal, Action, OwnWords, Appointment, Outcome, PracticalHelp, WalkIn, Text, IncomingText,
    PortalMessage, ThreadMark, Referral, Condition, BookingNeeds, AvoidedCentre, Place, Wait, Offer, NeedAnswer,
    Rating, PlanVersion, Review, KeptWording, SafetyPlan, PartnerReferral, PartnerAgreement, PartnerStep,
    ConditionChange, ExcusedSession, PoliceReport, CentreMove, Closing,
)  # fmt: skip
"""The tables whose rows are hers and go into her copy whole; of staff's notes those that are marked for it."""

KEPT_FOR: tuple[tuple[type[Base], Any, timedelta], ...] = (
    (RequestKey, RequestKey.claimed_at, timedelta(days=30)),
    (SignedIn, SignedIn.seen_at, timedelta(days=30)),
    (SetupCode, SetupCode.expires_at, timedelta(days=30)),
    (KeptForm, KeptForm.expires_at, timedelta(0)),
    (TextCode, TextCode.asked_at, timedelta(days=2)),
    (KeptStaffForm, KeptStaffForm.expires_at, timedelta(0)),
    (AttemptCount, AttemptCount.started_at, timedelta(days=1)),
    (WalkIn, WalkIn.came_at, timedelta(days=30)),
)
"""How long the traces of using the portal are kept."""


def write_copy(actor: Actor, client: Client, folder: str, *, now: datetime) -> Path:
    """Write everything that is hers as one JSON file with a neutral name (R34); gives its path.

    Of a record that goes on in another one, that is the other one's copy; what stayed behind in it is hers too. Notes
    of staff are in it as far as they are marked for it; of the others it says how many there are, and why not. Parts
    that could harm her in somebody else's hands are named in `take_care`.
    Raises NotAllowed, and NotFound for a record that the actor may not see.
    """
    require(actor, Permission.MANAGE_PRIVACY)
    client = standing_client(actor, kept_record(client).id)
    ids = ids_of_hers(client.id)
    audit.record(actor, "copy_made", now=now, client_id=client.id)
    parts = {model.__tablename__: list(_rows(model, ids)) for model in HERS}
    content = {
        "you": _facts(client),
        "take_care": [name for name, rows in parts.items() if rows and is_special(name)],
        **parts,
        "notes": notes_for_her(ids),
    }
    target = _new_file(Path(folder), f"copy-{clock.london_today(now):%Y%m%d}")
    target.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    return target


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Remove what was kept long enough: traces of use, and words; gives how many by table. A dry run only counts."""
    counts = {}
    for model, instant, kept_for in KEPT_FOR:
        old = instant < now - kept_for
        counts[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(old)) or 0
        if not dry_run:
            session.execute(delete(model).where(old))
    # Notes that correct one of a session go before it.
    for records in (
        messaging_records,
        client_records,
        booking_records,
        plan_records,
        partner_records,
        feedback_records,
        diversion_records,
    ):
        counts |= records.purge(now, dry_run=dry_run)
    return counts


def sealed_models() -> list[type[Base]]:
    """Every table with sealed columns."""
    found = [mapper.class_ for mapper in Base.registry.mappers if _sealed_fields(mapper.class_)]
    return sorted(found, key=lambda model: model.__tablename__)


def reseal(model: type[Base], after: int, limit: int = 200) -> tuple[int, int | None]:
    """Seal anew, in the next `limit` rows of a table, whatever an older key sealed.

    Rows come in the order of their key, from the one after `after`. Gives how many values were done and the last key
    looked at, None when there are no more rows. Raises CannotOpen for a value whose key is not in the settings.
    """
    keyring, fields, done = crypto.keyring(), _sealed_fields(model), 0
    key = model.__mapper__.primary_key[0]
    rows = session.scalars(
        lock_rows(select(model).where(key > after).order_by(key).limit(limit)).execution_options(populate_existing=True)
    ).all()
    for row in rows:
        for field in fields:
            sealed = getattr(row, f"_{field.name}")
            if sealed is not None and not keyring.is_newest(sealed):
                setattr(row, field.name, getattr(row, field.name))
                done += 1
    session.flush()
    return done, model.__mapper__.primary_key_from_instance(rows[-1])[0] if rows else None


def _new_file(folder: Path, stem: str) -> Path:
    """A new file that only its owner reads; a copy made before, perhaps another woman's, is never written over."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in count(1):
        target = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        try:
            target.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        return target
    raise AssertionError("numbers do not end")


def _rows(model: type[Base], ids: list[int]) -> Iterator[dict[str, Any]]:
    client_column = model.__table__.c.client_id
    for row in session.scalars(select(model).where(client_column.in_(ids))):
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


def _sealed_fields(model: type) -> list[EncryptedText]:
    return [value for value in vars(model).values() if isinstance(value, EncryptedText)]
