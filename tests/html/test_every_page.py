"""Every page that a person can reach by its links is valid HTML and keeps the rules of every page (`make check`)."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from tests.support import demo_house
from tests.support.pages import PageClient

MOST_OF_A_KIND = 3
MOST_PAGES = 160
HERS = ("/help?need=", "/today")
"""Where a woman's walk begins: the first services it meets are no 999, so that it can ask her worker about them."""
LEADS_AWAY = ("/leave", "/static/", "/staff/help/export")


@pytest.fixture
def house(app, travel):
    return demo_house.load()


def kind_of(address: str) -> str:
    """Addresses that differ in numbers and days alone are one kind of page."""
    parts = urlsplit(address)
    names = sorted(part.partition("=")[0] for part in parts.query.split("&") if part)
    return re.sub(r"\d+", "n", parts.path) + "?" + "&".join(names)


def walk(browser: PageClient, *starts: str) -> set[str]:
    """Follow links until every kind of page was seen; gives the kinds."""
    waiting, seen, count = list(starts), set(starts), {}
    while waiting and len(count) < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(address)
        if count.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        count[kind] = count.get(kind, 0) + 1
        page = browser.get(address, follow=True)
        assert page.status == 200, f"{address}: {page.status} {page.text[:200]}"
        for link in page.links().values():
            target = urljoin(page.address, link)
            parts = urlsplit(target)
            ours = not parts.scheme and not parts.netloc and target.startswith("/")
            if ours and not target.startswith(LEADS_AWAY) and target not in seen:
                seen.add(target)
                waiting.append(target.partition("#")[0])
    return set(count)


def test_signed_out(house, page_client):
    kinds = walk(
        page_client, "/", "/now", "/help", "/sign-in", "/set-up", "/accessibility", "/privacy", "/staff/sign-in"
    )
    assert {"/now?", "/help/n?", "/about-leaving?", "/language?"} <= kinds


@pytest.mark.parametrize("code_name", ["Blue Heron 42", "قمر أزرق 23", "Cedar Window 93", "Winter Pear 39"])
def test_a_woman(house, page_client, code_name):
    house.woman(page_client, code_name)
    kinds = walk(page_client, *HERS)
    assert {"/today?", "/plan?", "/appointments?", "/messages?", "/me?"} <= kinds


@pytest.mark.parametrize(
    ("first_name", "reached"),
    [
        (
            "Jo",
            {
                "/staff/today?",
                "/staff/diary?",
                "/staff/clients?",
                "/staff/clients/n?",
                "/staff/inbox?",
                "/staff/worklist?",
            },
        ),
        ("Sam", {"/staff/today?", "/staff/diary?", "/staff/worklist?", "/staff/rota?", "/staff/appointments/n?"}),
        (
            "Frances",
            {
                "/staff/today?",
                "/staff/clients/n?",
                "/staff/audit?",
                "/staff/switches?",
                "/staff/centres?",
                "/staff/rota?",
                "/staff/phrases?language&meaning",
            },
        ),
        ("Alex", {"/staff/people?", "/staff/people/n?", "/staff/centres?", "/staff/centres/n?", "/staff/help?"}),
        ("Dana", {"/staff/referrals?"}),
    ],
)
def test_staff(house, page_client, first_name, reached):
    first = house.staff(page_client, first_name)
    assert reached <= walk(page_client, urlsplit(first.address).path)


def test_no_link_of_staff_leads_where_they_may_not_go(house, page_client):
    """The walk above fails on a 403 or 404: every link that a page shows can be opened by who sees it."""
    house.staff(page_client, "Robin")
    assert walk(page_client, "/staff/today")


REACHED_OTHERWISE = {
    "/health", "/ready", "/metrics", "/robots.txt", "/.well-known/security.txt", "/leave", "/demo/phone",
    "/staff/sign-in/recovery", "/staff/set-up/codes", "/staff/me/codes", "/staff/step-up",
    "/plan/own", "/plan/own/<part>", "/plan/own/back", "/plan/own/worker",
    "/kept", "/stay", "/ask/done", "/staff/set-up/<token>", "/staff/sign-in/second", "/step-up",
    "/staff/find", "/staff/help/export", "/staff/today/news", "/staff/closing/<int:closed_day_id>",
    "/staff/closing/hits/<int:hit_id>/ring", "/staff/clients/<int:client_id>/caller", "/calendar/<token>.ics",
    "/appointments/<int:appointment_id>/calendar", "/staff/inbox/<int:incoming_id>", "/staff/worklist/<int:task_id>",
    "/staff/people/<int:staff_id>/link", "/staff/clients/<int:client_id>/setup-code/card",
    "/staff/clients/<int:client_id>/undo-opt-out", "/staff/clients/<int:client_id>/merge/<int:other_id>",
    "/staff/inbox/live", "/staff/clients/<int:client_id>/messages/live",
    "/staff/clients/<int:client_id>/messages/<int:text_id>", "/staff/messages/batches/<int:batch_id>",
    "/staff/waiting/<int:wait_id>", "/staff/waiting/offers/<int:offer_id>",
    "/staff/clients/<int:client_id>/closed", "/staff/clients/<int:client_id>/follow-up",
    "/staff/start/people/links", "/staff/start/clients/<int:batch_id>",
    "/staff/groups/sessions/<int:session_id>/outcomes",
    "/feedback/done", "/staff/locked", "/staff/kept", "/staff/device", "/staff/devices/<int:device_id>/code",
    "/refer/sent", "/staff/refer/<int:referral_id>", "/staff/refer/<int:referral_id>/card",
}  # fmt: skip
"""Pages to which no link leads, or none in the demo at that moment; each has tests of its own."""


def test_every_page_is_reached_by_links(house, app, new_page_client):
    seen: set[str] = set()
    walks = [(None, ("/",)), *((woman, HERS) for woman in ("Blue Heron 42", "Green Kettle 17", "Winter Pear 39"))]
    for woman, starts in walks:
        browser = new_page_client()
        if woman:
            house.woman(browser, woman)
        walk(browser, *starts, "/now", "/help", "/sign-in", "/set-up", "/staff/sign-in", "/accessibility")
        seen |= set(browser.visited)
    for first_name in ("Jo", "Sam", "Frances", "Alex", "Dana"):
        browser = new_page_client()
        walk(browser, urlsplit(house.staff(browser, first_name).address).path)
        seen |= set(browser.visited)
    adapter = app.url_map.bind("localhost")
    reached = {adapter.match(path, return_rule=True)[0].rule for path in seen if not path.startswith("/staff/sign-out")}
    pages = {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"}
    assert " ".join(sorted(pages - reached - REACHED_OTHERWISE)) == ""
