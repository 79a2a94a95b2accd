"""Pages from right to left have the comma of their script, wherever the words beside it come from."""

import re

import pytest

from portal.jobs.demo_people import WOMEN
from tests.support import demo_house

PATHS = (
    "/now", "/help?need=", "/help/1", "/set-up", "/today", "/plan", "/plan/earlier", "/appointments", "/messages",
    "/appointments/new?kind=1&centre=1", "/appointments/new?kind=4&centre=1&worker=2", "/groups/1", "/groups/4/join",
)  # fmt: skip
_LATIN = re.compile(r".{0,12}[\u0600-\u06ff]\)?, .{0,12}|.{0,12}, \(?[\u0600-\u06ff].{0,12}")


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_no_comma_of_latin_script_stands_beside_a_word_of_another(app, travel, page_client, language):
    house = demo_house.load()
    house.all_read(language)
    woman = next(woman for woman in WOMEN if woman.language == "ar")
    house.woman(page_client, woman.code_name)
    if page_client.get("/plan", follow=True).address == "/step-up":
        page_client.submit("/step-up", passcode=woman.passcode)
    for path in PATHS:
        page = page_client.get(path, follow=True)
        assert page.find_all("html")[0].get("dir") == "rtl", path
        assert _LATIN.findall(page.text) == [], path
