"""Reading feedback: by centre and quarter, and only where enough women answered that none of them stands out."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select

from portal.core.database import session
from portal.feedback import rules
from portal.feedback.models import Feedback
from portal.feedback.rules import QUESTIONS, Counted, Quarter


class OfCentre(NamedTuple):
    """What the women of one centre said in one quarter: counts and words, or neither where they are too few."""

    centre_id: int
    counted: Counted | None
    words: list[str]


def of_quarter(centre_ids: Iterable[int], quarter: Quarter) -> list[OfCentre]:
    """What was said at some centres in a quarter that is over, in one query; words come in another order each time."""
    wanted = sorted(centre_ids)
    rows: dict[int, list[Feedback]] = defaultdict(list)
    statement = select(Feedback).where(Feedback.centre_id.in_(wanted), Feedback.month.in_(quarter.months))
    for row in session.scalars(statement):
        rows[row.centre_id].append(row)
    found = []
    for centre_id in wanted:
        said = rows[centre_id]
        counted = rules.counted({question: getattr(row, question) for question in QUESTIONS} for row in said)
        words = [row.words for row in said if row.words] if counted is not None else []
        secrets.SystemRandom().shuffle(words)
        found.append(OfCentre(centre_id, counted, words))
    return found
