"""Wordings that were replaced are kept, so that two people who write at once overwrite nothing unseen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Stale
from portal.plan.models import Action, Goal, KeptWording
from portal.plan.together import BothChanged, Values, chosen, put_together


def wanted(
    row: Goal | Action, now_values: Values, said: Values, *, made_from: int, choices: Mapping[str, str]
) -> dict[str, str]:
    """The values that a form wants, joined with what others changed since the revision it was made from.

    `choices` are her answers where both changed one field. Raises BothChanged while such a field has no answer that
    fits, and Stale for a revision that never was.
    """
    if not 0 < made_from <= row.revision:
        raise Stale("revision")
    kept = _since(row, made_from)
    base = dict(now_values)
    for one in kept:
        base[one.field] = one.text
    joined = put_together(base, chosen(base, said, choices), now_values)
    if joined.clashes:
        raise BothChanged(row.revision, joined.values, joined.clashes, _who(kept, joined.clashes[0].field))
    return joined.values


def keep(actor: Actor, row: Goal | Action, changed: Mapping[str, str], language: str, now: datetime) -> None:
    """Keep what changed fields held until now, and count the row's revision up."""
    row.revision += 1
    owner = {"goal_id": row.id} if isinstance(row, Goal) else {"action_id": row.id}
    for field, before in changed.items():
        session.add(
            KeptWording(
                client_id=row.client_id,
                field=field,
                revision=row.revision,
                text=before,
                language=language,
                replaced_by_kind="client" if actor.is_client else "staff",
                replaced_by_id=actor.id,
                replaced_at=now,
                **owner,
            )
        )


def earlier(row: Goal | Action) -> Sequence[KeptWording]:
    """The wordings that were replaced, the newest first."""
    return session.scalars(select(KeptWording).where(_of(row)).order_by(KeptWording.id.desc())).all()


def _since(row: Goal | Action, revision: int) -> Sequence[KeptWording]:
    """What was replaced since a revision, the newest first, so that the last of a field is what stood there then."""
    later = select(KeptWording).where(_of(row), KeptWording.revision > revision)
    return session.scalars(later.order_by(KeptWording.revision.desc(), KeptWording.id.desc())).all()


def _of(row: Goal | Action) -> ColumnElement[bool]:
    return KeptWording.goal_id == row.id if isinstance(row, Goal) else KeptWording.action_id == row.id


def _who(kept: Sequence[Any], field: str) -> str:
    return next((one.replaced_by_kind for one in kept if one.field == field), "staff")
