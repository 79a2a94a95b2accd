"""The directory in her language: each sentence that is translated, whoever typed it; the rest is marked as English."""

import csv
import gettext as gettext_module
import io

import flask_babel
import pytest

from portal.core.database import session, unit_of_work
from portal.help import service
from portal.help.models import Service
from portal.help.wording import NAMED_BY_WHAT_THEY_DO, TRANSLATED_COLUMNS, sentences
from tests.help.rows import file, row
from tests.support import directory_words, make

ARABIC = {"Accept-Language": "ar"}
WORDS = {
    "Talk to somebody made up.": "تحدثي.",
    "They will listen.": "سيستمعون.",
    "Women": "النساء",
    "At other times call 020 7946 0999.": "في الأوقات الأخرى اتصلي بالرقم 020 7946 0999.",
    "Open all day and all night.": "مفتوح.",
    "999, then press 55": "999، ثم اضغطي 55",
    "Office hours.": "في أوقات العمل.",
}


@pytest.fixture
def arabic(app, monkeypatch):
    """A catalogue that has a few sentences of the directory; every other word comes as it is."""

    class Few(gettext_module.NullTranslations):
        def gettext(self, message):
            return WORDS.get(message, message)

        ugettext = gettext
        ungettext = gettext_module.NullTranslations.ngettext

    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda self: Few())


@pytest.fixture
def entry(page_client, arabic, travel):
    """The page of an entry with some cells changed, as a woman who reads Arabic sees it."""

    def page(**cells):
        load(travel.now, row(**cells))
        return page_client.get(f"/help/{session.query(Service.id).scalar()}", headers=ARABIC)

    return page


def load(now, *rows):
    actor = make.staff().actor
    with unit_of_work():
        service.import_csv(file(*rows), actor=actor, now=now)


def english(page) -> list[str]:
    """What is marked as English, but for the way to the languages; every such piece runs left to right."""
    marked = [node for node in page.tree.iter() if node.get("lang") == "en"]
    assert {node.get("dir") for node in marked} <= {"ltr"}
    return [words for words in ("".join(node.itertext()) for node in marked) if words != "Language"]


def test_what_is_translated_stands_in_her_language_and_the_name_stays(entry):
    page = entry(helps_with="Talk to somebody made up. They will listen.", audience="Women", hours_note="Office hours.")
    for words in ("تحدثي. سيستمعون.", "النساء", "في أوقات العمل."):
        assert words in page.text
    assert english(page) == ["Example Line"]


def test_a_sentence_that_staff_changed_is_english_and_the_others_stay_translated(entry):
    page = entry(helps_with="Talk to somebody made up. Ask for Ann. Bring tea. They will listen.", hours_note="")
    assert english(page) == ["Example Line", "Ask for Ann. Bring tea."]
    assert page.text.index("تحدثي.") < page.text.index("Ask for Ann.") < page.text.index("سيستمعون.")


def test_in_english_nothing_is_marked(entry, page_client):
    entry()
    page = page_client.get("/help")
    assert [node.tag for node in page.tree.iter() if node.get("lang")] == ["{http://www.w3.org/1999/xhtml}html"]


def test_a_number_in_a_sentence_can_be_rung_and_stays_left_to_right(entry):
    page = entry(hours_note="At other times call 020 7946 0999.")
    (link,) = [link for link in page.find_all("a") if link.get("href") == "tel:02079460999"]
    assert "".join(link.itertext()) == "020 7946 0999"
    assert [node.get("dir") for node in link.iter() if node.tag.endswith("}bdi")] == ["ltr"]


def test_a_number_that_no_phone_rings_is_no_link(entry):
    page = entry(hours_note="Our register is 12 34 56 78 90.")
    assert not [link for link in page.find_all("a") if "1234567890" in link.get("href")]
    assert "12 34 56 78 90" in [node.text for node in page.find_all("bdi")]


