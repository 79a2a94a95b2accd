"""Banned words: whole words and simple inflections, in whatever case and script (R7, R20)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.banned import LISTED_FOR_TEXTS, TEXT_ONLY_WORDS, banned_in
from portal.core.banned_words import NEED_THEIR_MARKS, TEXT_ONLY_BY_LANGUAGE, WORDS_BY_LANGUAGE
from portal.core.locales import LANGUAGES
from portal.core.settings import BANNED_WORDS
from portal.sms.segments import fold


@pytest.mark.parametrize("word", BANNED_WORDS + TEXT_ONLY_WORDS)
def test_every_word_is_found_in_whatever_case_and_place(word):
    for text in (
        word, word.upper(), word.title(), f"a {word}.", f"({word})", f"{word}, then", f"{word}-free", f"{word}s",
    ):  # fmt: skip
        assert banned_in(text, [word]) == [word], text


LISTED = [
    (code, word) for listed in (WORDS_BY_LANGUAGE, TEXT_ONLY_BY_LANGUAGE) for code in listed for word in listed[code]
]


@pytest.mark.parametrize(("code", "word"), LISTED)
def test_every_word_of_every_language_is_found_as_it_stands_in_capitals_and_as_a_text_in_gsm_7_has_it(code, word):
    plain = word.strip("*")
    texts = [plain, plain.upper(), f"1 {plain}, 2."] + ([] if word in NEED_THEIR_MARKS else [fold(plain, True)])
    for text in texts:
        assert banned_in(text, [word]) == [plain], text


def test_every_language_has_both_lists_and_no_word_twice():
    for listed in (WORDS_BY_LANGUAGE, TEXT_ONLY_BY_LANGUAGE):
        assert set(listed) == set(LANGUAGES) - {"en"}
        assert all(len(words) == len(set(words)) for words in listed.values())


@pytest.mark.parametrize(
    "text",
    ["las víctimas", "La Policia", "os tribunais", "des délinquants", "victimes", "للمحكمة", "والشرطة",
     "পুলিশের কাছে", "পুলিশকে", "booliska", "maxkamadda", "Maxkamada", "polislere", "POLİS", "İSTİSMAR",
     "ŞIDDET", "mahkemede", "policja", "do sądu", "do sadu", "w więzieniu", "wiezienia", "poliției",
     "la inchisoare", "زندانی", "پلیس‌ها", "دادگاه‌های", "ንፖሊስ", "ብፖሊስን", "ቤት ማእሰርቲ", "tu abogada",
     "avukatınız", "avukatiniz", "qareenka", "prawnikiem", "وکیلت", "ንጠበቓኺ", "eşinizle", "esinizle"],
)  # fmt: skip
def test_inflections_of_other_languages_are_found(text):
    assert banned_in(f"1 {text}.", LISTED_FOR_TEXTS)


@pytest.mark.parametrize(
    "text",
    ["I am sad today", "such a success", "the Polish group", "polite", "my instant coffee", "politics",
     "crimson", "avocado", "بازار", "الكل هنا", "জেলা", "মদিনা", "dhib ma leh", "Kurban Bayramı", "esinti",
     "domowy obiad", "suc de mere", "sucuk", "sucuklu yumurta", "la sucursal",
     "viola", "sadness", "gebeten", "Damien", "arrêter les SMS",
     "parada de autobús", "ballan", "presente"],
)  # fmt: skip
def test_innocent_words_of_other_languages_are_not(text):
    assert banned_in(text, (*BANNED_WORDS, *LISTED_FOR_TEXTS)) == []


@pytest.mark.parametrize("word", WORDS_BY_LANGUAGE["ar"])
@pytest.mark.parametrize("prefix", ["", "ال", "و", "ب", "ل", "وال", "بال", "فال", "ك", "لل", "ول"])
def test_arabic_words_are_found_with_what_is_written_on_to_them(word, prefix):
    assert banned_in(f"موعد {prefix}{word}.", [word]) == [word]


@pytest.mark.parametrize(
    ("text", "word"),
    [("abusing", "abuse"), ("abused", "abuse"), ("abuser", "abuse"), ("abusive", "abuse"), ("raped", "rape"),
     ("cautioned", "caution"), ("offences", "offence"), ("courts", "court"), ("drug's", "drug"), ("policing", "police"),
     ("sexual", "sex"), ("arrested", "arrest"), ("Women’s Centre", "women's centre"), ("YOUR EX", "your ex")],
)  # fmt: skip
def test_simple_inflections_are_found(text, word):
    assert banned_in(text, [word]) == [word]


@pytest.mark.parametrize(
    ("text", "word"),
    [("precautionless", "caution"), ("Sussex", "sex"), ("courteous", "court"), ("grapes", "rape"), ("bailey", "bail"),
     ("drugget", "drug"), ("fundamental", "mental"), ("your extra hour", "your ex"), ("", "abuse"),
     ("therapeutic", "rape"), ("escort", "court"), ("Tuesday 3 December, half past 2", "prison")],
)  # fmt: skip
def test_words_inside_other_words_are_not(text, word):
    assert banned_in(text, [word]) == []


def test_all_that_stand_there_are_named():
    assert banned_in("the police and the court", BANNED_WORDS) == ["police", "court"]


def test_a_partners_name_with_odd_signs_is_a_word_too():
    assert banned_in("with C++ (Trust) today", ["C++ (Trust)"]) == ["C++ (Trust)"]
    assert banned_in("a.b", ["axb"]) == []


@given(st.text(max_size=60), st.sampled_from(BANNED_WORDS), st.text(max_size=60))
def test_between_spaces_it_is_always_found(before, word, after):
    assert word in banned_in(f"{before} {word} {after}", BANNED_WORDS)
