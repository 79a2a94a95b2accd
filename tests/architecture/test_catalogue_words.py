"""Each check of a translation finds the fault that it is for, and the catalogues choose plurals as CLDR does."""

from gettext import GNUTranslations
from io import BytesIO

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.core.locales import LANGUAGES
from tests.support import catalogues
from tests.support.catalogue_terms import lost_terms, term_faults, term_rows
from tests.support.catalogue_words import PLURALS, word_faults

OTHERS = [code for code in LANGUAGES if code != "en"]
COUNTS = (0, 1, 2, 3, 4, 5, 10, 11, 12, 19, 20, 21, 22, 99, 100, 101, 102, 111, 1000)


def faults(english, own, language, **more) -> list[str]:
    return list(word_faults(Message(english, own), language, **more))


@pytest.mark.parametrize(
    ("english", "own", "language", "fault"),
    [
        ("Your plan", "Your plan", "es", "left in English"),
        ("Press the button.", "Pulse the botón.", "es", "English words: the"),
        ("Your plan", "Votre план", "fr", "another script: план"),
        ("Your plan", "আমার plan", "bn", "another script: plan"),
        ("Your plan", "خطتي নিজের", "ar", "another script"),
        ("Is it OK?", "¿Está bien.", "es", "another mark"),
        ("That is OK.", "لا بأس", "ar", "another mark"),
        ("Sent to ", "Enviado a", "es", "other spaces"),
        ("Your plan", "\u200eخطتي", "ar", "nobody sees: U+200E"),
        ("Your plan", "برنامه\u200dمن", "fa", "nobody sees: U+200D"),
        ("Call 999.", "اتصلي بالرقم ٩٩٩.", "ar", "other digits"),
        ("Press 55.", "Pulsa 5.", "es", "lacks a number: 55"),
        ("Monday, 9am to 5pm.", "Isniin, 9 ilaa 5.", "so", "part of the day: galabnimo, subaxnimo"),
        ("Read 9 to 5.", "9am-5pm ነንብብ።", "ti", "part of the day"),
        ("<b>Now</b>", "<b>Ahora<b>", "es", "tags or entities"),
        ("Fish &amp; chips", "Pescado & patatas", "es", "tags or entities"),
    ],
)
def test_a_fault_is_found(english, own, language, fault):
    assert any(fault in found for found in faults(english, own, language)), faults(english, own, language)


@pytest.mark.parametrize(
    ("english", "own", "language"),
    [
        ("Text %(number)s", "ናብ %(number)s SMS ስደዲ", "ti"),
        ("Codes by text", "ኮድ ብSMS", "ti"),
        ("Relay UK", "Relay UK", "pl"),
        ("No texts for 1 day", "لا رسائل نصية ليوم واحد", "ar"),
        ("Is it OK?", "ደሓን ድዩ፧", "ti"),
        ("We read this Monday to Friday, 9 to 5.", "Lemos isto de segunda a sexta, das 9h às 17h.", "pt"),
        ("Monday, 9am to 5pm.", "Isniin, 9 subaxnimo ilaa 5 galabnimo.", "so"),
        ("Monday, 10am to 4:30pm.", "Lunes, de 10:00 a 16:30.", "es"),
        ("My own notes", "یادداشت\u200cهای خودم", "fa"),
        ("Press Shift three times.", "Pulsa Shift 3 veces.", "es"),
    ],
)
def test_what_is_right_is_no_fault(english, own, language):
    assert faults(english, own, language) == []


@pytest.mark.parametrize(
    ("own", "language"),
    [("Tus víctimas", "es"), ("موعدك في المحكمة", "ar"), ("Polisler", "tr"), ("ብፖሊስ", "ti"), ("Do sądu", "pl")],
)
def test_a_banned_word_is_a_fault_in_a_title_alone(own, language):  # R7
    assert faults("Your day", own, language) == []
    assert any("banned word" in found for found in faults("Your day", own, language, is_title=True))


def test_every_form_of_a_plural_is_looked_at():
    message = Message(("%(num)d day", "%(num)d days"), ("%(num)d día", "%(num)d days"))
    assert list(word_faults(message, "es")) == ["is left in English"]


def test_titles_are_known_as_such():
    words = catalogues.title_words(catalogues.FOLDER.resolve().parent)
    assert {
        "Get help now",
        "Which time suits you?",
        "No time is free",
        "Page not found",
        "Your plan from %(day)s",
    } <= words
    assert "Call 999" not in words and len(words) > 60


def test_a_term_is_always_called_the_same():
    assert not list(term_faults(Message("Your worker", "Tu orientadora"), "es"))
    assert "worker" in next(term_faults(Message("Your worker", "Tu trabajadora"), "es"))
    assert "Leave" in next(term_faults(Message("Leave", "Adiós"), "es"))
    assert not list(term_faults(Message("Move up: %(goal)s", "Subir: %(goal)s"), "es")), "a placeholder is no word"
    assert not list(term_faults(Message("Most phone plans include it.", "Casi siempre gratis."), "es"))


def test_every_term_is_in_use_and_has_a_word_in_every_language():
    with (catalogues.FOLDER / "messages.pot").open("rb") as file:
        assert lost_terms(read_po(file)) == []
    for row in term_rows():
        assert all(row[language] for language in OTHERS), row["term"]


@pytest.mark.parametrize("language", OTHERS)
def test_gettext_chooses_the_form_that_cldr_names(language):
    """Two numbers of one CLDR category have one form; Turkish and Persian have one for all numbers."""
    catalogue = Catalog(locale=language)
    with (catalogues.FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        kept = read_po(file, locale=language)
    assert kept.plural_expr == PLURALS[language]
    catalogue.mime_headers = kept.mime_headers
    forms = tuple(f"form {number}" for number in range(kept.num_plurals))
    catalogue.add(("one", "many"), forms)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    words = GNUTranslations(compiled)
    chosen = {number: words.ngettext("one", "many", number) for number in COUNTS}
    categories: dict[str, set[str]] = {}
    for number, form in chosen.items():
        categories.setdefault(Locale(language).plural_form(number), set()).add(form)
    assert all(len(found) == 1 for found in categories.values()), categories
    assert set(chosen.values()) == set(forms), "every form is for some number"
    if language not in ("tr", "fa"):
        assert len(categories) == len(forms)
