"""Her safety plan: made by her or with her worker, read by whom she lets, taken back whole; never in a text."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import Actor, Permission
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.plan import making, rules
from portal.plan.safety_models import SafetyPlan
from portal.plan.safety_rules import filled, whole
from portal.plan.together import BothChanged, Values, chosen, put_together
from portal.plan.trusted import trusted_client


def current(client_id: int) -> SafetyPlan | None:
    """The version that counts: the newest, unless she took all back; of joined records the one written last."""
    newest = select(SafetyPlan).where(SafetyPlan.client_id == client_id, SafetyPlan.taken_back_at.is_(None))
    return session.scalars(newest.order_by(SafetyPlan.written_at.desc(), SafetyPlan.id.desc()).limit(1)).first()


def read_by_staff(actor: Actor, client_id: int, *, now: datetime) -> tuple[Client, SafetyPlan | None]:
    """What her worker may read of it, each look written down; None when there is none or she keeps it to herself.

    Raises NotAllowed, NotFound as the risk page does, and never opens by break-glass.
    """
    client = trusted_client(actor, client_id, Permission.READ_RISK, now=now)
    row = current(client.id)
    shown = row if row is not None and row.worker_may_read else None
    audit.record(actor, "safety_plan_read", now=now, client_id=client.id, reason="" if shown else "not_shown")
    return client, shown


def keeps_it(client_id: int) -> bool:
    """Whether there is one that she keeps to herself."""
    row = current(client_id)
    return row is not None and not row.worker_may_read


def write(
    actor: Actor,
    client_id: int,
    said: Values,
    *,
    made_from: int,
    choices: Mapping[str, str] | None = None,
    language: str,
    now: datetime,
) -> SafetyPlan | None:
    """Keep parts of it as a new version, joined with what was written since the version `made_from` (0: none).

    Written with her worker, the worker may read it; by herself, what she said about that stays. Nothing at all said is
    no plan yet. Raises BothChanged, whose `revision` is the version that stands now, Stale("own") when she took it back
    meanwhile, NotAllowed for staff while she keeps it to herself, Invalid(part, "too_long").
    """
    client = _writable(actor, client_id, now)
    making.hold_client(client.id)
    row = current(client.id)
    if actor.is_staff and row is not None and not row.worker_may_read:
        raise NotAllowed("kept")
    if row is None and made_from:
        raise Stale("own")
    base, theirs = whole(_version(client.id, made_from)), whole(row.parts if row else {})
    said = {part: words.replace("\r\n", "\n").strip() for part, words in said.items()}
    joined = put_together(base, chosen(base, said, choices or {}), theirs)
    if joined.clashes:
        raise BothChanged(row.id if row else 0, joined.values, joined.clashes, row.written_by_kind if row else "")
    for part, words in joined.values.items():
        if rules.text_fault(words, rules.LONGEST_WORDS) == "too_long":
            raise Invalid(part, "too_long")
    if joined.values == theirs:
        return row
    return _new_version(actor, client, row, filled(joined.values), language, now)


def let_worker_read(actor: Actor, client_id: int, may: bool, *, now: datetime) -> SafetyPlan:
    """She says whether her worker may read it, on her page, or staff record it as she said.

    Raises NotFound where there is none, NotAllowed.
    """
    client = _writable(actor, client_id, now)
    making.hold_client(client.id)
    row = current(client.id)
    if row is None:
        raise NotFound("own")
    if row.worker_may_read != may:
        row.worker_may_read = may
        audit.record(
            actor, "safety_plan_shown" if may else "safety_plan_kept", now=now, client_id=client.id,
            subject=making.subject_of(row),
        )  # fmt: skip
        session.flush()
    return row


def take_back(actor: Actor, *, now: datetime) -> int:
    """Take all of it back, with every earlier version: gone from the table too; gives how many versions there were."""
    client = making.herself(actor)
    making.hold_client(client.id)
    rows: Sequence[SafetyPlan] = session.scalars(
        select(SafetyPlan).where(SafetyPlan.client_id == client.id, SafetyPlan.taken_back_at.is_(None))
    ).all()
    for row in rows:
        row.parts, row.taken_back_at = {}, now
    if rows:
        audit.record(actor, "safety_plan_taken_back", now=now, client_id=client.id)
        session.flush()
    return len(rows)


def _writable(actor: Actor, client_id: int, now: datetime) -> Client:
    if not actor.is_client:
        return trusted_client(actor, client_id, Permission.WRITE_RISK, now=now)
    client = making.herself(actor)
    if client.id != client_id or not client.safety_plan_online:
        raise NotFound("own")
    return client


def _version(client_id: int, row_id: int) -> Mapping[str, str]:
    row = get_or_none(SafetyPlan, row_id) if row_id else None
    return row.parts if row is not None and row.client_id == client_id else {}


def _new_version(
    actor: Actor, client: Client, before: SafetyPlan | None, parts: dict[str, str], language: str, now: datetime
) -> SafetyPlan:
    last = session.scalar(select(func.max(SafetyPlan.version)).where(SafetyPlan.client_id == client.id)) or 0
    may_read = True if actor.is_staff else before.worker_may_read if before else None
    row = SafetyPlan(
        client_id=client.id,
        version=last + 1,
        parts=parts,
        language=language,
        worker_may_read=may_read,
        written_by_kind="client" if actor.is_client else "staff",
        written_by_id=actor.id,
        written_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(actor, "safety_plan_written", now=now, client_id=client.id, subject=making.subject_of(row))
    return row
