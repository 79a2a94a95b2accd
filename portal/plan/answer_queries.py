"""Reading the plans that were shared with her, and a plan as it is kept and compared."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from portal.clients.models import Client
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.plan.answer_models import PlanVersion
from portal.plan.answer_rules import has_changed
from portal.plan.models import Plan
from portal.plan.queries import GoalShown


def newest_version(client_id: int) -> PlanVersion | None:
    """The plan as it was last shared with her, or None."""
    return session.scalars(versions_newest_first(client_id).limit(1)).first()


def versions(client_id: int) -> Sequence[PlanVersion]:
    """Every plan that was shared with her, the newest first."""
    return session.scalars(versions_newest_first(client_id)).all()


def versions_for_her(client: Client) -> Sequence[PlanVersion]:
    """The plans that were shared with her, the newest first, as her pages list them.

    With her switch off one that differs from the next only in what is hidden is not there (R41).
    """
    found = versions(client.id)
    if client.sensitive_goals_online:
        return found
    return [
        one
        for newer, one in zip([None, *found], found, strict=False)
        if newer is None or one.content is None or has_changed(one.content, newer.content or {}, sensitive=False)
    ]


def versions_newest_first(client_id: int) -> Select[PlanVersion]:
    """The statement of the plans that were shared with her."""
    hers = select(PlanVersion).where(PlanVersion.client_id == client_id)
    return hers.order_by(PlanVersion.shared_at.desc(), PlanVersion.number.desc())


def version_of(client_id: int, version_id: int) -> PlanVersion:
    """A plan that was shared with her, by its id; raises NotFound for another woman's."""
    found = get_or_none(PlanVersion, version_id)
    if found is None or found.client_id != client_id:
        raise NotFound("version")
    return found


def has_agreed(plan: Plan | None, version: PlanVersion | None) -> bool:
    """Whether she has agreed to a plan before."""
    return (plan is not None and plan.agreed_on is not None) or (version is not None and version.answer == "yes")


def snapshot(pathways: dict[str, list[GoalShown]]) -> dict[str, Any]:
    """A plan as it stands, to be kept and compared: goals and actions in words, not how far they are."""
    return {
        "goals": [
            {
                "pathway": pathway,
                "her_words": shown.goal.her_words,
                "worker_words": shown.goal.worker_words,
                "why_matters": shown.goal.why_matters,
                "actions": [
                    {
                        "what": action.what,
                        "doer": action.doer,
                        "due_on": action.due_on.isoformat() if action.due_on else None,
                    }
                    for action in shown.actions
                ],
            }
            for pathway, goals in pathways.items()
            for shown in goals
        ]
    }
