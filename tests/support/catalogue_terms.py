"""The same thing has the same name on every page: `docs/terms/terms.csv` against the catalogues."""

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from tests.support.catalogue_words import PLACEHOLDER

TERMS = Path(__file__).resolve().parents[2] / "docs" / "terms" / "terms.csv"
_OTHER_MEANING = re.compile(r"phone plans|social workers?")


def term_faults(message: Message, language: str) -> Iterator[str]:
    """The agreed terms that stand in the English of a message and not in its translation, one phrase each.

    A term `in` a sentence is written in a way that its cell lists, as part of a word; a `whole` one stands alone.
    """
    english = message.id[-1] if message.pluralizable else message.id
    forms = message.string if message.pluralizable else (message.string,)
    for row in term_rows():
        ways = [way.casefold() for way in row.get(language, "").split("|") if way]
        if not ways:
            continue
        if row["where"] == "whole":
            wrong = english == row["term"] and forms[0].casefold() not in ways
        else:
            wrong = _says(english, row["term"]) and not all(_has(form, ways) for form in forms)
        if wrong:
            yield f"has another word for “{row['term']}” than {TERMS.name}: {row[language]}"


def lost_terms(catalogue: Catalog) -> list[str]:
    """The terms of the table that no message has any more."""
    ids = [message.id[-1] if message.pluralizable else message.id for message in catalogue if message.id]
    return [
        row["term"]
        for row in term_rows()
        if not any(words == row["term"] if row["where"] == "whole" else _says(words, row["term"]) for words in ids)
    ]


@lru_cache(maxsize=1)
def term_rows() -> list[dict[str, str]]:
    """The table: the English term, where it stands, and the ways to write it by language."""
    with TERMS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _says(english: str, term: str) -> bool:
    words = _OTHER_MEANING.sub(" ", PLACEHOLDER.sub(" ", english))
    return bool(re.search(rf"(?<![\w-]){re.escape(term)}s?(?![\w-])", words, re.IGNORECASE))


def _has(form: str, ways: list[str]) -> bool:
    return any(way in form.casefold() for way in ways)
