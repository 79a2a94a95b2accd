"""In pages from right to left, phone numbers run from left to right: else their groups come in another order."""

import re

import pytest

from tests.support import demo_house
from tests.support.pages import XHTML, Page

PATHS = (
    "/now", "/help", "/help?need=", "/help?need=&start=5", "/help?need=&start=10", "/help/1", "/help/2", "/help/card",
    "/about-leaving", "/today", "/appointments", "/me", "/messages", "/nothing-here", "/plan",
)  # fmt: skip
_NUMBER = re.compile(r"\d[\d ]{2,}\d")


def numbers(page: Page) -> tuple[list[str], list[str]]:
    """The numbers in links to call or to text: those that are kept from left to right, and those that are not."""
    kept, loose = [], []

    def look(node, is_kept: bool) -> None:
        is_kept = is_kept or node.get("dir") == "ltr"
        for piece in (node.text, *(child.tail for child in node)):
            (kept if is_kept else loose).extend(_NUMBER.findall(piece or ""))
        for child in node:
            look(child, is_kept)

    for link in page.find_all("a"):
        if (link.get("href") or "").startswith(("tel:", "sms:")):
            look(link, is_kept=False)
    return kept, loose


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_numbers_to_call_and_to_text_run_from_left_to_right(app, travel, page_client, language):
    house = demo_house.load()
    house.all_read(language)
    house.woman(page_client, "Blue Heron 42")
    found = 0
    for path in PATHS:
        page = page_client.get(path, follow=True)
        assert page.find_all("html")[0].get("dir") == "rtl", path
        kept, loose = numbers(page)
        assert loose == [], f"{path}: {loose}"
        found += len(kept)
        outside = [link for link in page.tree.iter(f"{XHTML}bdi") if _NUMBER.search("".join(link.itertext()))]
        assert all(bdi.get("dir") == "ltr" for bdi in outside), path
    assert found > 10
