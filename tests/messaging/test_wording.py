"""Every text in every language and wording, with the longest values that can be."""

from dataclasses import dataclass
from itertools import product

import pytest

from portal.core import clock
from portal.core.locales import WITH_CATALOGUE
from portal.core.settings import BANNED_WORDS
from portal.messaging import registry, wording
from portal.messaging.rules import LOCK_SCREEN, MOST_PARTS, refused_in, words_for_texts
from tests.support import make

KINDS = (
    "appointment_booked", "appointment_changed", "appointment_cancelled", "appointment_reminder", "change_asked",
    "call_asked", "test", "auto_reply",
)  # fmt: skip
LONGEST_NAME = "Maximiliana"
LONGEST_COVER = "Wednesdays with Rose"


@dataclass
class Chosen:
    wording: str = "plain"
    cover_phrase: str | None = None
    names_worker: bool = False
    may_reply: bool = True


def longest_time():
    """A Wednesday in September at 12:30: the longest day and time in Arabic, and as long as any in English."""
    return clock.from_london(make.date(2026, 9, 30), make.time(12, 30))


def text(kind="appointment_reminder", language="en", facts=None, **chosen) -> str:
    facts = {"starts_at": make.london(make.date(2026, 12, 1), "14:30"), "worker": "Jo"} if facts is None else facts
    return wording.render(kind, facts, Chosen(**chosen), language).body


@pytest.mark.parametrize(
    ("kind", "language", "style", "named"),
    list(product(KINDS, WITH_CATALOGUE, ("plain", "short", "cover"), (True, False))),
)
def test_every_text_fits_and_tells_nothing(kind, language, style, named):  # R20, R21
    facts = {"starts_at": longest_time(), "worker": LONGEST_NAME}
    worded = wording.render(kind, facts, Chosen(style, LONGEST_COVER, named), language)
    assert worded.body
    assert worded.segments.parts <= MOST_PARTS[worded.segments.encoding]
    words = words_for_texts(BANNED_WORDS, "My Week")
    assert refused_in(worded.body, words=words) == []
    assert refused_in(worded.lock_screen, words=words, names=() if named else (LONGEST_NAME,)) == []
    if not named:
        assert LONGEST_NAME not in worded.body
    if kind.startswith("appointment_") and language == "en":
        assert "12:30pm" in worded.lock_screen, "the day and time come first"
        assert len(worded.lock_screen) <= LOCK_SCREEN


def test_the_three_wordings():
    assert text() == "Appointment Tue 1 Dec 2:30pm. Reply 1 if coming, 2 to change it, 3 for a call."  # R22
    assert text(wording="short").startswith("Tue 1 Dec 2:30pm. Reply 1")
    assert "Appointment" not in text(wording="short")
    assert text(wording="cover", cover_phrase="Nails").startswith("Nails Tue 1 Dec 2:30pm.")
    assert text(wording="cover", cover_phrase=None) == text(wording="short")


def test_a_worker_is_named_only_where_she_chose_so():  # R20
    assert "Jo" not in text()
    assert text(names_worker=True).startswith("Appointment Tue 1 Dec 2:30pm with Jo.")


def test_who_may_not_reply_is_not_asked_to():
    assert "Reply" not in text(may_reply=False)


def test_times_are_londons_in_summer_too():
    july = make.london(make.date(2026, 7, 1), "09:05")
    assert text(facts={"starts_at": july}).startswith("Appointment Wed 1 Jul 9:05am.")
    assert text(facts={"starts_at": july.isoformat()}) == text(facts={"starts_at": july})


def test_digits_are_western_in_arabic():
    assert "2:30" in text(language="ar")


def test_without_its_facts_or_template_there_is_no_wording():
    with pytest.raises(wording.NoWording):
        text(facts={})
    with pytest.raises(wording.NoWording):
        text("nothing_such")


def test_every_kind_of_the_templates_is_known_to_the_app(app):
    assert all(registry.kind_of(kind) for kind in KINDS)


def test_written_words_are_straightened_for_the_network():
    worded = wording.written("  See you “Thursday” – 2pm  ", "en")
    assert worded.body == 'See you "Thursday" - 2pm'
    assert worded.segments.parts == 1