def test_a_plus_stays_behind_the_letters_that_it_belongs_to(entry):
    page = entry(audience="LGBT+ people")
    assert "LGBT+" in [node.text for node in page.find_all("bdi") if node.get("dir") == "ltr"]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_number_in_a_name_stays_part_of_the_link_that_the_name_is(page_client, arabic, travel, language):
    load(travel.now, row(name="Example Line 020 7946 0123"))
    page = page_client.get("/help?need=", headers={"Accept-Language": language})
    (heading,) = page.find_all("h3")
    (link,) = [node for node in heading.iter() if node.tag.endswith("}a")]
    assert "".join(link.itertext()) == "Example Line 020 7946 0123" and link.get("href").startswith("/help/")


@pytest.mark.parametrize(
    ("hours", "times"),
    [
        ("Mo-Fr 09:00-17:00", "الاثنين–الجمعة: 9:00 صباحًا–5:00 بعد الظهر"),
        (
            "Mo-Tu,Th 09:30-16:00; Sa 10:00-12:00",
            "الاثنين–الثلاثاء، الخميس: 9:30 صباحًا–4:00 بعد الظهر; السبت: 10:00 صباحًا–12:00 ظهرًا",
        ),
        ("24/7", "مفتوح."),
    ],
)
def test_times_that_only_english_words_tell_stand_before_them_in_her_language(entry, hours, times):
    page = entry(hours=hours, hours_note="Ring twice.")
    assert f"{times} Ring twice." in page.text
    assert "Ring twice." in english(page)


@pytest.mark.parametrize("hours", ["", "Mo-Fr 09:00-17:00; PH off", "Mo-Fr 09:00-17:00; Fr 09:00-12:00"])
def test_hours_that_are_not_simple_are_left_to_the_note(entry, hours):
    page = entry(hours=hours, hours_note="Ring twice.")
    assert "الاثنين" not in page.text
    assert "Ring twice." in english(page)


def test_only_a_name_that_says_what_to_do_is_translated(page_client, arabic, travel):
    load(travel.now, row(key="silent-55", name="999, then press 55"), row(key="women", name="Women"))
    chosen = page_client.get("/help", headers=ARABIC)
    page = page_client.get("/help?need=", headers=ARABIC)
    titles = ["".join(node.itertext()) for shown in (chosen, page) for node in shown.find_all("h3")]
    assert titles == ["999، ثم اضغطي 55", "Women"]
    assert "Women" in english(page)


def test_words_that_look_like_a_page_stay_words_in_every_language(entry):
    page = entry(helps_with="<b>Talk</b> to 020 7946 0999 & all.")
    assert "<b>Talk</b> to 020 7946 0999 & all." in page.text


# What translators are given


def collected(text: str) -> list[str]:
    return [message for _, _, message, _ in directory_words.extract(io.BytesIO(text.encode()), {}, [], {})]


def test_translators_are_given_every_sentence_of_the_shipped_directory():
    shipped = list(csv.DictReader(io.StringIO(service.SEED.read_text(encoding="utf-8"))))
    given = set(collected(service.SEED.read_text(encoding="utf-8")))
    assert given >= {
        sentence for line in shipped for column in TRANSLATED_COLUMNS for sentence in sentences(line[column])
    }
    assert given >= {line["name"] for line in shipped if line["key"] in NAMED_BY_WHAT_THEY_DO}
    assert set(NAMED_BY_WHAT_THEY_DO) <= {line["key"] for line in shipped}
    assert "Samaritans" not in given and "SHOUT" not in given


def test_no_sentence_of_the_directory_is_a_pattern_to_be_filled():
    """A percent sign would make it one for the checks of translations."""
    assert not [sentence for sentence in collected(service.SEED.read_text(encoding="utf-8")) if "%" in sentence]


def test_a_sentence_on_the_second_line_says_where_it_stands():
    lines = file(row(helps_with="One thing. Another."))
    found = list(directory_words.extract(io.BytesIO(lines.encode()), {}, [], {}))
    assert [(line, message) for line, _, message, _ in found][:2] == [(2, "One thing."), (2, "Another.")]
