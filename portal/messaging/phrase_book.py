"""The phrases that count: ours in every language, less those that staff turned off, and those that they added."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.core.locales import LANGUAGES
from portal.messaging.desk_models import Phrase
from portal.messaging.phrases import LISTED, Listed, Meaning, PhraseBook, book_of, built_in, built_in_book, forms_of

LONGEST = 80
FEWEST_LETTERS = 3

Changes = tuple[tuple[str, str, str, bool], ...]
_made_ready: tuple[Changes, PhraseBook] | None = None
"""The last phrases of staff and the book made of them: it is made once for each change, in each process."""


@dataclass(frozen=True)
class Line:
    """One phrase as staff see it: `row` is what they changed of it, if anything; `ours` when it is built in."""

    words: str
    alone: bool
    ours: bool
    row: Phrase | None

    @property
    def off(self) -> bool:
        """Whether it is ours and turned off."""
        return self.row is not None and self.row.off


def current() -> PhraseBook:
    """The phrases that count now, ready for searching: one query."""
    global _made_ready
    rows = session.execute(select(Phrase.language, Phrase.meaning, Phrase.words, Phrase.off).order_by(Phrase.id))
    changes: Changes = tuple((row.language, row.meaning, row.words, row.off) for row in rows)
    if not changes:
        return built_in_book()
    if _made_ready is None or _made_ready[0] != changes:
        _made_ready = (changes, book_of(_counting(changes)))
    return _made_ready[1]


def lines(language: str, meaning: Meaning) -> list[Line]:
    """The phrases of one meaning in one language: what staff added first, then ours, by the letters."""
    rows = {
        row.words: row
        for row in session.scalars(select(Phrase).where(Phrase.language == language, Phrase.meaning == meaning))
    }
    ours = [phrase for phrase in built_in() if (phrase.language, phrase.meaning) == (language, meaning)]
    added = [Line(words, False, False, row) for words, row in rows.items() if not row.off]
    built = [Line(phrase.words, phrase.alone, True, rows.get(phrase.words)) for phrase in ours]
    return sorted(added, key=lambda line: line.words.casefold()) + sorted(built, key=lambda line: line.words.casefold())


def add(actor: Actor, *, language: str, meaning: str, words: str, now: datetime) -> None:
    """Add a phrase; writing one of ours that is off turns it on again.

    Raises Invalid("words", "missing" | "too_long" | "too_short" | "known"), NotFound for an unknown list.
    """
    require(actor, Permission.EDIT_PHRASES)
    wanted, words = _list(language, meaning), " ".join(words.split())
    if not words:
        raise Invalid("words", "missing")
    if len(words) > LONGEST:
        raise Invalid("words", "too_long")
    # A phrase of a letter or two would be found in every text.
    if min((len("".join(form)) for form in forms_of(words)), default=0) < FEWEST_LETTERS:
        raise Invalid("words", "too_short")
    for line in lines(language, wanted):
        if not line.off and not line.alone and forms_of(line.words) & forms_of(words):
            raise Invalid("words", "known")
    row = _row(language, wanted, words)
    if row is not None:
        take_away(actor, row.id, now=now)
        return
    row = Phrase(language=language, meaning=wanted, words=words, changed_by=actor.id, changed_at=now)
    session.add(row)
    session.flush()
    _record(actor, "phrase_added", row, now)


def turn_off(actor: Actor, *, language: str, meaning: str, words: str, now: datetime) -> None:
    """Search no more for one of our own phrases. Raises NotFound when it is none of ours."""
    require(actor, Permission.EDIT_PHRASES)
    wanted = _list(language, meaning)
    if not any(line.ours and line.words == words for line in lines(language, wanted)):
        raise NotFound("phrase")
    row = _row(language, wanted, words) or Phrase(language=language, meaning=wanted, words=words)
    row.off, row.changed_by, row.changed_at = True, actor.id, now
    session.add(row)
    session.flush()
    _record(actor, "phrase_turned_off", row, now)


def take_away(actor: Actor, phrase_id: int, *, now: datetime) -> Phrase:
    """Take an added phrase away, or search again for one of ours that was off; gives what was there."""
    require(actor, Permission.EDIT_PHRASES)
    row = get_or_none(Phrase, phrase_id)
    if row is None:
        raise NotFound("phrase")
    _record(actor, "phrase_turned_on" if row.off else "phrase_removed", row, now)
    session.delete(row)
    session.flush()
    return row


def _counting(changes: Changes) -> Iterable[Listed]:
    off = {(language, meaning, words) for language, meaning, words, is_off in changes if is_off}
    for phrase in built_in():
        if (phrase.language, phrase.meaning, phrase.words) not in off:
            yield phrase
    for language, meaning, words, is_off in changes:
        if not is_off and meaning in LISTED:
            yield Listed(language, Meaning(meaning), words)


def _list(language: str, meaning: str) -> Meaning:
    if language not in LANGUAGES or meaning not in LISTED:
        raise NotFound("phrases")
    return Meaning(meaning)


def _row(language: str, meaning: Meaning, words: str) -> Phrase | None:
    statement = select(Phrase).where(Phrase.language == language, Phrase.meaning == meaning, Phrase.words == words)
    return session.scalars(lock_rows(statement)).first()


def _record(actor: Actor, action: str, row: Phrase, now: datetime) -> None:
    audit.record(actor, action, now=now, subject=f"phrase:{row.id}", reason=f"{row.language} {row.meaning}")
