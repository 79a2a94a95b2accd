"""Reading her topics: each pathway as she last answered it, in her own order, with how it goes."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from portal.clients.models import Client
from portal.core.database import session
from portal.core.errors import NotFound
from portal.plan.answer_models import NeedAnswer, Rating
from portal.plan.answer_rules import Going, going
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
    rows = session.execute(
        select(NeedAnswer, Rating)
        .outerjoin(Rating, newest_ratings(client_id))
        .where(newest_answers(client_id))
        .order_by(*IN_HER_ORDER)
    )
    return gathered((answer, rating) for answer, rating in rows)


IN_HER_ORDER: tuple[Any, ...] = (NeedAnswer.position.is_(None), NeedAnswer.position, NeedAnswer.id)
"""How rows of `newest_answers` are sorted: what matters most first, what she did not pick last."""


def newest_answers(client_id: int) -> ColumnElement[bool]:
    """That an answer is her newest about its pathway."""
    hers = select(func.max(NeedAnswer.id)).where(NeedAnswer.client_id == client_id)
    return NeedAnswer.id.in_(hers.group_by(NeedAnswer.pathway))


def newest_ratings(client_id: int) -> ColumnElement[bool]:
    """That a rating belongs to an answer's pathway and is her newest of its moment."""
    hers = select(func.max(Rating.id)).where(Rating.client_id == client_id)
    newest = Rating.id.in_(hers.group_by(Rating.pathway, Rating.moment))
    return and_(Rating.client_id == client_id, Rating.pathway == NeedAnswer.pathway, newest)


def gathered(rows: Iterable[tuple[NeedAnswer | None, Rating | None]]) -> dict[str, Topic]:
    """Topics out of rows that pair an answer with each of its scores."""
    found: dict[str, Topic] = {}
    for answer, rating in rows:
        if answer is not None:
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
