"""Every route has an audience, every staff route a permission, every change is a POST."""

import ast
import inspect
import re

import pytest

from portal import app as portal_app
from portal import her_pages, staff_pages
from portal.core.access import Permission
from portal.core.banned import banned_in
from portal.core.settings import BANNED_WORDS
from portal.server import STAFF
from portal.web.blueprints import Audience, AudienceBlueprint

BLUEPRINTS = (*portal_app.AT_THE_DOOR, *her_pages.BLUEPRINTS, *staff_pages.BLUEPRINTS)
STAFF_BEFORE_SIGN_IN = {
    f"accounts_staff.{name}"
    for name in ("sign_in", "sign_in_by_passkey", "second", "recover", "challenge", "set_up", "set_up_codes")
} | {"accounts_desk.locked", "accounts_desk.become"}
CHANGING_GETS = {"leave.leave"}
"""The one GET that changes something, by contract (R2)."""

NOTES_A_READING = "service.open_"
"""Such a call notes that something was read, as the audit row does; it is no change that anybody asked for."""


@pytest.fixture
def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_blueprint_is_for_one_audience():
    assert all(isinstance(blueprint, AudienceBlueprint) for blueprint in BLUEPRINTS)


def test_every_route_belongs_to_a_blueprint(rules):
    names = {blueprint.name for blueprint in BLUEPRINTS}
    assert [rule.endpoint for rule in rules if rule.endpoint.split(".")[0] not in names] == []


def test_the_back_office_and_nothing_else_lies_below_the_address_that_loads_it(rules):
    late = {blueprint.name for blueprint in staff_pages.BLUEPRINTS}
    for rule in rules:
        assert rule.rule.startswith(STAFF) == (rule.endpoint.split(".")[0] in late), rule.rule


def test_every_staff_address_asks_for_a_permission(app, rules):
    audience = {blueprint.name: blueprint.audience for blueprint in BLUEPRINTS}
    for rule in rules:
        name = rule.endpoint.split(".")[0]
        if rule.rule.startswith("/staff") and rule.endpoint not in STAFF_BEFORE_SIGN_IN:
            assert audience[name] is Audience.STAFF, f"{rule.rule} is not behind the staff guard"
        if audience[name] is Audience.STAFF:
            permission = getattr(app.view_functions[rule.endpoint], "needed_permission", "missing")
            assert permission is None or isinstance(permission, Permission), f"{rule.endpoint} has no @needs"


def test_what_changes_something_is_a_post(app, rules):
    """A view that a GET reaches opens a unit of work only to write the audit row of a read."""
    for rule in rules:
        if "GET" not in rule.methods or rule.endpoint in CHANGING_GETS:
            continue
        source = inspect.getsource(inspect.unwrap(app.view_functions[rule.endpoint]))
        if "POST" in rule.methods:
            continue
        tree = ast.parse(re.sub(r"^@.*\n", "", inspect.cleandoc(source), flags=re.M))
        for block in (node for node in ast.walk(tree) if isinstance(node, ast.With)):
            if "unit_of_work" not in ast.unparse(block.items[0]):
                continue
            calls = [ast.unparse(node.func) for node in ast.walk(block) if isinstance(node, ast.Call)]
            wrote = [
                call
                for call in calls
                if ("service." in call and not call.startswith(NOTES_A_READING)) or "outbox." in call
            ]
            assert not wrote, f"GET {rule.rule} changes something: {wrote}"


def test_no_address_holds_a_banned_word(rules):  # R7
    for rule in rules:
        assert not banned_in(rule.rule.replace("/", " ").replace("-", " "), BANNED_WORDS), rule.rule


@pytest.mark.parametrize("address", ["/today", "/plan", "/appointments", "/messages", "/me"])
def test_her_pages_lead_a_stranger_to_sign_in(page_client, address):
    page = page_client.get(address)
    assert (page.status, page.location) == (303, "/sign-in")


def test_staff_pages_lead_a_stranger_to_the_staff_sign_in(page_client, rules):
    for rule in rules:
        if rule.rule.startswith("/staff") and rule.endpoint not in STAFF_BEFORE_SIGN_IN and "GET" in rule.methods:
            address = re.sub(r"<[^>]+>", "1", rule.rule)
            page = page_client.get(address)
            assert (page.status, page.location) == (303, "/staff/sign-in"), address
