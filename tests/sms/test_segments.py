"""How many parts a text takes, and how folding makes it shorter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sms import segments
from portal.sms.segments import Segments

# 3GPP TS 23.038 row by row, so that a slip in the room's own table shows.
ROWS = (
    "@£$¥èéùìòÇ\nØø\rÅå", "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ", " !\"#¤%&'()*+,-./", "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO", "PQRSTUVWXYZÄÖÑÜ§", "¿abcdefghijklmno", "pqrstuvwxyzäöñüà",
)  # fmt: skip
ESCAPED = "\f^{}\\[~]|€"
gsm_texts = st.text(alphabet="".join(ROWS) + ESCAPED, max_size=700)


def oracle_gsm(body: str) -> int:
    """Parts by writing the septets out and cutting where a phone would."""
    septets = [s for c in body for s in (("esc", c) if c in ESCAPED else (c,))]
    if len(septets) <= 160:
        return min(1, len(septets))
    parts = 0
    while septets:
        cut = 153 - (1 if len(septets) > 153 and septets[152] == "esc" else 0)
        septets, parts = septets[cut:], parts + 1
    return parts


def oracle_ucs2(body: str) -> int:
    """Parts by encoding to UTF-16 and cutting so that each piece decodes by itself."""
    units = body.encode("utf-16-be")
    if len(units) <= 140:
        return min(1, len(units))
    parts = 0
    while units:
        cut = 134
        try:
            units[:cut].decode("utf-16-be")
        except UnicodeDecodeError:
            cut -= 2
        units, parts = units[cut:], parts + 1
    return parts


def test_the_table_has_every_letter_of_the_standard_and_no_other() -> None:
    basic = [c for c in map(chr, range(0x3000)) if segments.count(c) == Segments("GSM-7", 1, 1, 159)]
    escaped = [c for c in map(chr, range(0x3000)) if segments.count(c) == Segments("GSM-7", 2, 1, 158)]
    assert sorted(basic) == sorted("".join(ROWS))
    assert len(basic) == 127  # the 128th is the escape itself
    assert sorted(escaped) == sorted(ESCAPED)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", Segments("GSM-7", 0, 0, 160)),
        ("a" * 160, Segments("GSM-7", 160, 1, 0)),
        ("a" * 161, Segments("GSM-7", 161, 2, 145)),
        ("a" * 306, Segments("GSM-7", 306, 2, 0)),
        ("€" * 80, Segments("GSM-7", 160, 1, 0)),
        ("a" * 152 + "€" + "a" * 151, Segments("GSM-7", 305, 2, 0)),
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3, 152)),
        ("ا" * 70, Segments("UCS-2", 70, 1, 0)),
        ("ا" * 71, Segments("UCS-2", 71, 2, 63)),
        ("🙂" * 35, Segments("UCS-2", 70, 1, 0)),
        ("🙂" * 36, Segments("UCS-2", 72, 2, 61)),
    ],
)
def test_the_edges(body: str, expected: Segments) -> None:
    assert segments.count(body) == expected


@given(gsm_texts)
def test_gsm_parts_agree_with_cutting_the_septets(body: str) -> None:
    counted = segments.count(body)
    assert (counted.encoding, counted.parts) == ("GSM-7", oracle_gsm(body))
    assert counted.letters == len(body) + sum(c in ESCAPED for c in body)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300).map(lambda text: text + "ا"))
def test_other_parts_agree_with_cutting_utf_16(body: str) -> None:
    counted = segments.count(body)
    assert (counted.encoding, counted.parts) == ("UCS-2", oracle_ucs2(body))
    assert counted.letters == len(body.encode("utf-16-be")) // 2


@given(st.text(max_size=400), st.booleans())
def test_what_is_left_really_fits_and_one_more_does_not(body: str, other_script: bool) -> None:
    body = body + "ا" if other_script else "".join(c for c in body if segments.is_gsm7(c)) + "a"
    counted = segments.count(body)
    assert segments.count(body + "a" * counted.left_in_part).parts == counted.parts
    assert segments.count(body + "a" * (counted.left_in_part + 1)).parts == counted.parts + 1


@pytest.mark.parametrize(
    ("body", "folded"),
    [
        ("Hi – it’s “Jo”…", 'Hi - it\'s "Jo"...'),
        ("2:30\u202fpm\u00a0at\u2009`5´", "2:30 pm at '5'"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("Małgorzata Żak, Zoë, Ayşe Yıldız İnan", "Malgorzata Zak, Zoe, Ayse Yildiz Inan"),
        ("Ștefan Țîrlea vê você, façon, œuf", "Stefan Tirlea ve voce, facon, oeuf"),
        ("José, Müller, Ångström, Søren, ñ, à, £5, €5 – ę", "José, Müller, Ångström, Søren, ñ, à, £5, €5 - e"),
        ("Zoe\u0308 e\u0301", "Zoe é"),
        ("composed into a backtick: \u1fef", "composed into a backtick: '"),
        ("za\u200b\u00adsad\u200da", "zasada"),
        ("bell\x07\x00 tab\there", "bell tab here"),
    ],
)
def test_folding_in_a_gsm_language_gives_gsm(body: str, folded: str) -> None:
    assert segments.fold(body, gsm7_language=True) == folded
    assert segments.count(folded).encoding == "GSM-7"


@pytest.mark.parametrize("body", ["Zoë 🙂 Żak", "Ewa Żak, نور"])
def test_accents_stay_where_dropping_them_would_not_help(body: str) -> None:
    assert segments.fold(body, gsm7_language=True) == body


@pytest.mark.parametrize("body", ["موعد الثلاثاء، «نعم»؟", "می\u200cروم", "Żak", "আগামীকাল", "👩\u200d👧"])
def test_other_languages_keep_their_letters_and_joiners(body: str) -> None:
    assert segments.fold(body, gsm7_language=False) == body


def test_other_languages_lose_odd_spaces_and_quotes_too() -> None:
    assert segments.fold("الساعة\u00a02:30 – ‘نعم’", gsm7_language=False) == "الساعة 2:30 - 'نعم'"


@given(st.text(max_size=200), st.booleans())
def test_folding_twice_changes_nothing_more(body: str, gsm7_language: bool) -> None:
    once = segments.fold(body, gsm7_language)
    assert segments.fold(once, gsm7_language) == once


@given(st.text(max_size=200), st.booleans())
def test_a_folded_text_can_be_written_down(body: str, gsm7_language: bool) -> None:
    folded = segments.fold(body, gsm7_language)
    assert not [c for c in folded if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")]
    folded.encode()


@given(gsm_texts)
def test_a_gsm_text_of_printing_letters_is_left_alone(body: str) -> None:
    body = body.replace("\f", "").replace("\r", "")
    assert segments.fold(body, gsm7_language=True) == body
