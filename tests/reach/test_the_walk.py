"""Every address with every role, and every sort of record: who gets in is what the explicit table says (R28, R29)."""

import re

import pytest

from portal.clients.models import Client
from portal.core.access import ROLE_TABLE, Permission, Role
from portal.core.database import session
from portal.web.blueprints import Audience
from tests.reach import world as worlds
from tests.reach.table import ABOUT_A_WOMAN, ABOUT_NOBODY
from tests.reach.world import copy
from tests.support import sign_in
from tests.support.pages import PageClient

BEFORE_SIGN_IN = {
    "/staff/sign-in", "/staff/sign-in/second", "/staff/sign-in/passkey", "/staff/sign-in/challenge",
    "/staff/sign-in/recovery", "/staff/set-up/<token>", "/staff/set-up/codes", "/staff/device",
    "/staff/sign-out", "/staff/lock", "/staff/locked",
}  # fmt: skip
"""Open to whoever is not signed in yet; signing out, and locking where there is no desk, ends the session."""
OF_ONES_OWN = ("/staff/me", "/staff/kept", "/staff/step-up")
"""Each one's own signing in, and what she had typed when a desk locked."""
NOT_A_RECORD = ("/staff/closing/<int:closed_day_id>", "/staff/groups/<int:course_id>", "/staff/groups/sessions/")
"""A closed day, a course and its sessions are the centre's: who must not know finds them without her."""

ROW_OF = {
    "/staff/appointments/<int:appointment_id>/outcome": ("appointment_id", "past_id"),
    "/staff/appointments/<int:appointment_id>/restore": ("appointment_id", "cancelled_id"),
    "/staff/clients/<int:client_id>/must-not-know/outside/<int:restriction_id>/lift": ("restriction_id", "outside_id"),
    "/staff/inbox/<int:incoming_id>": ("incoming_id", "unplaced_id"),
    "/staff/inbox/<int:incoming_id>/place": ("incoming_id", "unplaced_id"),
    "/staff/inbox/<int:incoming_id>/wrong-number": ("incoming_id", "unplaced_id"),
}
"""Where another row of hers than the usual one fits the address."""
SENT = {
    "/staff/appointments/<int:appointment_id>/attendance": {"attendance": "arrived"},
    "/staff/appointments/<int:appointment_id>/move": {"to": "1@2026-12-09T10:00:00+00:00", "request_key": "k"},
    "/staff/walk-ins/<int:walk_in_id>": {"state": "seen"},
    "/staff/break-glass/<int:glass_id>": {"right": "yes"},
    "/staff/inbox/<int:incoming_id>/place": {"client_id": "client_id", "how": "checked_by_voice"},
    "/staff/waiting/offers/<int:offer_id>": {"answer": "no"},
    "/staff/referrals/<int:referral_id>/accept": {"request_key": "k"},
    "/staff/referrals/<int:referral_id>/decline": {"request_key": "k", "reason": "twice"},
    "/staff/referrals/<int:referral_id>/first-contact": {"request_key": "k", "how": "rang"},
    "/staff/referrals/<int:referral_id>/keyworker": {"request_key": "k", "to_id": "1"},
    "/staff/referrals/<int:referral_id>/release": {"request_key": "k"},
    "/staff/referrals/<int:referral_id>/settle": {"request_key": "k"},
    **{
        f"/staff/clients/<int:client_id>/{what}/lift": {"why": "she_asked", "request_key": "k"}
        for what in (
            "must-not-know/<int:restriction_id>",
            "must-not-know/outside/<int:restriction_id>",
            "must-not-meet/<int:pair_id>",
        )
    },
}
"""What a POST must hold to come as far as the record."""


def address(world, rule: str, woman: str) -> str:
    ids = dict(world.ids.get(woman, {}))
    argument, row = ROW_OF.get(rule, ("", ""))
    ids[argument] = ids.get(row, 0)
    return re.sub(r"<(?:[a-z]+:)?(\w+)>", lambda found: str(ids.get(found[1]) or world.other[found[1]]), rule)


def fields(world, rule: str, woman: str) -> dict[str, str]:
    ids = world.ids.get(woman, {})
    return {name: str(ids.get(value, value)) for name, value in SENT.get(rule, {}).items()}


