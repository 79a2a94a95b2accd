"""Words that staff send often: kept by language, checked as any text when they are saved (R20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.audit import service as audit
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound
from portal.core.locales import LANGUAGES, shown_in
from portal.messaging import queries, wording
from portal.messaging.composing import Draft
from portal.messaging.desk_models import TextTemplate
from portal.messaging.rules import MOST_PARTS, refused_in
from portal.messaging.staff_words import KINDS, WORDINGS

LONGEST_TITLE = 60
LONGEST_BODY = 480
ENGLISH = "en"


def templates(language: str) -> list[TextTemplate]:
    """The templates of a language that are in use, then those that are not, by title."""
    rows = session.scalars(select(TextTemplate).where(TextTemplate.language == language))
    return sorted(rows, key=lambda row: (row.archived, row.title.casefold(), row.id))


def template(template_id: int) -> TextTemplate:
    """The template with this id, in use or not; raises NotFound."""
    found = get_or_none(TextTemplate, template_id)
    if found is None:
        raise NotFound("template")
    return found


def counts() -> dict[str, int]:
    """How many templates are in use, by language; languages without one are left out."""
    found: dict[str, int] = {}
    for language in session.scalars(select(TextTemplate.language).where(TextTemplate.archived.is_(False))):
        found[language] = found.get(language, 0) + 1
    return found


def in_use(*languages: str) -> list[tuple[str, list[TextTemplate]]]:
    """The templates in use by name of language, in the order of the languages; none of a language that has none."""
    rows = session.scalars(
        select(TextTemplate).where(TextTemplate.archived.is_(False), TextTemplate.language.in_(languages))
    ).all()
    by_title = sorted(rows, key=lambda row: (row.title.casefold(), row.id))
    found = [(LANGUAGES[code].latin, [row for row in by_title if row.language == code]) for code in languages]
    return [(name, listed) for name, listed in found if listed]


def for_composer(language: str) -> list[tuple[str, list[TextTemplate]]]:
    """The templates to choose from when a woman with this language is written to: hers first, then the English ones."""
    return in_use(*dict.fromkeys((language, ENGLISH)))


def draft_of(actor: Actor, language: str, body: str, *, words: Sequence[str]) -> Draft:
    """What a template would put on a screen; automatic texts' limits hold for it too (R21)."""
    worded = wording.written(body, shown_in(language))
    found = refused_in(worded.body, words=words, names=queries.names_at_work().for_everybody(actor.id))
    return Draft(worded, found, MOST_PARTS)


def save_template(
    actor: Actor,
    template_id: int | None,
    *,
    title: str,
    language: str,
    body: str,
    words: Sequence[str],
    now: datetime,
) -> TextTemplate:
    """Add a template, or change one. It names nobody and no place, holds no link and no word that no text may carry.

    Raises NotFound, WordsRefused, Invalid("title", "missing"), Invalid("language", "unknown"),
    Invalid("body", "missing" | "too_long").
    """
    require(actor, Permission.WRITE_TEXT)
    row = template(template_id) if template_id is not None else TextTemplate(archived=False)
    title = " ".join(title.split())
    if not title:
        raise Invalid("title", "missing")
    if language not in LANGUAGES:
        raise Invalid("language", "unknown")
    row.title, row.language = title, language
    row.body = draft_of(actor, language, body, words=words).checked().body
    row.changed_by, row.changed_at = actor.id, now
    session.add(row)
    session.flush()
    audit.record(actor, "template_saved", now=now, subject=f"template:{row.id}")
    return row


def archive(actor: Actor, template_id: int, *, archived: bool, now: datetime) -> TextTemplate:
    """Take a template out of use, or bring it back. Raises NotFound."""
    require(actor, Permission.WRITE_TEXT)
    row = template(template_id)
    row.archived, row.changed_by, row.changed_at = archived, actor.id, now
    session.flush()
    audit.record(actor, "template_saved", now=now, subject=f"template:{row.id}")
    return row


@dataclass
class _Example:
    wording: str
    cover_phrase: str | None = "Nails"
    names_worker: bool = False
    may_reply: bool = True


def automatic_texts(language: str, now: datetime) -> list[tuple[str, str, wording.Worded]]:
    """What goes by itself, in each wording: (what it is, wording, words); nothing in a language that is not offered."""
    if shown_in(language) != language:
        return []
    facts = {"starts_at": now + timedelta(days=1), "worker": None}
    found: dict[tuple[str, str], tuple[str, str, wording.Worded]] = {}
    for kind, words in KINDS.items():
        for chosen, chosen_words in WORDINGS.items():
            try:
                worded = wording.render(kind, facts, _Example(chosen), language)
            except wording.NoWording:
                continue
            # A text that is the same in every wording stands once.
            found.setdefault((kind, worded.body), (words, chosen_words, worded))
    return list(found.values())
