"""Finding banned words in titles, addresses, file names and texts (R7, R20)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from portal.core.banned_words import NEED_THEIR_MARKS, TEXT_ONLY_BY_LANGUAGE, WORDS_BY_LANGUAGE

TEXT_ONLY_WORDS = (
    "idva", "marac", "solicitor", "injunction", "officer", "arrest", "bail", "injury", "rehab", "clinic", "pregnant",
    "keyworker", "helpline", "your ex", "your partner", "your husband",
)  # fmt: skip
"""Words that no text may carry, beside the banned words of the settings."""

LISTED_FOR_TEXTS: tuple[str, ...] = (
    *TEXT_ONLY_WORDS,
    *(word for listed in (WORDS_BY_LANGUAGE, TEXT_ONLY_BY_LANGUAGE) for words in listed.values() for word in words),
)
"""Every listed word that no text may carry, in whatever language: staff may write in any."""

_ARABIC_PREFIX = "[وف]?(?:[بك]?ال|لل|[بكل])?"
"""What Arabic writes on to a word: and, then; by, like, for; the."""

_SIGN = "\u0981-\u0983\u09bc\u09be-\u09cd\u09d7"
"""Vowel signs of Bengali, which are part of a word and no letters to a pattern."""
_LETTER = rf"[\w{_SIGN}]"


def banned_in(text: str, words: Iterable[str]) -> list[str]:
    """The banned words that stand in a text as whole words or simple inflections, however written.

    Capitals do not count, nor marks above and below letters: a text in GSM-7 has lost them.
    """
    exact = _folded(text, marks=True)
    plain = _folded(text, marks=False)
    found = (word for word in words if _pattern(word).search(exact if word in NEED_THEIR_MARKS else plain))
    return [word.strip("*") for word in found]


def _folded(text: str, *, marks: bool) -> str:
    folded = text.casefold().replace("’", "'")
    if marks:
        return unicodedata.normalize("NFC", folded)
    letters = unicodedata.normalize("NFKD", folded).replace("ı", "i").replace("ł", "l")
    # Bengali's marks are its vowels.
    return "".join(one for one in letters if unicodedata.category(one) != "Mn" or "\u0980" <= one <= "\u09ff")


@lru_cache(maxsize=2048)
def _pattern(word: str) -> re.Pattern[str]:
    folded = _folded(word, marks=word in NEED_THEIR_MARKS)
    if "*" in folded:
        before = rf"{_LETTER}{{0,2}}" if folded.startswith("*") else ""
        after = rf"{_LETTER}*" if folded.endswith("*") else ""
        return re.compile(rf"(?<!{_LETTER}){before}{re.escape(folded.strip('*'))}{after}(?!{_LETTER})")
    stem = re.escape(folded.removesuffix("e"))
    ending = r"(?:e|es|ed|er|ers|ing|ive)" if folded.endswith("e") else r"(?:s|es|ed|er|ers|ing|ual|'s)?"
    prefix = _ARABIC_PREFIX if re.search(r"[\u0600-\u06ff]", folded) else ""
    return re.compile(rf"(?<!{_LETTER}){prefix}{stem}{ending}(?:'s)?(?!{_LETTER})")
