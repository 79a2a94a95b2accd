"""The statements on how the pages work for everybody and on what is kept are true, dated, short and calm."""

import re
from datetime import timedelta
from pathlib import Path

from portal.clients.records import KEPT_AFTER_CLOSING
from portal.core.banned import banned_in
from portal.core.settings import BANNED_WORDS
from portal.home.views import TESTED_ON
from tests.support.pages import Page

ROOT = Path(__file__).resolve().parent.parent.parent
RECORD = ROOT / "docs" / "accessibility.md"
NUMBERS = {
    "1.1": (1,), "1.2": (1, 2, 3, 4, 5), "1.3": (1, 2, 3, 4, 5), "1.4": (1, 2, 3, 4, 5, 10, 11, 12, 13),
    "2.1": (1, 2, 4), "2.2": (1, 2),
    "2.3": (1,), "2.4": (1, 2, 3, 4, 5, 6, 7, 11), "2.5": (1, 2, 3, 4, 7, 8), "3.1": (1, 2),
    "3.2": (1, 2, 3, 4, 6), "3.3": (1, 2, 3, 4, 7, 8), "4.1": (2, 3),
}  # fmt: skip
CRITERIA = {f"{guideline}.{number}" for guideline, numbers in NUMBERS.items() for number in numbers}
"""WCAG 2.2, levels A and AA."""


def test_the_day_of_the_last_tests_is_the_same_in_both_places(page_client):
    day = f"{TESTED_ON.day} {TESTED_ON:%B %Y}"
    assert f"on {day};" in " ".join(RECORD.read_text().split())
    assert f"Last tested: {day}." in page_client.get("/accessibility").text


def test_the_record_goes_through_every_criterion_and_names_tests_that_exist():  # R37
    record = RECORD.read_text()
    told = set(re.findall(r"\b\d\.\d\.\d+\b", record.partition("## Each criterion")[2]))
    for first, last in re.findall(r"(\d\.\d\.\d+) to (\d\.\d\.\d+)", record):
        stem, begins, ends = first.rpartition(".")[0], first.rpartition(".")[2], last.rpartition(".")[2]
        told |= {f"{stem}.{number}" for number in range(int(begins), int(ends) + 1)}
    assert len(CRITERIA) == 55
    assert sorted(CRITERIA - told) == []
    assert [path for path in re.findall(r"`(tests/\S+\.py)`", record) if not (ROOT / path).exists()] == []


def test_how_long_things_are_kept_is_as_the_page_says(page_client):  # R33
    assert timedelta(days=180) == KEPT_AFTER_CLOSING
    text = page_client.get("/privacy").text
    assert "Messages, texts and notes go 6 months after we stop working with you." in text
    for told in ("what you tell us", "who looked", "copy", "correct", "stop", "complain", "cookie", "on paper"):
        assert told in text


def test_no_statement_says_who_comes_here_or_why(page_client):  # R7
    """Anybody may open these two; what the banned list holds stands in neither of them, nor does our name."""
    for path in ("/privacy", "/accessibility"):
        assert banned_in(page_client.get(path).text, BANNED_WORDS) == []


def test_what_a_phone_would_keep_of_hers_is_never_filled_in(page_client):  # R7 R8
    """Her code name, passcode and number; a code that a text brings may come from the text."""
    for path, names in (("/sign-in", {"code_name", "passcode"}), ("/set-up", {"code_name", "code", "passcode"}),
                        ("/refer", {"called_name", "number"}), ("/sign-in/text", {"code_name"})):  # fmt: skip
        assert names <= filled_in(page_client.get(path), "off")
    staff = page_client.get("/staff/sign-in")
    assert filled_in(staff, "username") == {"email"} and filled_in(staff, "current-password") == {"password"}


def filled_in(page: Page, purpose: str) -> set[str]:
    """The names of the fields with this purpose for a browser that fills forms in."""
    return {field.get("name") for field in page.find_all("input", autocomplete=purpose)}
