"""Every English page of hers reads as for a reader of 9 (R36): short sentences, an easy page, no word that shames."""

import calendar
import re
from collections.abc import Iterator

import pytest
import textstat

from tests.html.test_every_page import HERS, house, kind_of, walk  # noqa: F401  # house is a fixture
from tests.support.pages import XHTML, Page

SHAMING = (
    "offender", "offenders", "offence", "victim", "perpetrator", "failed", "failure", "breach", "non-compliant",
    "addict", "abuser", "junkie", "criminal", "punishment", "refused",
)  # fmt: skip
READ_OUT = ("h1", "h2", "h3", "p", "li", "label", "legend", "dt", "dd", "button", "summary")
MOST_WORDS = 20
HARDEST_GRADE = 5.0
MONTHS = re.compile("|".join(calendar.month_name[1:]))
"""A date is as easy as it can be; what makes it long is the month."""
SMALLEST_PAGE = 30
"""Words; the grade of fewer says more about one name than about the page."""


def sentences(page: Page) -> list[str]:
    """What our own words on a page say; names, numbers and what somebody typed are left out."""
    found = []
    for tag in READ_OUT:
        for node in _in_main(page, tag):
            if any(inner is not node and _name(inner) in READ_OUT for inner in node.iter()):
                continue
            text = MONTHS.sub("May", " ".join(" ".join(_ours(node)).split()))
            found += [words for words in re.split(r"(?<=[.?!])\s+", text) if re.search(r"[a-z]", words)]
    return found


def _in_main(page: Page, tag: str) -> list:
    return [node for main in page.find_all("main") for node in main.iter(f"{XHTML}{tag}") if not _is_around(main, node)]


def _is_around(main, node) -> bool:
    """Whether it stands in the bar of links or at the foot, which are the same on every page."""
    return any(
        node in list(around.iter())
        for around in main.iter()
        if _name(around) == "nav" or (_name(around) == "p" and "foot" in (around.get("class") or "").split())
    )


def _name(node) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _ours(node) -> Iterator[str]:
    if node.get("dir") == "auto" or node.get("translate") == "no" or node.tag.endswith("}bdi"):
        return
    if "said" in (node.get("class") or "").split() or "tel" in (node.get("class") or "").split():
        return
    yield node.text or ""
    for inner in node:
        if isinstance(inner.tag, str):
            yield from _ours(inner)
        yield inner.tail or ""


def faults(page: Page) -> list[str]:
    said = sentences(page)
    whole = " ".join(words if words[-1] in ".?!" else f"{words}." for words in said)
    found = [f"{len(words.split())} words: {words}" for words in said if len(words.split()) > MOST_WORDS]
    found += [f"says {word!r}" for word in SHAMING if re.search(rf"\b{word}\b", whole, re.IGNORECASE)]
    grade = textstat.flesch_kincaid_grade(whole)
    if len(whole.split()) >= SMALLEST_PAGE and grade > HARDEST_GRADE:
        found.append(f"grade {grade:.1f}: {whole[:300]}")
    return found


@pytest.mark.parametrize("code_name", [None, "Blue Heron 42", "Green Kettle 17", "Winter Pear 39"])
def test_every_page_of_hers_reads_as_for_a_reader_of_nine(house, page_client, code_name):  # noqa: F811  # R36
    if code_name is None:
        walk(page_client, "/", "/now", "/sign-in", "/set-up", "/accessibility", "/privacy")
    else:
        house.woman(page_client, code_name)
        walk(page_client, *HERS)
    hard = {}
    for address in {kind_of(address): address for address in page_client.visited}.values():
        if address.startswith("/help"):
            continue  # the services describe themselves; our own words there are read in tests/help
        page = page_client.get(address, follow=True)
        if page.status == 200 and page.is_html and (wrong := faults(page)):
            hard[kind_of(address)] = wrong
    assert hard == {}
