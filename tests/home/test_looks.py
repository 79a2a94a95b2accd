"""/me/seen-by: which roles looked on which days, at what in plain words; never names, never herself (R30, R41)."""

from datetime import timedelta

import pytest

from portal.audit import service as audit
from portal.clients.models import Client
from portal.core.access import SYSTEM, Actor
from portal.core.database import session, unit_of_work
from portal.home.looks import DAYS, looks
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    client = make.client()
    with unit_of_work():
        session.get_one(Client, client.id).seen_by_online = True
    return client


def look(client, travel, *entries, by=None, days=0):
    actor = by or session.get(make.Staff, client.keyworker_id).actor
    with unit_of_work():
        for action, subject, reason in entries:
            audit.record(
                actor,
                action,
                now=travel.now - timedelta(days=days),
                client_id=client.id,
                subject=subject,
                reason=reason,
            )


def see(browser, client, address="/me/seen-by"):
    sign_in.as_client(browser, client)
    browser.get(address, follow=True)
    return sign_in.step_up(browser)


def test_each_sort_of_look_is_named_in_plain_words(client, travel, page_client):  # R30
    look(client, travel, ("client_read", "", ""), ("client_read", "desk_search", ""), ("plan_read", "", ""),
         ("thread_read", "", ""), ("transcript_made", "", ""), ("number_shown", "", ""),
         ("client_read", "appointment:3", ""), ("client_read", "task:4", ""))  # fmt: skip
    look(client, travel, ("break_glass", "glass:1", "break_glass:danger"),
         by=make.staff("manager", first_name="Frances").actor)  # fmt: skip
    page = see(page_client, client)
    for words in ("your page", "your plan", "your messages", "your times", "how to reach you", "your name in a list",
                  "a copy of what you and we wrote", "a job to do for you"):  # fmt: skip
        assert words in page.text
    assert "Tuesday 1 December: a manager. your page, opened for one hour" in page.text
    assert "Frances" not in page.html and "Jo" not in page.html


def test_herself_the_worker_and_a_page_that_keeps_itself_fresh_are_no_look(client, travel):
    look(client, travel, ("client_read", "", ""), by=Actor("client", client.id))
    look(client, travel, ("client_read", "", ""), by=SYSTEM)
    look(client, travel, ("thread_read", "", "live"), ("task_closed", "task:1", "rang_her"))
    assert looks(client.id) == ([], None)


def test_one_line_a_role_and_day_and_earlier_days_on_further_pages(client, travel, page_client):
    for days in range(DAYS + 5):
        look(client, travel, ("client_read", "", ""), ("client_read", "", ""), days=days)
    first, earlier = looks(client.id)
    assert (len(first), earlier) == (DAYS, first[-1].on)
    further, end = looks(client.id, earlier)
    assert (len(further), end) == (5, None)
    page = see(page_client, client)
    page = page_client.get(page.links()["Earlier days"])
    assert page.status == 200 and "Earlier days" not in page.links()
    assert page_client.get("/me/seen-by?before=nonsense").status == 200


def test_with_the_switch_off_it_is_the_page_of_somebody_at_whom_nobody_looked(client, travel, page_client):  # R41
    with unit_of_work():
        session.get_one(Client, client.id).seen_by_online = False
    sign_in.as_client(page_client, client)
    nothing = page_client.get("/me/seen-by").body
    look(client, travel, ("client_read", "", ""))
    assert page_client.get("/me/seen-by").body == nothing
    assert page_client.get("/me/seen-by?before=2026-12-01").body == nothing
