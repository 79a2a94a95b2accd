"""Every text in every language and wording, with the longest values that can be."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from itertools import product

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.core import clock
from portal.core.locales import LANGUAGES
from portal.core.settings import BANNED_WORDS
from portal.messaging import registry, wording
from portal.messaging.rules import LOCK_SCREEN, MOST_PARTS, refused_in, words_for_texts
from tests.support import make

KINDS = (
    "appointment_booked", "appointment_changed", "appointment_cancelled", "appointments_cancelled",
    "appointment_reminder",
    "appointment_reminder_week", "appointment_reminder_morning", "change_asked", "call_asked", "test", "auto_reply",
    "offer", "offer_kept", "offer_gone", "to_do_reminder",
)  # fmt: skip
LONGEST_NAME = "Maximiliana"
LONGEST_COVER = "Wednesdays with Rose"


@dataclass
class Chosen:
    wording: str = "plain"
    cover_phrase: str | None = None
    names_worker: bool = False
    may_reply: bool = True


@lru_cache
def longest_time(language="en"):
    """The day and time of a year that takes most room in a text of this language."""
    days = [make.date(2026, 1, 1) + timedelta(days=more) for more in range(365)]
    day = max(days, key=lambda day: len(wording.when(clock.from_london(day, make.time(12, 30)), language)))
    times = [clock.from_london(day, make.time(hour, 30)) for hour in (12, 10, 14, 17, 18)]
    return max(times, key=lambda at: len(wording.when(at, language)))


def text(kind="appointment_reminder", language="en", facts=None, **chosen) -> str:
    facts = {"starts_at": make.london(make.date(2026, 12, 1), "14:30"), "worker": "Jo"} if facts is None else facts
    return wording.render(kind, facts, Chosen(**chosen), language).body


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_every_text_fits_and_tells_nothing(kind, language):  # R20, R21
    for style, named, may_reply in product(("plain", "short", "cover"), (True, False), (True, False)):
        assert_it_is_safe(kind, language, Chosen(style, LONGEST_COVER, named, may_reply))


def assert_it_is_safe(kind, language, chosen):
    """The rules of every automatic text, with the longest values that can be."""
    longest = longest_time(language)
    facts = {"starts_at": longest, "worker": LONGEST_NAME, "on": clock.london_today(longest)}
    worded = wording.render(kind, facts, chosen, language)
    assert worded.body
    assert worded.segments.parts <= MOST_PARTS[worded.segments.encoding]
    if LANGUAGES[language].gsm7:
        assert (worded.segments.encoding, worded.segments.parts) == ("GSM-7", 1), worded.body
    words = words_for_texts(BANNED_WORDS, "My Week")
    assert refused_in(worded.body, words=words) == []
    assert len(worded.lock_screen) <= LOCK_SCREEN
    names = () if chosen.names_worker else (LONGEST_NAME,)
    assert refused_in(worded.lock_screen, words=words, names=names) == []
    if not chosen.names_worker:
        assert LONGEST_NAME not in worded.body
    if kind.startswith("appointment_") and (chosen.wording != "cover" or language == "en"):
        assert ":30" in worded.lock_screen, "the day and time come first"
    if kind.startswith("appointment_") and chosen.may_reply and kind != "appointment_cancelled":
        assert digits_asked_for(worded.body) == ["1", "2", "3"], worded.body  # R22


def digits_asked_for(body):
    """The numbers that stand alone after the time."""
    return re.findall(r"(?<![\d:])\d(?![\d:])", body[body.index(":30") + 3 :])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_asks_for_digits_in_every_language(language):  # R22
    body = text("offer", language, {"starts_at": longest_time(language), "worker": "Jo"})
    assert digits_asked_for(body) == ["1", "2"], body


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_language_is_left_in_english(language):
    facts = {"starts_at": longest_time(), "on": make.date(2026, 9, 30)}
    for kind in KINDS:
        assert (text(kind, language, facts) == text(kind, "en", facts)) is (language == "en"), kind


def test_plan_making_comes_last_where_all_of_it_fits():  # R21
    assert text().endswith("3 for a call. How will you get there?")
    assert text(names_worker=True).endswith("How will you get there?")
    assert text("appointment_reminder_week") == text("appointment_reminder_morning") == text()
    for kind in ("appointment_booked", "appointment_changed", "appointment_cancelled"):
        assert "get there" not in text(kind)
    for chosen in ({"wording": "short"}, {"wording": "cover", "cover_phrase": "Nails"}, {"may_reply": False}):
        assert "get there" not in text(**chosen), "it asks, so it is for those who may answer and are asked plainly"


def test_plan_making_never_costs_another_part():  # R21
    short = text(facts={"starts_at": longest_time(), "worker": "Jo"}, names_worker=True)
    room = 160 - len(short) + len("Jo")
    for length, said in ((room, True), (room + 1, False)):
        facts = {"starts_at": longest_time(), "worker": "M" * length}
        worded = wording.render("appointment_reminder", facts, Chosen(names_worker=True), "en")
        assert worded.segments.parts == 1
        assert worded.body.endswith("How will you get there?") is said


def test_plan_making_never_makes_it_a_text_of_another_alphabet(only_here):  # R21
    only_here("tr", {"How will you get there?": "Nasıl geleceksin — 🚌?"})
    worded = wording.render("appointment_reminder", {"starts_at": longest_time()}, Chosen(), "tr")
    assert worded.segments.encoding == "GSM-7"
    assert "geleceksin" not in worded.body


POLISH = {
    "Reminder: %(day)s.": "Przypomnienie: %(day)s.",
    "You have something to do by %(day)s.": "Masz cos do zrobienia do: %(day)s.",
    "Appointment %(when)s.": "Wizyta %(when)s.",
    "Appointment %(when)s with %(worker)s.": "Wizyta %(when)s, będzie %(worker)s.",
    "%(when)s with %(worker)s.": "%(when)s, będzie %(worker)s.",
    "Reply 1 if coming, 2 to change it, 3 for a call.": (
        "Odpisz 1 jeśli przyjdziesz, 2 żeby zmienić, 3 żebyśmy zadzwoniły."
    ),
    "It is booked.": "Termin zarezerwowany.",
    "It is cancelled.": "Termin odwołany.",
    "This is the new time.": "To nowy termin.",
    "How will you get there?": "Jak się tam dostaniesz?",
    "Hello. This is only to see if texts work.": "Cześć. Sprawdzamy tylko, czy działają wiadomości.",
    "Thank you. We read this Monday to Friday, 9 to 5.": "Dziękujemy. Czytamy od poniedziałku do piątku, od 9 do 17.",
    "Thank you. Someone will call you.": "Dziękujemy. Ktoś do ciebie zadzwoni.",
    "Thank you. We will look for another time. Until then %(when)s stays.": (
        "Dziękujemy. Poszukamy innego terminu. Do tego czasu zostaje %(when)s."
    ),
    "%(when)s is free.": "%(when)s: wolny termin.",
    "%(when)s with %(worker)s is free.": "%(when)s, %(worker)s: wolny termin.",
    "Reply 1 to take it, 2 if not.": "Odpisz 1, jesli tak, 2, jesli nie.",
    "Call to take it.": "Zadzwon, zeby go wziac.",
    "It is cancelled, and so are the next ones.": "Odwolane, nastepne tez.",
    "Thank you. That time has gone. You stay on the list.": "Dziekujemy. Ten termin minal. Zostajesz na liscie.",
    "Thank you. We keep %(when)s for you. Someone will confirm it.": "Dziekujemy. %(when)s jest dla ciebie.",
}


@pytest.fixture
def only_here(tmp_path, monkeypatch):
    """Makes a throw-away catalogue of one language, and nothing else that would belong to it."""
    yield partial(_throw_away_catalogue, tmp_path, monkeypatch)
    wording._said.cache_clear()


def _throw_away_catalogue(folder, monkeypatch, language, words):
    catalogue = Catalog(locale=language)
    for english, own in words.items():
        catalogue.add(english, own, flags=["python-format"] if "%(" in english else [])
    path = folder / language / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(wording, "CATALOGUES", folder)
    wording._said.cache_clear()


def test_a_new_language_comes_by_its_catalogue_alone_and_stays_in_gsm_7(only_here):  # R21
    words = {message.id for message in catalogue_of_texts()}
    assert words == set(POLISH), "every word of every text, and no other"
    only_here("pl", POLISH)
    for kind, style, named, may_reply in product(KINDS, ("plain", "short", "cover"), (True, False), (True, False)):
        assert_it_is_safe(kind, "pl", Chosen(style, LONGEST_COVER, named, may_reply))
    body = text("appointment_booked", "pl", names_worker=True)
    assert body == (
        "Wizyta wt., 1 gru 14:30, bedzie Jo. Termin zarezerwowany. "
        "Odpisz 1 jesli przyjdziesz, 2 zeby zmienic, 3 zebysmy zadzwonily."
    )


def test_a_sentence_that_a_running_worker_does_not_know_yet_comes_in_english(monkeypatch):
    monkeypatch.setattr(wording, "_said", lambda language: {})
    assert "It is booked." in text("appointment_booked", "pl")


def catalogue_of_texts():
    with (wording.CATALOGUES / "messages.pot").open("rb") as file:
        return [
            message
            for message in read_po(file)
            if any(
                path.startswith("templates/sms/") or path.endswith("messaging/wording.py")
                for path, _ in message.locations
            )
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_times_of_every_language_fit_its_alphabet(language):
    months = [make.london(make.date(2026, month, 28), "12:30") for month in range(1, 13)]
    for at in [*months, *(make.london(make.date(2026, 9, day), "09:05") for day in range(1, 8))]:
        said = wording.written(wording.when(at, language), language)
        assert len(said.body) <= LOCK_SCREEN
        assert said.segments.encoding == "GSM-7" or not LANGUAGES[language].gsm7, said.body


def test_the_three_wordings():
    asked = "Appointment Tue 1 Dec 2:30pm. Reply 1 if coming, 2 to change it, 3 for a call."
    assert text() == f"{asked} How will you get there?"  # R22
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_are_those_of_phones(language):
    facts = {"starts_at": longest_time(), "on": make.date(2026, 9, 30)}
    letters = {letter for kind in KINDS for letter in text(kind, language, facts)}
    assert not {letter for letter in letters if letter.isdigit()} - set("0123456789")


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", ["plain", "short", "cover"])
def test_a_short_month_with_its_own_dot_ends_a_sentence_with_one(language, style):
    said = text("to_do_reminder", language, {"on": make.date(2026, 12, 23)}, wording=style, cover_phrase="Yoga")
    assert ".." not in said and said.endswith((".", "।", "።"))


def test_dots_that_she_wrote_herself_stay():
    said = text("to_do_reminder", "en", {"on": make.date(2026, 12, 23)}, wording="cover", cover_phrase="Yoga...")
    assert said == "Yoga... Wed 23 Dec."


@pytest.mark.parametrize("name", ["Maximiliana-Katharina", "سمية عبد الرحمن", "A" * 40, "س" * 40])
@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_a_name_for_which_there_is_no_room_is_left_out_and_she_is_told_all_the_same(kind, language, name):  # R21
    for style in ("plain", "short"):
        facts = {"starts_at": longest_time(language), "worker": name, "on": make.date(2026, 12, 23), "code": "482913"}
        worded = wording.render(kind, facts, Chosen(style, names_worker=True), language)
        without = wording.render(kind, facts, Chosen(style, names_worker=False), language)
        assert worded.fits
        assert name in worded.body or worded == without