def answer(world, role: str, method: str, rule: str, woman: str = "") -> int:
    got = world.send(
        role, method, address(world, rule, woman), **(fields(world, rule, woman) if method == "POST" else {})
    )
    assert got.status_code < 500, (role, method, rule, woman)
    assert "sign-in" not in got.headers.get("Location", ""), (role, method, rule, "not signed in")
    if method == "POST" and got.status_code < 400:
        world.back()
    return got.status_code


def granted(role: str, permission: str | None) -> bool:
    return permission is None or Permission(permission) in ROLE_TABLE[Role(role)]


def test_every_address_of_the_back_office_stands_in_the_table_with_its_permission(world):
    there = {}
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith("/staff") and rule.rule not in BEFORE_SIGN_IN:
            needed = world.app.view_functions[rule.endpoint].needed_permission
            for method in rule.methods & {"GET", "POST"}:
                there[f"{method} {rule.rule}"] = needed.value if needed else None
    table = ABOUT_NOBODY | {f"{method} {rule}": needed for method, rule, needed, *_ in ABOUT_A_WOMAN}
    assert table == there


@pytest.mark.parametrize("role", worlds.ROLES)
def test_an_address_about_nobody_opens_to_who_has_its_permission(world, role):
    wrong = []
    for one, permission in ABOUT_NOBODY.items():
        method, rule = one.split(" ", 1)
        status = answer(world, role, method, rule)
        if (status != 403) is not granted(role, permission):
            wrong.append((one, status))
    assert wrong == []


@pytest.mark.parametrize("role", worlds.ROLES)
def test_a_record_opens_to_who_has_the_permission_and_the_reach(world, role):  # R28, R29
    wrong = []
    for method, rule, permission, *reach in ABOUT_A_WOMAN:
        if not granted(role, permission):
            if (status := answer(world, role, method, rule, worlds.OWN)) != 403:
                wrong.append((method, rule, worlds.OWN, status))
            continue
        # An admin works on tasks that nobody else could take, and on none about a woman.
        opening = "------" if role == "admin" else reach[worlds.ROLES.index(role)]
        for woman, opens in zip(worlds.WOMEN, opening, strict=True):
            status = answer(world, role, method, rule, woman)
            if status == 403 or (status != 404) is not (opens == "+"):
                wrong.append((method, rule, woman, status))
    assert wrong == []


def test_the_table_opens_nothing_beyond_reach_and_nothing_of_whom_one_must_not_know():  # R29
    for _, rule, _, *reach in ABOUT_A_WOMAN:
        for opens in filter(None, reach):
            assert opens[2] == "-", f"{rule} opens a record of another centre"
            if not rule.startswith(NOT_A_RECORD) or "client_id" in rule:
                assert opens[3] == "-", f"{rule} opens the record of a woman who must not be known"


@pytest.mark.parametrize("role", ["keyworker", "manager"])
def test_a_row_of_another_woman_is_not_there_under_ones_own_womans_address(world, role):
    wrong = []
    for method, rule, permission, *_ in ABOUT_A_WOMAN:
        arguments = re.findall(r"<int:(\w+)>", rule)
        if "client_id" not in arguments or len(arguments) < 2 or not granted(role, permission):
            continue
        nested = next(name for name in arguments if name != "client_id")
        # The other record of a merge is one's own to name; a merge is walked above; a course is the centre's.
        if nested in ("other_id", "merge_id", "course_id", "session_id"):
            continue
        row = "outside_id" if "outside" in rule else nested
        anothers = world.ids[worlds.SAME].get(row, world.other.get(row))
        mixed = world.ids[worlds.OWN] | {nested: anothers, row: anothers}
        world.ids["mixed"] = mixed
        status = answer(world, role, method, rule, "mixed")
        if status != 404:
            wrong.append((method, rule, status))
    world.ids.pop("mixed", None)
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_not_hers_answers_as_what_is_nobodys(world):  # R29
    """The very bytes: a record of whom she must not know, one beyond reach, and a number that no record has."""
    bodies = set()
    for client_id in (world.women[worlds.RESTRICTED], world.women[worlds.ELSEWHERE], 999_999):
        got = world.send("keyworker", "GET", f"/staff/clients/{client_id}")
        assert got.status_code == 404
        bodies.add(re.sub(rb"/staff/clients/\d+", b"", got.get_data()))
    assert len(bodies) == 1


