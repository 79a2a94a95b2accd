"""Feedback as pure rules: what is asked, for which time, and from how many answers on it is shown."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

QUESTIONS = ("listened", "helped", "welcome", "easy")
ANSWERS = ("yes", "partly", "no")
LONGEST_WORDS = 1000
FEWEST = 5
"""Fewer answers than this of a centre and a quarter are shown to nobody."""


class Quarter(NamedTuple):
    """Three months of a year; `number` is 1 to 4."""

    year: int
    number: int

    @property
    def months(self) -> tuple[str, str, str]:
        """Its months as they are stored."""
        first = 3 * self.number - 2
        return tuple(f"{self.year}-{month:02}" for month in range(first, first + 3))  # type: ignore[return-value]  # three of them

    @property
    def name(self) -> str:
        """As addresses and staff write it: 2026-Q4."""
        return f"{self.year}-Q{self.number}"


class Counted(NamedTuple):
    """What a centre's women said in a quarter: by question how often each answer was given; all of them gave some."""

    answers: int
    by_question: dict[str, dict[str, int]]


def quarter_of(day: date) -> Quarter:
    """The quarter in which a London day lies."""
    return Quarter(day.year, (day.month + 2) // 3)


def before(quarter: Quarter) -> Quarter:
    """The quarter before."""
    return Quarter(quarter.year - 1, 4) if quarter.number == 1 else quarter._replace(number=quarter.number - 1)


def ended_quarters(today: date, many: int = 8) -> list[Quarter]:
    """The quarters that are over, the newest first: of a running one each new answer would show by itself."""
    found, quarter = [], quarter_of(today)
    for _ in range(many):
        quarter = before(quarter)
        found.append(quarter)
    return found


def quarter_named(name: str, among: Iterable[Quarter]) -> Quarter | None:
    """The quarter of this name among some, or None."""
    return next((quarter for quarter in among if quarter.name == name), None)


def counted(rows: Iterable[Mapping[str, str]]) -> Counted | None:
    """The counts of some answers; None when they are too few to be shown, none at all among them."""
    listed = list(rows)
    if len(listed) < FEWEST:
        return None
    by_question = {
        question: {answer: sum(row[question] == answer for row in listed) for answer in ANSWERS}
        for question in QUESTIONS
    }
    return Counted(len(listed), by_question)


def says_something(answers: Mapping[str, str], words: str) -> bool:
    """Whether there is anything to keep."""
    return bool(words.strip()) or any(answers.get(question) in ANSWERS for question in QUESTIONS)
