"""Forged requests: every change asks for the token of the very session that sends it (R9)."""

import sqlite3
from pathlib import Path

from tests.attacks import crawl

WITHOUT_TOKEN = {
    "/leave",
    "/sms/in",
    "/sms/status/<int:text_id>",
    "/sms/duty/<int:call_id>",
    "/sms/trial/<int:test_id>",
}
"""Leaving changes nothing of hers, and the gateway signs what it sends."""


def changes(crowd) -> list[str]:
    """Every address that takes a POST and needs a token, with the first row's number in it."""
    rules = (rule for rule in crowd.app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return [crawl.with_numbers(rule.rule) for rule in rules if rule.rule not in WITHOUT_TOKEN]


def content(database: Path) -> list[str]:
    """Every row there is, but for when somebody was last seen."""
    with sqlite3.connect(database) as connection:
        return [line for line in connection.iterdump() if not line.startswith('INSERT INTO "sessions"')]


def refused(crowd, who: str, token: str | None) -> None:
    """Send everything as somebody with a token that is not hers: nothing is done."""
    fields = {} if token is None else {"csrf_token": token}
    for address in changes(crowd):
        answer = crowd.people[who].browser.client.post(address, data=fields)
        assert answer.status_code == 400, f"{who}, {address}: {answer.status_code}"


def test_a_change_without_the_sessions_own_token_is_refused_and_does_nothing(crowd):
    others = [crowd.people[name].token for name in ("قمر أزرق 23", "Jo", "stranger")]
    before = content(crowd.database)
    for who in ("Blue Heron 42", "Frances", "Alex", "Sam"):
        for token in (None, "forged", *others):
            refused(crowd, who, token)
    assert content(crowd.database) == before


def test_the_token_of_a_session_that_has_ended_is_refused_in_the_next_one(crowd, house):
    woman = crowd.people["Blue Heron 42"]
    woman.browser.post("/sign-out", {"csrf_token": woman.token})
    house.woman(woman.browser, "Blue Heron 42")
    refused(crowd, "Blue Heron 42", woman.token)


def test_only_leaving_and_the_gateway_need_no_token(crowd):
    rules = {rule.rule for rule in crowd.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    open_ones = set()
    for rule in rules:
        answer = crowd.people["Frances"].browser.client.post(crawl.with_numbers(rule))
        crowd.everything_as_it_was()
        if answer.status_code != 400:
            open_ones.add(rule)
    assert open_ones == WITHOUT_TOKEN
