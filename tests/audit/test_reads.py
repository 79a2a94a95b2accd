"""Every look of staff at a woman's record is in the log, whichever page it is on (R30)."""

import re

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core.database import session
from tests.support import demo_house
from tests.support.pages import PageClient

NAMES_OF_MANY = {"/staff/today", "/staff/inbox"}
"""A desk's lists that name women without opening anybody's record."""


def looks_since(number: int) -> list[tuple[str, int | None]]:
    session.remove()
    entries = select(AuditEntry.action, AuditEntry.client_id).where(AuditEntry.id > number).order_by(AuditEntry.id)
    return [tuple(entry) for entry in session.execute(entries)]


def newest() -> int:
    session.remove()
    return session.scalar(select(func.max(AuditEntry.id))) or 0


@pytest.fixture
def house(app, travel):
    return demo_house.load()


def addresses(app) -> list[tuple[str, str, int]]:
    """Every page of the back office that can be asked for, with the numbers 1 to 3 in it."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        asked_by_itself = getattr(view, "asked_by_itself", False)
        if "GET" in rule.methods and rule.rule.startswith("/staff") and not asked_by_itself and rule.rule[-3:] != "out":
            found += [
                (rule.rule, re.sub(r"<[^>]+>", str(n), rule.rule), n) for n in ((1, 2, 3) if rule.arguments else (0,))
            ]
    return [*sorted(found), *(("out", f"/staff/groups/{n}/members/{n}/out", n) for n in (1, 2, 3))]


@pytest.mark.parametrize("who", ["Frances", "Jo", "Dana"])
def test_every_page_that_shows_a_woman_writes_that_it_was_looked_at(app, house, who):
    names = {row.id: row.called_name for row in session.scalars(select(Client))}
    browser = PageClient(app)
    house.staff(browser, who)
    opened = 0
    for rule, address, number in addresses(app):
        before = newest()
        answer = browser.client.get(address)
        looks = looks_since(before)
        if answer.status_code != 200:
            continue
        text = answer.get_data().decode(errors="replace")
        if "<int:client_id>" in rule and not rule.startswith("/staff/groups"):
            assert number in {client_id for _, client_id in looks}, f"{address} opens her record and is not in the log"
            opened += 1
        elif any(name in text for name in names.values()) and rule not in NAMES_OF_MANY:
            assert looks, f"{address} names a woman and is not in the log"
    assert opened > 15 or who == "Dana"


def test_a_page_that_keeps_itself_fresh_does_not_fill_the_log(app, house):
    browser = PageClient(app)
    house.staff(browser, "Frances")
    fresh = [
        rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "asked_by_itself", 0)
    ]
    assert len(fresh) >= 3
    for rule in fresh:
        address = re.sub(r"<[^>]+>", "1", rule.rule)
        version = re.search(r'data-version="([^"]*)"', browser.client.get(address).get_data(as_text=True))
        before = newest()
        for _ in range(5):
            seen = version.group(1) if version else ""
            browser.client.get(address, query_string={"seen": seen, "since": seen})
        assert len(looks_since(before)) <= 5, f"{address}: {looks_since(before)}"
        if rule.rule in ("/staff/today/news", "/staff/inbox/live"):
            assert looks_since(before) == []
