"""The languages women can choose, named in their own script, and which of them they are offered now."""

from collections.abc import Iterable
from typing import NamedTuple


class Language(NamedTuple):
    """One language: `code` is ISO 639-1, `own_name` in its own script, `latin` for those who cannot read that."""

    code: str
    own_name: str
    latin: str
    right_to_left: bool = False
    gsm7: bool = False


LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "English", "English", gsm7=True),
        Language("es", "Español", "Spanish", gsm7=True),
        Language("pt", "Português", "Portuguese", gsm7=True),
        Language("fr", "Français", "French", gsm7=True),
        Language("ar", "العربية", "Arabic", right_to_left=True),
        Language("bn", "বাংলা", "Bengali"),
        Language("so", "Soomaali", "Somali", gsm7=True),
        Language("tr", "Türkçe", "Turkish", gsm7=True),
        Language("pl", "Polski", "Polish", gsm7=True),
        Language("ro", "Română", "Romanian", gsm7=True),
        Language("fa", "فارسی", "Persian", right_to_left=True),
        Language("ti", "ትግርኛ", "Tigrinya"),
    )
}

WITH_CATALOGUE = tuple(LANGUAGES)
"""Languages whose words lie in `translations/`; English is what the others are translated from."""

SOURCE = "en"

_offered = WITH_CATALOGUE


def offered() -> tuple[str, ...]:
    """The languages that women are offered now, as this process last knew it: English always, in the demo all."""
    return _offered


def offer(languages: Iterable[str]) -> None:
    """Offer these languages, and English, from now on in this process; `portal.core.offering` knows which."""
    global _offered
    wanted = {SOURCE, *languages}
    _offered = tuple(code for code in WITH_CATALOGUE if code in wanted)


def shown_in(language: str) -> str:
    """The language in which pages and texts really come for a woman who chose `language`."""
    return language if language in _offered else SOURCE


def named(language: str) -> str:
    """A language as staff read it, with what women get who chose it while it is not offered."""
    latin = LANGUAGES[language].latin
    return latin if language in _offered else f"{latin} (pages and texts come in English for now)"


def direction(language: str) -> str:
    """`rtl` or `ltr`, as the dir attribute wants it."""
    found = LANGUAGES.get(language)
    return "rtl" if found and found.right_to_left else "ltr"
