"""The largest pages of hers in every language: a first visit is at most 7,300 bytes, headers and all that it loads."""

import pytest

from portal.core.locales import WITH_CATALOGUE
from portal.jobs.demo_people import WOMEN
from tests.support import demo_house, sign_in
from tests.support.first_visit import ACCEPT, MOST_BYTES, first_visit, on_the_wire
from tests.support.slow_line import GPRS_BITS, GPRS_ROUND_TRIP

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


def test_the_words_of_the_emergency_page_are_there_within_3_seconds_of_gprs(app):  # R35
    """By arithmetic: the connection, TLS 1.3 with a certificate of 3 kB, the question and the page; then its sheet."""
    client = app.test_client()
    page = client.get("/now", headers=ACCEPT)
    connecting = 2 * GPRS_ROUND_TRIP + 3000 * 8 / GPRS_BITS
    words = connecting + GPRS_ROUND_TRIP + on_the_wire(page) * 8 / GPRS_BITS
    assert words <= 3
    everything_without_tls = 3 * GPRS_ROUND_TRIP + first_visit(client, "/now") * 8 / GPRS_BITS
    assert everything_without_tls <= 3
