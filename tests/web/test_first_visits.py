"""The largest pages of hers in every language: a first visit is at most 7,300 bytes, headers and all that it loads."""

import pytest

from portal.core.locales import WITH_CATALOGUE
from portal.jobs.demo_people import WOMEN
from tests.support import demo_house, sign_in
from tests.support.first_visit import MOST_BYTES, first_visit

FOR_ALL = ("/", "/now", "/help", "/help?need=", "/help?need=&start=5", "/sign-in", "/set-up", "/refer", "/privacy",
           "/accessibility", "/about-leaving", "/language", "/feedback")  # fmt: skip
HERS = ("/today", "/plan", "/appointments", "/appointments/new", "/messages", "/me", "/me/safe-contact", "/plan/answer")


@pytest.mark.parametrize("language", WITH_CATALOGUE)
def test_a_first_visit_fits_in_every_language(app, travel, new_page_client, language):
    house, she = demo_house.load(), new_page_client()
    she.get("/language")
    she.submit("/language", press=("language", language))
    found = {}
    for address in FOR_ALL:
        found[address] = first_visit(app.test_client(), address, **{"Accept-Language": language})
    house.woman(she, "Blue Heron 42")
    she.get("/messages", follow=True)
    sign_in.step_up(she, next(woman.passcode for woman in WOMEN if woman.code_name == "Blue Heron 42"))
    for address in HERS:
        found[address] = first_visit(she.client, address)
    assert {address: size for address, size in found.items() if size > MOST_BYTES} == {}
