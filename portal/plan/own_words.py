"""Words that are hers alone: written, corrected and taken back by herself."""

from datetime import datetime

from portal.audit import service as audit
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Stale
from portal.plan import queries
from portal.plan.making import herself, locked, made, made_before, subject_of, text
from portal.plan.models import OwnWords
from portal.plan.together import BothChanged, Choice, Clash


def write_own_words(
    actor: Actor, *, goal_id: int | None, words: str, language: str, request_key: str, now: datetime
) -> OwnWords:
    """Keep words that she wrote under a goal of hers, or about the whole plan when `goal_id` is None.

    Raises NotFound for a goal not shown to her, Stale for one withdrawn meanwhile, and
    Invalid("words", "missing" or "too_long").
    """
    client = herself(actor)
    before = made_before(actor, OwnWords, request_key, now)
    if before is not None:
        return before
    if goal_id is not None and queries.own_goal(client, goal_id).withdrawn_at is not None:
        raise Stale("goal")
    row = OwnWords(
        client_id=client.id,
        goal_id=goal_id,
        words=text("words", words),
        language=language,
        written_at=now,
    )
    made(actor, row, "own_words_written", request_key, now)
    return row


def correct_words(
    actor: Actor, words_id: int, *, words: str, language: str, choice: str = "", now: datetime
) -> OwnWords:
    """Put a better wording in the place of words of hers; the earlier one stays, shown to nobody.

    Gives the words that count now. The same wording again changes nothing. Raises Stale("words") for what she took
    back, and BothChanged when she corrected the same words elsewhere since, until `choice` says what counts;
    `revision` is then the id of the words that stand now.
    """
    row = locked(OwnWords, words_id)
    queries.own_words(herself(actor), row.id)
    said = text("words", words)
    if row.taken_back_at is not None:
        raise Stale("words")
    if row.corrected_at is not None:
        newest = queries.newest_words(row)
        if newest.words == said:
            return newest
        raise BothChanged(newest.id, {}, (Clash("words", said, newest.words),), "client")
    if choice == Choice.BOTH:
        said = text("words", f"{row.words}\n{said}")
    if choice == Choice.THEIRS or said == row.words:
        return row
    row.corrected_at = now
    better = OwnWords(
        client_id=row.client_id, goal_id=row.goal_id, words=said, language=language, written_at=now, replaces_id=row.id
    )
    session.add(better)
    session.flush()
    audit.record(actor, "own_words_corrected", now=now, client_id=row.client_id, subject=subject_of(better))
    return better


def take_back_words(actor: Actor, words_id: int, *, now: datetime) -> OwnWords:
    """Take back words of hers with every earlier wording: gone from all pages and the table; twice is harmless.

    Of words that she corrected elsewhere meanwhile the correction goes too.
    """
    row = locked(OwnWords, words_id)
    queries.own_words(herself(actor), row.id)
    newest = locked(OwnWords, queries.newest_words(row).id)
    if newest.taken_back_at is None:
        for one in queries.wordings(newest):
            one.taken_back_at, one.words = now, ""
        audit.record(actor, "own_words_taken_back", now=now, client_id=newest.client_id, subject=subject_of(newest))
        session.flush()
    return row
