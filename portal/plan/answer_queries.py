"""Reading what she answers: her topics in her order with how each goes, and the plans that were shared with her."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from portal.clients.models import Client
from portal.core.database import session
from portal.core.errors import NotFound
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.answer_rules import Going, going
from portal.plan.models import Plan
from portal.plan.queries import GoalShown
from portal.plan.rules import Pathway, is_sensitive


class Topic(NamedTuple):
    """One pathway as she last answered it, and her newest score of each moment."""

    answer: NeedAnswer
    scores: dict[str, int]

    @property
    def pathway(self) -> str:
        """Which pathway."""
        return self.answer.pathway

    @property
    def going(self) -> Going:
        """How it went since the start."""
        return going(self.scores)


def topics(client_id: int) -> dict[str, Topic]:
    """The newest answer of each pathway, picked ones first in her order, with her newest scores; one query."""
    newest = _newest(NeedAnswer.id, NeedAnswer.client_id, client_id).group_by(NeedAnswer.pathway)
    rated = _newest(Rating.id, Rating.client_id, client_id).group_by(Rating.pathway, Rating.moment)
    hers = and_(Rating.client_id == NeedAnswer.client_id, Rating.pathway == NeedAnswer.pathway, Rating.id.in_(rated))
    rows = session.execute(
        select(NeedAnswer, Rating)
        .outerjoin(Rating, hers)
        .where(NeedAnswer.id.in_(newest))
        .order_by(NeedAnswer.position.is_(None), NeedAnswer.position, NeedAnswer.id)
    )
    found: dict[str, Topic] = {}
    for answer, rating in rows:
        topic = found.setdefault(answer.pathway, Topic(answer, {}))
        if rating is not None:
            topic.scores[rating.moment] = rating.score
    return found


def order_of(found: dict[str, Topic]) -> list[str]:
    """The pathways that she picked, in her order."""
    return [pathway for pathway, topic in found.items() if topic.answer.position is not None]


def shown_topics(client: Client, found: dict[str, Topic], *, sensitive_open: bool) -> list[Topic]:
    """Her picked topics as her page may show them (R16, R41)."""
    may = client.sensitive_goals_online and sensitive_open
    return [found[pathway] for pathway in order_of(found) if may or not is_sensitive(pathway)]


def offered_to(client: Client, *, sensitive_open: bool) -> list[Pathway]:
    """The pathways among which her page lets her pick (R16, R41)."""
    may = client.sensitive_goals_online and sensitive_open
    return [pathway for pathway in Pathway if may or not is_sensitive(pathway)]


def own_pathway(client: Client, number: int) -> Pathway:
    """The pathway with a number, as her addresses name it (R7); raises NotFound for none and for a hidden one."""
    pathways = list(Pathway)
    if not 1 <= number <= len(pathways):
        raise NotFound("topic")
    pathway = pathways[number - 1]
    if is_sensitive(pathway) and not client.sensitive_goals_online:
        raise NotFound("topic")
    return pathway


def number_of(pathway: str) -> int:
    """The number by which her addresses and forms name a pathway, from 1."""
    return list(Pathway).index(Pathway(pathway)) + 1


def newest_version(client_id: int) -> PlanVersion | None:
    """The plan as it was last shared with her, or None."""
    return session.scalars(versions_newest_first(client_id).limit(1)).first()


def versions(client_id: int) -> Sequence[PlanVersion]:
    """Every plan that was shared with her, the newest first."""
    return session.scalars(versions_newest_first(client_id)).all()


def versions_newest_first(client_id: int) -> Select[PlanVersion]:
    """The statement of the plans that were shared with her."""
    hers = select(PlanVersion).where(PlanVersion.client_id == client_id)
    return hers.order_by(PlanVersion.shared_at.desc(), PlanVersion.number.desc())


def version_of(client_id: int, number: int) -> PlanVersion:
    """A plan that was shared with her, by its number; raises NotFound."""
    hers = (PlanVersion.client_id == client_id, PlanVersion.number == number)
    found = session.scalars(select(PlanVersion).where(*hers)).first() if 0 < number < 2**31 else None
    if found is None:
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


def _newest(key: Any, owner: Any, client_id: int) -> Any:
    return select(func.max(key)).where(owner == client_id)
