"""CLDR's data about a language, without what no page needs: twelve languages whole would take 9 MB of each process."""

from functools import cache

from babel import localedata

_NEVER_SHOWN = (
    "unit_patterns", "unit_display_names", "compound_unit_patterns", "time_zones", "meta_zones", "territories",
    "scripts", "variants", "currency_names", "currency_names_plural", "currency_symbols", "compact_decimal_formats",
    "compact_currency_formats",
)  # fmt: skip
"""Units, time zones, countries, scripts and currencies; days, months, parts of the day and languages stay."""


@cache
def lighten(language: str) -> None:
    """Let go of what no page shows, once for each language, when it is first used."""
    data = localedata.load(language)
    for what in _NEVER_SHOWN:
        data.pop(what, None)
