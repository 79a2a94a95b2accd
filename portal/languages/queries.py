"""Reading where each language stands."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from portal.clients.models import Client, ClientState
from portal.clients.queries import visible_client_ids
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import NotFound
from portal.core.locales import LANGUAGES, SOURCE, Language, offered
from portal.languages import catalogues
from portal.languages.catalogues import Words
from portal.languages.models import LanguageStep
from portal.languages.rules import Standing, standing


class Row(NamedTuple):
    """A language and where it stands; `women` is how many of those whom the reader may see have it as theirs."""

    language: Language
    standing: Standing
    words: Words
    offered: bool
    women: int


NOBODY: dict[str, int] = {}


def rows(women: dict[str, int]) -> list[Row]:
    """Every language but English, which all are translated from, in the order in which women choose."""
    steps = _steps()
    return [_row(language, steps[language.code], women) for language in LANGUAGES.values() if language.code != SOURCE]


def row(code: str, women: dict[str, int] = NOBODY) -> Row:
    """One language; raises NotFound, also for English."""
    if code not in LANGUAGES or code == SOURCE:
        raise NotFound("language")
    return _row(LANGUAGES[code], _steps(code)[code], women)


def steps_of(code: str) -> list[LanguageStep]:
    """The steps that were taken with a language, the first one first."""
    return _steps(code)[code]


def women_by_language(actor: Actor, now: datetime) -> dict[str, int]:
    """How many women with an open record, of those whom the reader may see (R29), have each language as theirs."""
    counted = (
        select(Client.language, func.count().label("women"))
        .where(Client.id.in_(visible_client_ids(actor, now)), Client.state == ClientState.OPEN)
        .group_by(Client.language)
    )
    return {row.language: row.women for row in session.execute(counted)}


def _row(language: Language, steps: list[LanguageStep], women: dict[str, int]) -> Row:
    code, words = language.code, catalogues.words(language.code)
    stands = standing(catalogues.shipped(code), steps, words.mark)
    return Row(language, stands, words, code in offered(), women.get(code, 0))


def _steps(code: str | None = None) -> dict[str, list[LanguageStep]]:
    statement = select(LanguageStep).order_by(LanguageStep.number)
    found: dict[str, list[LanguageStep]] = defaultdict(list)
    for step in session.scalars(statement if code is None else statement.where(LanguageStep.language == code)):
        found[step.language].append(step)
    return found
