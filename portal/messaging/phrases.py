"""What an incoming text asks for, in any language and spelling that people use; pure. A false alarm costs a look."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from portal.core.locales import LANGUAGES
from portal.messaging.folding import folded


class Meaning(StrEnum):
    """What an incoming text was taken for."""

    RISK = "risk"
    OPT_OUT = "opt_out"
    WHO_IS_THIS = "who_is_this"
    CANNOT_COME = "cannot_come"
    LATE = "late"
    WORDS = "words"
    TRIAGE = "triage"


PRESSING = (Meaning.RISK, Meaning.OPT_OUT, Meaning.WHO_IS_THIS)
"""Meanings that stop something or call somebody, the most pressing first."""
OF_THE_DAY = (Meaning.CANNOT_COME, Meaning.LATE)
"""Meanings that show as a state on the day (R28); where both stand, she does not come."""
LISTED = (*PRESSING, *OF_THE_DAY)
"""Meanings that have a list of phrases in each language."""
FOR_A_PERSON = (
    Meaning.RISK, Meaning.WHO_IS_THIS, Meaning.WORDS, Meaning.TRIAGE, Meaning.CANNOT_COME, Meaning.LATE,
)  # fmt: skip
"""Meanings that only a person can settle: until someone has read such a text, nothing more goes to its number (R22)."""

_LONG_ENOUGH, _LONG_ENOUGH_WITH_SIGNS = 5, 7
_LISTS = Path(__file__).parent / "phrase_lists"


@dataclass(frozen=True)
class Listed:
    """A phrase of a list; `alone`: it counts only as the whole text, courtesies left out."""

    language: str
    meaning: Meaning
    words: str
    alone: bool = False


class PhraseBook:
    """Lists of phrases made ready for searching; `ordinary` words are never taken for a misspelt one."""

    def __init__(self, phrases: Iterable[Listed], courtesies: Iterable[str] = (), ordinary: Iterable[str] = ()) -> None:
        self._courtesies = {word for words in courtesies for word in folded(words)}
        self._ordinary = {word for words in ordinary for word in folded(words)}
        self._by_first: dict[str, list[tuple[tuple[str, ...], Listed]]] = {}
        self._long: dict[str, set[str]] = {}
        self._known: set[str] = set()
        for phrase in phrases:
            for words in forms_of(phrase.words):
                self._by_first.setdefault(words[0], []).append((words, phrase))
                self._known.update(words)
        for word in self._known:
            if _may_be_misspelt(word):
                self._long.setdefault(word[0], set()).add(word)

    def found_in(self, body: str) -> Iterator[Listed]:
        """The phrases that stand in a text."""
        said = folded(body)
        core = [word for word in said if word not in self._courtesies] or said
        could_be = {word: self._could_be(word) for word in said}
        for start in range(len(said)):
            for words, phrase in self._starting(could_be[said[start]]):
                if not phrase.alone and _stand(words, said[start:], could_be):
                    yield phrase
        for whole in [said, core] if core != said else [said]:
            for words, phrase in self._starting(could_be[whole[0]]) if whole else ():
                if phrase.alone and len(words) == len(whole) and _stand(words, whole, could_be):
                    yield phrase

    def _starting(self, first_words: Iterable[str]) -> Iterator[tuple[tuple[str, ...], Listed]]:
        for word in first_words:
            yield from self._by_first.get(word, ())

    def _could_be(self, heard: str) -> set[str]:
        """The words of the lists that a heard word may be; of five letters and more, one may be off."""
        exact = {heard} & self._known
        if heard in self._ordinary:
            return exact
        return exact | {word for word in self._long.get(heard[0], ()) if _one_off(word, heard)}


def meaning_of(body: str, book: PhraseBook | None = None) -> list[Meaning]:
    """What a text asks for, the most pressing first; empty when only a person can tell."""
    found = {phrase.meaning for phrase in (book or built_in_book()).found_in(body)}
    # A text that begins with "stop" is taken at its word, whatever follows: silence is the safer mistake.
    core = [word for word in folded(body) if word not in _english_courtesies()]
    if core[:1] == ["stop"] and core[1:2] != ["by"]:
        found.add(Meaning.OPT_OUT)
    return [meaning for meaning in LISTED if meaning in found]


def digit_of(body: str) -> str | None:
    """The digit 1, 2 or 3, in western or other digits, when a text says nothing else; else None (R22)."""
    digits = "".join(str(unicodedata.decimal(letter)) for letter in body if letter.isdecimal())
    rest = [letter for letter in body if letter.isalpha() or letter.isnumeric()]
    return digits if len(rest) == 1 and digits in ("1", "2", "3") else None


def forms_of(words: str) -> set[tuple[str, ...]]:
    """The folded forms of a phrase: what an apostrophe or a half-space joins may be written apart too."""
    forms = {tuple(folded(words)), tuple(folded(re.sub(r"['’\u200c]", " ", words)))}
    return {form for form in forms if form}


@cache
def built_in() -> tuple[Listed, ...]:
    """Our own phrases in every language of the portal."""
    return tuple(
        Listed(language, Meaning(name.split()[0]), words, name.endswith(" alone"))
        for language in LANGUAGES
        for name, listed in _sections(language).items()
        if name.split()[0] in LISTED
        for words in listed
    )


@cache
def built_in_book() -> PhraseBook:
    """Our own phrases, ready for searching."""
    return book_of(built_in())


def book_of(phrases: Iterable[Listed]) -> PhraseBook:
    """Any phrases, ready for searching, with the courtesies and ordinary words of every language."""
    sections = [_sections(language) for language in LANGUAGES]
    return PhraseBook(
        phrases,
        courtesies=[word for section in sections for word in section["courtesies"]],
        ordinary=[word for section in sections for word in section["ordinary"]],
    )


@cache
def _english_courtesies() -> frozenset[str]:
    return frozenset(word for words in _sections("en")["courtesies"] for word in folded(words))


@cache
def _sections(language: str) -> dict[str, tuple[str, ...]]:
    """One language's list by its headings; a phrase ends at a comma or a line's end."""
    text = (_LISTS / f"{language}.txt").read_text(encoding="utf-8")
    sections: dict[str, tuple[str, ...]] = {"courtesies": (), "ordinary": ()}
    for name, body in re.findall(r"^\[(.+)\]\n([^\[]*)", text, flags=re.MULTILINE):
        phrases = (" ".join(phrase.split()) for phrase in re.split(r"[,\n]", body))
        sections[name] = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
    return sections


def _stand(phrase: Sequence[str], said: Sequence[str], could_be: dict[str, set[str]]) -> bool:
    return len(phrase) <= len(said) and all(
        word in could_be[heard] for word, heard in zip(phrase, said[: len(phrase)], strict=True)
    )


def _may_be_misspelt(word: str) -> bool:
    signs = any(unicodedata.category(letter)[0] == "M" for letter in word)
    return len(word) >= (_LONG_ENOUGH_WITH_SIGNS if signs else _LONG_ENOUGH) and not word.isdigit()


def _one_off(word: str, heard: str) -> bool:
    """Whether one letter was left out, added, changed, or swapped with its neighbour; the first is always right."""
    if abs(len(word) - len(heard)) > 1 or word[0] != heard[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, heard, strict=False)) if a != b), min(len(word), len(heard)))
    return (
        word[at + 1 :] == heard[at + 1 :]
        or word[at + 1 :] == heard[at:]
        or word[at:] == heard[at + 1 :]
        or (word[at : at + 2] == heard[at : at + 2][::-1] and word[at + 2 :] == heard[at + 2 :])
    )
