"""The largest pages of hers in every language: a first visit is at most 7,300 bytes, headers and all that it loads."""

import pytest

from portal.core.locales import WITH_CATALOGUE
from portal.jobs.demo_people import WOMEN
from tests.support import demo_house, sign_in
from tests.support.first_visit import ACCEPT, MOST_BYTES, first_visit, on_the_wire
from tests.support.slow_line import GPRS_BITS, GPRS_ROUND_TRIP

FOR_ALL = ("/", "/now", "/help", "/help?need=", "/help?need=&start=5", "/sign-in", "/set-up", "/refer", "/privacy",
           "/accessibility", "/about-leaving", "/language", "/feedback")  # fmt: skip
MOST_OVER_GPRS = 3800
"""Bytes of a first page alone: what a connection by HTTPS leaves of 3 seconds on such a line (decision 41)."""
HERS = ("/today", "/plan", "/appointments", "/appointments/new", "/messages", "/me", "/me/safe-contact", "/plan/answer")


@pytest.mark.parametrize("language", WITH_CATALOGUE)
def test_a_first_visit_fits_in_every_language(app, travel, new_page_client, language):
    house, she = demo_house.load(), new_page_client()
    she.get("/language")
    she.submit("/language", press=("language", language))
    found, alone = {}, {}
    for address in FOR_ALL:
        found[address] = first_visit(app.test_client(), address, **{"Accept-Language": language})
        inside = {"Accept-Language": language, "Sec-Fetch-Site": "none"}
        found[address, "sheet inside"] = first_visit(app.test_client(), address, **inside)
        alone[address] = on_the_wire(app.test_client().get(address, headers=ACCEPT | inside))
    house.woman(she, "Blue Heron 42")
    she.get("/messages", follow=True)
    sign_in.step_up(she, next(woman.passcode for woman in WOMEN if woman.code_name == "Blue Heron 42"))
    for address in HERS:
        found[address] = first_visit(she.client, address)
    assert {address: size for address, size in found.items() if size > MOST_BYTES} == {}
    assert {address: size for address, size in alone.items() if size > MOST_OVER_GPRS} == {}


def test_the_emergency_page_is_painted_within_3_seconds_of_gprs(app):  # R35
    """By arithmetic: the connection, TLS 1.3 with a certificate of 2 kB, the question, and the page with its sheet."""
    page = app.test_client().get("/now", headers=ACCEPT | {"Sec-Fetch-Site": "none"})
    connecting = 2 * GPRS_ROUND_TRIP + 2000 * 8 / GPRS_BITS
    assert connecting + GPRS_ROUND_TRIP + on_the_wire(page) * 8 / GPRS_BITS <= 3
    old_browser = 3 * GPRS_ROUND_TRIP + first_visit(app.test_client(), "/now") * 8 / GPRS_BITS
    assert old_browser <= 3, "with a link, and without TLS, as such browsers often come"
