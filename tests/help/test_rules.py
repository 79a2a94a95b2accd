"""The rules of an entry: every fault is named, no text-only number can be rung, codes in addresses are neutral."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.banned import banned_in
from portal.core.settings import BANNED_WORDS
from portal.help import rules
from portal.help.forms import ACCESS_WORDS, NEED_WORDS
from portal.help.models import Service
from tests.help.rows import row


def test_a_good_row_has_no_fault():
    assert rules.faults_of(row()) == []


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"source": ""}, ("source", "missing")),
        ({"needs": ""}, ("needs", "missing")),
        ({"name": "  "}, ("name", "missing")),
        ({"needs": "housing;cats"}, ("needs", "unknown_code")),
        ({"boroughs": "Camden;Camdem"}, ("boroughs", "unknown_code")),
        ({"hours": "Mo-Fr 09:00-17:00; SH off"}, ("hours", "not_hours")),
        ({"cost": "cheap"}, ("cost", "unknown_code")),
        ({"bill_note": "hidden"}, ("bill_note", "unknown_code")),
        ({"status": "sure"}, ("status", "unknown_code")),
        ({"access": "smoke"}, ("access", "unknown_code")),
        ({"emergency": "no"}, ("emergency", "unknown_code")),
        ({"phone": "85258"}, ("phone", "text_only")),
        ({"phone": "61016"}, ("phone", "text_only")),
        ({"phone": "07700 900123", "sms": "07700900123"}, ("phone", "text_only")),
        ({"phone": "999", "sms": "999"}, ("phone", "text_only")),
        ({"phone": "0900 123 4567"}, ("phone", "not_a_number")),
        ({"phone": "+44 20 7946 0123"}, ("phone", "not_a_number")),
        ({"phone": "ring us"}, ("phone", "not_a_number")),
        ({"phone": "020 7946 O123"}, ("phone", "not_a_number")),
        ({"phone": "020 7946 012"}, ("phone", "not_a_number")),
        ({"phone": "020 7946 01234"}, ("phone", "not_a_number")),
        ({"phone": "07700 90012"}, ("phone", "not_a_number")),
        ({"phone": "0300 123 339"}, ("phone", "not_a_number")),
        ({"phone": "0808 2000 24"}, ("phone", "not_a_number")),
        ({"phone": "0871 234 5678", "cost": "standard-rate"}, ("cost", "costs_more")),
        ({"sms": "18000"}, ("sms", "not_a_text_number")),
        ({"sms": "020 7946 0124"}, ("sms", "not_a_text_number")),
        ({"sms_say": "HELP"}, ("sms_say", "no_text_number")),
        ({"web": "http://example.org"}, ("web", "not_https")),
        ({"web": "javascript:alert(1)"}, ("web", "not_https")),
        ({"web": 'https://example.org/"><script>'}, ("web", "not_https")),
        ({"web": "https://user@example.org"}, ("web", "not_https")),
        ({"web": "https://www.emergencysms.net/join"}, ("web", "taken_over")),
        ({"web": "https://emergencysms.org.uk"}, ("web", "taken_over")),
        ({"phone": "", "bill_note": ""}, ("phone", "no_contact")),
        ({"bill_note": ""}, ("bill_note", "missing")),
        ({"phone": "", "web": "https://example.org"}, ("bill_note", "no_number")),
        ({"hours": "nine to five"}, ("hours", "not_hours")),
        ({"languages": "Polish"}, ("languages", "not_a_language")),
        ({"source_date": "2026-13"}, ("source_date", "not_a_date")),
        ({"source_date": "last year"}, ("source_date", "not_a_date")),
        ({"key": "Example Line"}, ("key", "not_a_key")),
        ({"helps_with": "word " * 16}, ("helps_with", "too_many_words")),
        ({"name": "x" * 10_000}, ("name", "too_long")),
        ({"hours": "Mo " * 5_000}, ("hours", "too_long")),
        ({"hours_note": "one\ntwo"}, ("hours_note", "control_character")),
        ({"name": "Line\u202eenil"}, ("name", "control_character")),
        ({"name": "Line\x00"}, ("name", "control_character")),
    ],
)
def test_each_fault_is_found_alone(cells, fault):
    assert rules.faults_of(row(**cells)) == [fault]
    assert fault[1] in rules.FAULT_WORDS


def test_all_faults_of_a_row_are_named_at_once():
    assert rules.faults_of(row(phone="85258", source="", web="ftp://example.org")) == [
        ("source", "missing"),
        ("phone", "text_only"),
        ("web", "not_https"),
    ]


def test_a_space_that_cannot_be_broken_is_a_space():
    assert row(phone="020\u00a07946\u00a00123")["phone"] == "020 7946 0123"


@pytest.mark.parametrize(
    "phone",
    [
        "999",
        "101",
        "111",
        "116 123",
        "18000",
        "0800 1111",
        "0845 46 47",
        "0800 123456",
        "08 08 16 89 111",
        "0345 345 4 345",
        "01634 247350",
        "01204 52345",
    ],
)
def test_numbers_of_the_national_kind_can_be_rung(phone):
    assert rules.dialable(phone)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("02079460123", "020 7946 0123"),
        ("(020) 7946-0123", "020 7946 0123"),
        ("020-7946-0123", "020 7946 0123"),
        ("07700900123", "07700 900123"),
        ("03001233393", "0300 123 3393"),
        ("01182147150", "0118 214 7150"),
        ("01634247350", "01634 247350"),
        ("0808 2000 247", "0808 2000 247"),
        ("116123", "116123"),
        ("ring (us)", "ring (us)"),
    ],
)
def test_a_number_stands_in_national_form_and_the_groups_that_somebody_chose_stay(typed, shown):
    assert row(phone=typed)["phone"] == shown


def test_lists_are_read_as_people_write_them():
    cells = row(boroughs="camden, City Of London", needs="Housing ;MONEY", access="BSL, Webchat")
    assert (cells["boroughs"], cells["needs"], cells["access"]) == (
        "Camden;City of London", "housing;money", "bsl;webchat",
    )  # fmt: skip
    assert rules.faults_of(cells) == []


def test_links_dial_digits_only_and_begin_a_text_with_its_words():
    assert rules.tel_href("08 08 16 89 111") == "tel:08081689111"
    assert rules.sms_href("999") == "sms:999"
    assert rules.sms_href("85258", "SHOUT & more") == "sms:85258?&body=SHOUT%20%26%20more"


@given(st.text(max_size=30))
def test_no_number_that_cannot_be_rung_makes_a_link(text):
    if rules.dialable(text):
        assert set(rules.tel_href(text).removeprefix("tel:")) <= set("0123456789")


@given(st.dictionaries(st.sampled_from(rules.COLUMNS), st.text(max_size=60)))
def test_no_text_breaks_the_rules(cells):
    for column, reason in rules.faults_of(row(**cells)):
        assert column in rules.COLUMNS
        assert reason in rules.FAULT_WORDS


def test_codes_of_needs_are_neutral_and_lead_back():  # R7
    for need in rules.NEEDS:
        assert rules.need_of(rules.need_code(need)) == need
        assert not banned_in(rules.need_code(need), BANNED_WORDS)
    assert rules.need_of("n17") is rules.need_of("") is rules.need_of("abuse") is None


def test_every_code_has_words():
    assert set(NEED_WORDS) == set(rules.NEEDS)
    assert set(ACCESS_WORDS) == set(rules.ACCESS)


def test_no_cell_can_be_longer_than_its_column():
    columns = Service.__table__.columns
    for name, longest in rules.LONGEST.items():
        length = getattr(columns[name].type, "length", None)
        assert length is None or longest == length, name


@pytest.mark.parametrize(
    ("was", "before", "after", "checked", "shown"),
    [
        (True, "third-party", "third-party", True, True),
        (True, "verified", "third-party", True, True),
        (True, "verified", "third-party", False, False),
        (False, "third-party", "verified", False, True),
        (False, "third-party", "verified", True, False),  # staff confirmed it once and hid it
        (False, "verified", "verified", False, False),  # staff hid it
    ],
)
def test_what_staff_decided_stands(was, before, after, checked, shown):
    assert rules.published_after_change(was, before, after, checked) is shown


@pytest.mark.parametrize(
    ("phone", "free"),
    [
        ("0800 1111", True),
        ("0808 2000 247", True),
        ("116 123", True),
        ("020 7946 0123", False),
        ("0300 123 3393", False),
    ],
)
def test_which_numbers_cost_nothing(phone, free):
    assert rules.is_free(phone) is free
