"""What may be wrong with one translation, seen by a program that reads none of the languages."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import time
from typing import NamedTuple

from babel.messages.catalog import Message

from portal.core.banned import banned_in
from portal.core.banned_words import WORDS_BY_LANGUAGE
from portal.core.days import part_of_day
from portal.core.settings import BANNED_WORDS

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr]|\{\w*\}")

PLURALS = {
    "es": "(n != 1)",
    "pt": "(n > 1)",
    "fr": "(n > 1)",
    "ar": "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5)",
    "bn": "(n > 1)",
    "so": "(n != 1)",
    "tr": "0",
    "pl": "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)",
    "ro": "(n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2)",
    "fa": "0",
    "ti": "(n > 1)",
}
"""How gettext chooses a form, as CLDR does: nought is like one in Portuguese, French, Bengali and Tigrinya."""

_SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "bn": "BENGALI", "ti": "ETHIOPIC"}
_LATIN_NAMES = {
    "SMS", "NHS", "BSL", "UK", "Relay", "Samaritans", "Shout", "Shift", "JavaScript", "WCAG", "AA", "PDF", "GP",
    # The helplines answer by their English names.
    "National", "Domestic", "Abuse", "Helpline", "Rape", "and", "Sexual", "Support", "Line",
    "Equality", "Advisory", "Service", "ICO", "FGM", "LGBT", "WhatsApp", "Council",
    "London", "Camden", "Islington", "Lambeth", "Southwark",
    # What the button of an English browser says, and what is sent to 999.
    "private", "register", "yes",
}  # fmt: skip
"""Words that stay as they are beside letters of another script."""

_SAME_AS_ENGLISH = {
    "es": {"No"},
    "fr": {"Messages", "Note", "Pages", "%(num)d minutes", "%(num)d services"},
    "pl": {"Start"},
}
"""Words that are truly the same in both languages."""
_SAME_EVERYWHERE = {"Relay UK", "PDF", "SMS"}

_ENGLISH_WORDS = frozenset({"the", "you", "your", "with", "this", "please", "when", "which", "worker"})

_ENDS = {
    ".": ".", "।": ".", "።": ".", "?": "?", "؟": "?", "፧": "?", ":": ":", "፦": ":", "፡": ":", "!": "!",
    ",": ",", "،": ",", "፣": ",",
}  # fmt: skip

_INVISIBLE_BUT_NEEDED = {"fa": "\u200c", "bn": "\u200c\u200d"}
_OTHER_DIGITS = re.compile(r"[٠-٩۰-۹০-৯]")
_MARKUP = re.compile(r"&\w+;|<[^>]*>")
_HOURS = re.compile(r"\b9 to 5\b|\b(\d{1,2})(?::\d\d)?(am|pm)\b")


_COUNTS_FROM_SUNRISE = ("so", "ti")
"""Where 2:30 may be 8:30 here (decision 36)."""


class Form(NamedTuple):
    """One translation beside the English that it stands for."""

    english: str
    own: str

    @property
    def words(self) -> str:
        """The translation without its placeholders."""
        return PLACEHOLDER.sub(" ", self.own)


def word_faults(message: Message, language: str, *, is_title: bool = False) -> Iterator[str]:
    """What is wrong with a translation that is there, one phrase each."""
    english = message.id[-1] if message.pluralizable else message.id
    for own in message.string if message.pluralizable else (message.string,):
        form = Form(english, own)
        yield from (fault for check in _CHECKS if (fault := check(form, language)))
        if is_title and (found := banned_in(own, (*BANNED_WORDS, *WORDS_BY_LANGUAGE.get(language, ())))):
            yield f"is a title and has a banned word: {', '.join(found)}"


def _left_in_english(form: Form, language: str) -> str:
    if form.own == form.english and re.search(r"[^\W\d_]{2}", form.words):
        allowed = _SAME_EVERYWHERE | _SAME_AS_ENGLISH.get(language, set())
        return "" if form.own in allowed else "is left in English"
    if language in _SCRIPTS:
        return ""
    found = _ENGLISH_WORDS & set(re.findall(r"\w+", _without_names(form.words).lower()))
    return f"has English words: {', '.join(sorted(found))}" if found else ""


def _without_names(words: str) -> str:
    return re.sub(r"\([^)]*\)", " ", words)


def _in_another_script(form: Form, language: str) -> str:
    script = _SCRIPTS.get(language, "LATIN")
    # A prefix or an ending may be written on to a name: ብSMS.
    runs = re.findall(r"[A-Za-z]+" if script != "LATIN" else r"[^\W\d_]+", form.words)
    found = [word for word in runs if not _is_written_in(word, script) and word not in _LATIN_NAMES]
    if script != "LATIN":
        letters = re.findall(r"[^\W\d_A-Za-z]", form.words)
        found += [letter for letter in letters if not _is_written_in(letter, script)]
    return f"has letters of another script: {', '.join(sorted(set(found)))}" if found else ""


def _is_written_in(word: str, script: str) -> bool:
    return all(script in unicodedata.name(letter, "") for letter in word)


def _ends_otherwise(form: Form, language: str) -> str:
    ends = [_ENDS.get(words.rstrip()[-1:], "") for words in form]
    return "" if ends[0] == ends[1] else "ends with another mark than the English"


def _is_spaced_otherwise(form: Form, language: str) -> str:
    around = [(words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]) for words in form]
    return "" if around[0] == around[1] else "begins or ends with other spaces"


def _hides_letters(form: Form, language: str) -> str:
    needed = _INVISIBLE_BUT_NEEDED.get(language, "") + "\n"
    hidden = [letter for letter in form.own if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cn")]
    found = sorted({f"U+{ord(letter):04X}" for letter in hidden if letter not in needed})
    return f"has signs that nobody sees: {', '.join(found)}" if found else ""


def _has_other_digits(form: Form, language: str) -> str:
    return "has other digits than phones have" if _OTHER_DIGITS.search(form.own) else ""


def _loses_a_number(form: Form, language: str) -> str:
    wanted = set(re.findall(r"\d+", PLACEHOLDER.sub(" ", _HOURS.sub(" ", form.english))))
    # "One day" may be a word of its own.
    lost = sorted(wanted - set(re.findall(r"\d+", form.words)) - {"1"})
    return f"lacks a number: {', '.join(lost)}" if lost else ""


def _lets_hours_be_misread(form: Form, language: str) -> str:
    if language not in _COUNTS_FROM_SUNRISE:
        return ""
    said = [(int(hour) % 12) + (12 if half == "pm" else 0) for hour, half in _HOURS.findall(form.english) if hour]
    hours = said + ([9, 17] if "9 to 5" in form.english else [])
    lost = sorted({part for hour in hours if (part := part_of_day(time(hour), language)) not in form.own})
    return f"does not say the part of the day: {', '.join(lost)}" if lost else ""


def _breaks_markup(form: Form, language: str) -> str:
    marks = [sorted(_MARKUP.findall(words)) for words in form]
    return "" if marks[0] == marks[1] else "has other tags or entities"


_CHECKS = (
    _left_in_english, _in_another_script, _ends_otherwise, _is_spaced_otherwise, _hides_letters, _has_other_digits,
    _loses_a_number, _lets_hours_be_misread, _breaks_markup,
)  # fmt: skip
