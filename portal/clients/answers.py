"""Pure rules about what a woman says when she is asked how she may be reached: what is asked, what cannot stand."""

import re
from datetime import date, time, timedelta
from typing import NamedTuple

WHOSE_PHONE = ("own", "shared", "someone_else", "none")
WORDINGS = ("plain", "short", "cover")
LONGEST_COVER = 20
LONGEST_CHECK = timedelta(days=365)


class ContactAnswers(NamedTuple):
    """What she said when she was asked how she may be reached (R18); None is a question that was not answered.

    `number` is E.164, or None for the number that is on record already. `code_word_hash` None keeps the code word.
    `code_by_text` not answered is a no: a way in is never opened because nobody asked (R13).
    """

    may_text: bool | None
    may_ring: bool | None
    whose_phone: str
    text_language: str
    voice_language: str
    check_again_on: date
    number: str | None = None
    who_else_sees: str = ""
    safe_hours: tuple[tuple[int, time, time], ...] = ()
    wording: str = ""
    cover_phrase: str = ""
    names_worker: bool | None = None
    may_reply: bool | None = None
    auto_reply: bool | None = None
    may_leave_message: bool | None = None
    may_say_who: bool | None = None
    code_word_hash: str | None = None
    trusted_person: str = ""
    stable_phone: bool | None = None
    stable_home: bool | None = None
    reminds_week_before: bool | None = None
    reminds_same_morning: bool | None = None
    code_by_text: bool | None = None
    may_post: bool | None = None
    post_to: str = ""
    may_email: bool | None = None
    email: str = ""


def unanswered(answers: ContactAnswers) -> list[str]:
    """The questions about safety that still need an answer; what a "no" makes pointless is not asked for."""
    asked = ["may_text", "whose_phone", "may_ring", "may_post", "may_email", "stable_home"]
    asked += [] if answers.whose_phone == "none" else ["stable_phone"]
    if answers.may_text:
        asked += ["wording", "names_worker", "may_reply", "reminds_week_before", "reminds_same_morning"]
        asked += ["auto_reply"] if answers.may_reply else []
        asked += ["cover_phrase"] if answers.wording == "cover" else []
        asked += ["safe_hours"]
    if answers.may_ring:
        asked += ["may_leave_message", "may_say_who"]
    asked += ["post_to"] if answers.may_post else []
    asked += ["email"] if answers.may_email else []
    return [name for name in asked if getattr(answers, name) in (None, "", ())]


def cover_phrase_fault(phrase: str, banned: list[str]) -> str | None:
    """Why a cover phrase cannot be used: `too_long`, `banned`, `link`; None when it can (R20)."""
    if len(phrase) > LONGEST_COVER:
        return "too_long"
    if banned:
        return "banned"
    return "link" if re.search(r"https?:|www\.|\w\.\w", phrase, re.IGNORECASE) else None


def is_email(text: str) -> bool:
    """Whether a text has the shape of an e-mail address."""
    return re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+", text) is not None