def test_a_referrer_sees_her_own_referrals_alone(world):  # R31
    page = world.send("referrer", "GET", "/staff/referrals").get_data(as_text=True)
    assert "REF-" not in page, "none of the six women was sent by her"
    open_to_her = [one for one, permission in ABOUT_NOBODY.items() if granted("referrer", permission)]
    about_herself = [one for one in open_to_her if one.split(" ")[1].startswith(OF_ONES_OWN)]
    assert sorted(set(open_to_her) - set(about_herself)) == [
        "GET /staff/refer",
        "GET /staff/refer/<int:referral_id>",
        "GET /staff/refer/<int:referral_id>/card",
        "GET /staff/referrals",
        "GET /staff/roles",
        "POST /staff/refer",
        "POST /staff/refer/<int:referral_id>",
    ]
    assert not any(granted("referrer", permission) for _, _, permission, *_ in ABOUT_A_WOMAN)


HERS_SENT = {
    "/plan/actions/<int:action_id>": {"done": "1"},
    "/waiting/offers/<int:offer_id>": {"answer": "no"},
    "/appointments/<int:appointment_id>/change": {"starts_at": "2026-12-09T10:00:00+00:00", "request_key": "k"},
}
NEEDS_ANOTHER_STATE = {
    "/appointments/<int:appointment_id>/calendar", "/groups/times/<int:appointment_id>/undo",
    "/groups/<int:course_id>/undo", "/plan/own/<part>",
    "/me/shared/<int:partner_referral_id>",
}  # fmt: skip
"""What is there for her only while it can be undone, or with a switch on."""
A_COURSE = (
    "/groups/<int:course_id>", "/waiting/courses/<int:course_id>", "/plan/topics/<int:number>",
    "/plan/order/<int:number>",
)  # fmt: skip
"""A group is nobody's; who has a place in it is shown to nobody but her. Nor is a topic, which is one of nine."""


def test_no_address_of_hers_opens_what_is_another_womans(world):  # R12
    browser = PageClient(world.app)
    sign_in.as_client(browser, world_client(world))
    token, jar = browser.csrf_token(), dict(browser.client._cookies)
    signed_in = kept_now(world)
    wrong, opened = [], set()
    for rule in world.app.url_map.iter_rules():
        audience = getattr(world.app.blueprints.get(rule.endpoint.split(".")[0]), "audience", None)
        if audience is not Audience.CLIENT or not rule.arguments:
            continue
        for method in sorted(rule.methods & {"GET", "POST"}):
            for woman in (worlds.SAME, worlds.ELSEWHERE, worlds.OWN):
                at = address(world, rule.rule, woman)
                sent = {"csrf_token": token, **HERS_SENT.get(rule.rule, {})}
                got = browser.client.get(at) if method == "GET" else browser.client.post(at, data=sent)
                assert got.status_code < 500 and "sign-in" not in got.headers.get("Location", ""), (method, at)
                if woman == worlds.OWN and got.status_code != 404:
                    opened.add(rule.rule)
                elif woman != worlds.OWN and got.status_code != 404 and not rule.rule.startswith(A_COURSE):
                    wrong.append((method, rule.rule, woman, got.status_code))
                if method == "POST":
                    put_back(world, signed_in)
                    browser.client._cookies = dict(jar)
    assert not wrong, "\n".join(map(str, wrong))
    rules = {
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if getattr(world.app.blueprints.get(rule.endpoint.split(".")[0]), "audience", None) is Audience.CLIENT
        and rule.arguments
    }
    assert rules - opened <= NEEDS_ANOTHER_STATE, "nothing is proved where her own is not there either"


def kept_now(world):
    kept = world.kept.with_name("signed_in.db")
    copy(world.database, kept)
    return kept


def put_back(world, kept) -> None:
    session.remove()
    copy(kept, world.database)


def world_client(world):
    return session.get_one(Client, world.women[worlds.OWN])
