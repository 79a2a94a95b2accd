"""CLDR's data about a language, without what no page needs: twelve languages whole would take 9 MB of each process."""

from functools import cache

from babel import localedata
from babel.core import get_global

_NEVER_SHOWN = (
    "unit_patterns", "unit_display_names", "compound_unit_patterns", "time_zones", "meta_zones", "territories",
    "scripts", "variants", "currency_names", "currency_names_plural", "currency_symbols", "compact_decimal_formats",
    "compact_currency_formats",
)  # fmt: skip
"""Units, time zones, countries, scripts and currencies; days, months, parts of the day and languages stay."""

_NEVER_ASKED = ("likely_subtags", "territory_languages", "territory_aliases", "territory_currencies", "meta_zones")
"""What Babel knows of the whole world: 2 MB. Without likely_subtags a language that is named with its script
("zh_Hant") is not understood; ours have none."""


@cache
def lighten(language: str) -> None:
    """Let go of what no page shows, once for each language, when it is first used."""
    data = localedata.load(language)
    for what in _NEVER_SHOWN:
        data.pop(what, None)
    for what in _NEVER_ASKED:
        get_global(what).clear()  # type: ignore[arg-type,attr-defined]  # Babel calls it read-only; nobody else reads it
