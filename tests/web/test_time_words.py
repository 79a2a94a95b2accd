"""Times in words on her pages, in each language: said, and in digits where that says more."""

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.core.locales import LANGUAGES
from portal.web import filters
from tests.support import make

SAID = {
    "en": "half past 2 in the afternoon (<bdi>2:30pm</bdi>)",
    "es": "2 y media de la tarde (<bdi>14:30</bdi>)",
    "pt": "2 e meia da tarde (<bdi>14:30</bdi>)",
    "fr": "2 h et demie de l’après-midi (<bdi>14:30</bdi>)",
    "ar": "الساعة 2 والنصف بعد الظهر (<bdi>2:30 بعد الظهر</bdi>)",
    "bn": "<bdi>দুপুর 2:30</bdi>",
    "so": "<bdi>2:30 galabnimo</bdi>",
    "tr": "öğleden sonra saat 2 buçuk (<bdi>14:30</bdi>)",
    "pl": "godz. 2:30 po południu (<bdi>14:30</bdi>)",
    "ro": "ora 2 și jumătate după-amiaza (<bdi>14:30</bdi>)",
    "fa": "ساعت 2 و نیم بعدازظهر (<bdi>14:30</bdi>)",
    "ti": "<bdi>2:30 ድሕሪ ቀትሪ</bdi>",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_past_two_is_said_and_written_but_never_twice_the_same(app: Flask, language):
    with app.test_request_context(), force_locale(language):
        assert filters.time_both(make.london(make.date(2026, 12, 1), "14:30")) == SAID[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quarter_of_an_hour_is_said_without_a_gap(app: Flask, language):
    with app.test_request_context(), force_locale(language):
        for hour in range(7, 22):
            for minute in (0, 15, 30, 45):
                said = filters.time_words(make.london(make.date(2026, 6, 1), f"{hour:02}:{minute:02}"))
                assert "%(" not in said and str(hour % 12 or 12) in said
                assert filters.days.part_of_day(make.time(hour), language) in said
