"""Finding banned words in titles, addresses, file names and texts (R7, R20)."""

import re
from collections.abc import Iterable
from functools import lru_cache

TEXT_ONLY_WORDS = (
    "idva", "marac", "solicitor", "injunction", "officer", "arrest", "bail", "injury", "rehab", "clinic", "pregnant",
    "keyworker", "helpline", "your ex", "your partner", "your husband",
)  # fmt: skip
"""Words that no text may carry, beside the banned words of the settings."""

WORDS_BY_LANGUAGE: dict[str, tuple[str, ...]] = {
    "ar": (
        "عنف", "اعتداء", "إساءة", "شرطة", "جريمة", "مجرمة", "محكمة", "سجن", "مخدرات", "كحول", "اغتصاب", "ضحية",
        "جنس", "ملجأ", "مركز النساء", "مركز المرأة", "نفسية",
    )
}  # fmt: skip
"""The banned words' equivalents in other languages."""

_ARABIC_PREFIX = "[وف]?(?:[بك]?ال|لل|[بكل])?"
"""What Arabic writes on to a word: and, then; by, like, for; the."""


def banned_in(text: str, words: Iterable[str]) -> list[str]:
    """The banned words that stand in a text as whole words or simple inflections, case-folded."""
    folded = text.casefold().replace("’", "'")
    return [word for word in words if _pattern(word.casefold().replace("’", "'")).search(folded)]


@lru_cache(maxsize=512)
def _pattern(word: str) -> re.Pattern[str]:
    stem = re.escape(word.removesuffix("e"))
    ending = r"(?:e|es|ed|er|ers|ing|ive)" if word.endswith("e") else r"(?:s|es|ed|er|ers|ing|ual|'s)?"
    prefix = _ARABIC_PREFIX if re.search(r"[\u0600-\u06ff]", word) else ""
    return re.compile(rf"(?<!\w){prefix}{stem}{ending}(?:'s)?(?!\w)")
