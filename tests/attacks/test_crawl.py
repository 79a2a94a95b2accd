"""Thousands of odd requests by everybody to every address: no server error, no leak, nobody's rights changed."""

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.core.database import session
from portal.staff.models import Staff
from tests.attacks import crawl

IN_A_ROW = 25
REQUESTS = 10_000 if os.environ.get("CI") == "true" else 1_000


def rights() -> dict[int, tuple]:
    """Who may do what, as the database has it."""
    session.remove()
    return {one.id: (one.role, one.active, tuple(one.centre_ids)) for one in session.query(Staff)}


def test_no_odd_request_breaks_anything_or_shows_what_is_not_theirs(crowd):
    crowd.read_the_forms()
    before = rights()

    @settings(
        max_examples=REQUESTS // IN_A_ROW,
        deadline=None,
        database=None,
        # A failure names its request; making it smaller would take minutes.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def in_a_row(data):
        crowd.everything_as_it_was()
        admin_acted = False
        for _ in range(IN_A_ROW):
            sent = data.draw(crawl.requests(crowd))
            crowd.send(sent)
            admin_acted = admin_acted or (sent.who == "Alex" and sent.method == "POST")
        assert admin_acted or rights() == before

    in_a_row()


def test_a_number_that_no_row_has_is_an_address_that_is_not_there(crowd):
    """Numbers beyond what the database holds: never a fault, whoever asks."""
    for rule in crowd.rules():
        if "<int:" not in rule.rule:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            address = rule.rule
            for argument in rule.arguments:
                address = address.replace(f"<int:{argument}>", str(2**63))
            for who in ("Blue Heron 42", "Frances"):
                answer = crowd.send(crawl.Sent(who, method, address, {}))
                assert answer.status_code in (302, 303, 400, 403, 404, 405), (address, answer.status_code)
