"""The steps that managers take: somebody read the words, they are approved, women are offered them or not any more."""

from datetime import date, datetime
from typing import NamedTuple

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import insert_unless_there, session
from portal.core.errors import Invalid, NotFound, Stale
from portal.core.locales import LANGUAGES, SOURCE
from portal.languages import catalogues, queries
from portal.languages.models import LanguageStep
from portal.languages.rules import Standing, State, Step, standing
from portal.staff import queries as staff
from portal.worklist import service as worklist

LONGEST_NAME = 80
READ_AGAIN = "read_language_again"


class Seen(NamedTuple):
    """What stood on the page that she pressed a button on: how many steps there were, and the mark of the words."""

    number: int
    words: str


def record_reading(actor: Actor, language: str, *, reader: str, read_on: date, seen: Seen, now: datetime) -> None:
    """Record that a native speaker has read the words as they are now; her name is asked, as it is rarely the actor.

    Raises NotAllowed, NotFound, Stale, Invalid("reader", "missing" | "too_long"), Invalid("read_on", "future").
    """
    reader = " ".join(reader.split())
    if not reader:
        raise Invalid("reader", "missing")
    if len(reader) > LONGEST_NAME:
        raise Invalid("reader", "too_long")
    if read_on > clock.london_today(now):
        raise Invalid("read_on", "future")
    _take(actor, language, Step.READ, seen, now, reader=reader, read_on=read_on)
    worklist.close_for_subject(_subject(language), done="dealt_with", actor=actor, now=now)


def approve(actor: Actor, language: str, *, seen: Seen, now: datetime) -> None:
    """Approve the words as they are now. Raises NotAllowed, NotFound, Stale, Invalid("step", "not_read")."""
    stands = _standing(language)
    if stands.state is State.DRAFTED or stands.changed:
        raise Invalid("step", "not_read")
    _take(actor, language, Step.APPROVED, seen, now)


def turn(actor: Actor, language: str, *, on: bool, seen: Seen, now: datetime) -> None:
    """Offer women a language, or offer it no more; what nobody who speaks it has read is never offered.

    Words that changed since stay offered: most women would rather read a new line in rough words than all in English.
    Raises NotAllowed, NotFound, Stale, Invalid("step", "not_read").
    """
    if on and _standing(language).state is State.DRAFTED:
        raise Invalid("step", "not_read")
    _take(actor, language, Step.ON if on else Step.OFF, seen, now)


def ask_to_read_again(now: datetime) -> None:
    """Give whoever turned a language on a task when its words have changed since they were read, or when the catalogue
    on whose word it was turned on says no longer that anybody read it.
    """
    for language in LANGUAGES:
        steps = queries.steps_of(language) if language != SOURCE else []
        if not steps:
            continue
        mark = catalogues.words(language).mark
        stands = standing(catalogues.shipped(language), steps, mark)
        if stands.turned_on and (stands.changed or stands.reading is None):
            by = next(step.taken_by for step in reversed(steps) if step.step == Step.ON)
            worklist.raise_task(
                READ_AGAIN,
                now=now,
                owner_id=_manager_in_place_of(by),
                subject=_subject(language),
                note=f"{LANGUAGES[language].latin}: the words have changed since somebody read them.",
            )


def _manager_in_place_of(staff_id: int) -> int:
    managers = [person.id for person in staff.managers()]
    return staff_id if staff_id in managers or not managers else managers[0]


def _standing(language: str) -> Standing:
    if language not in LANGUAGES or language == SOURCE:
        raise NotFound("language")
    return standing(catalogues.shipped(language), queries.steps_of(language), catalogues.words(language).mark)


def _take(
    actor: Actor,
    language: str,
    step: Step,
    seen: Seen,
    now: datetime,
    *,
    reader: str = "",
    read_on: date | None = None,
) -> None:
    """Take the next step if it is still the next one and about the words that she saw; raises Stale."""
    require(actor, Permission.OFFER_LANGUAGES)
    stands = _standing(language)
    mark = catalogues.words(language).mark
    if seen != Seen(stands.number, mark):
        raise Stale("language")
    taken = insert_unless_there(
        LanguageStep, language=language, number=seen.number + 1, step=step.value, words=mark,
        reader=reader, read_on=read_on, taken_by=actor.id, taken_at=now,
    )  # fmt: skip
    if not session.execute(taken.returning(LanguageStep.id)).scalar():
        raise Stale("language")
    audit.record(actor, f"language_{step.value}", now=now, subject=_subject(language))


def _subject(language: str) -> str:
    return f"language:{language}"
