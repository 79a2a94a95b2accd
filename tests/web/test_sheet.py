"""Her style sheet inside the page of a first visit: who gets it, and a policy that allows it alone (R39)."""

import base64
import hashlib

import pytest

from portal.core.access import Role
from portal.web.sheet_rules import for_new_browsers, rules, used_by
from tests.support import make, sign_in
from tests.support.pages import Page

FROM_OUTSIDE = {"Sec-Fetch-Site": "none"}


def styles(answer) -> list[str]:
    return ["".join(style.itertext()) for style in Page(answer, "").find_all("style")]


def links(answer) -> list[str]:
    return [link.get("href") for link in Page(answer, "").find_all("link") if link.get("rel") == "stylesheet"]


def style_source(answer) -> str:
    parts = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    return parts["style-src"]


@pytest.mark.parametrize("address", ["/", "/now", "/help", "/sign-in", "/leave/nothing", "/nothing-here", "/privacy"])
@pytest.mark.parametrize("came_from", ["none", "cross-site"])
def test_a_first_visit_holds_the_sheet_and_the_policy_allows_that_one_alone(app, address, came_from):
    answer = app.test_client().get(address, headers={"Sec-Fetch-Site": came_from})
    (sheet,) = styles(answer)
    assert links(answer) == []
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert style_source(answer) == f"'self' 'sha256-{digest}'"


def test_it_holds_the_rules_of_the_linked_sheet_that_the_page_uses_and_no_others(app):
    (address,) = links(app.test_client().get("/now"))
    linked = rules(app.test_client().get(address).text)
    answer = app.test_client().get("/now", headers=FROM_OUTSIDE)
    (inside,) = map(rules, styles(answer))
    assert inside == used_by(for_new_browsers(linked), Page(answer, "").html)
    selectors = {rule.selector for rule in inside}
    assert ".leave" in selectors and ".times label" not in selectors and len(inside) < len(linked)


def test_a_page_from_right_to_left_has_the_rules_for_it(app):
    answers = [app.test_client().get("/now", headers=FROM_OUTSIDE | {"Accept-Language": code}) for code in ("ar", "en")]
    assert ["[dir=rtl]" in styles(answer)[0] for answer in answers] == [True, False]


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "odd"}])
def test_whoever_may_have_it_already_or_has_an_old_browser_gets_the_link(app, headers):
    answer = app.test_client().get("/now", headers=headers)
    assert styles(answer) == [] and len(links(answer)) == 1
    assert style_source(answer) == "'self'"


def test_so_does_a_browser_that_was_here_before(app):
    client = app.test_client()
    assert client.get("/sign-in", headers=FROM_OUTSIDE).headers.getlist("Set-Cookie")
    again = client.get("/now", headers=FROM_OUTSIDE)
    assert (styles(again), len(links(again)), style_source(again)) == ([], 1, "'self'")


def test_neither_her_signed_in_pages_nor_staff_have_it_inside(page_client, new_page_client, travel):
    sign_in.as_client(page_client, make.client())
    sign_in.staff_at(new_page_client(), make.staff(role=Role.MANAGER), "/staff/today")
    for client, address in ((page_client, "/today"), (new_page_client(), "/staff/sign-in")):
        answer = client.client.get(address, headers=FROM_OUTSIDE)
        assert answer.status_code == 200 and styles(answer) == [] and style_source(answer) == "'self'"
