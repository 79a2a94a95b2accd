"""Who may do what: the one table of roles, default deny."""

import itertools

import pytest

from portal.core.access import ROLE_TABLE, SYSTEM, Actor, Permission, Role, can, require
from portal.core.errors import NotAllowed

P = Permission

OF_WOMEN = {P.READ_CLIENT, P.WRITE_PLAN, P.WRITE_TEXT, P.READ_INBOX, P.RECORD_SAFE_CONTACT, P.MAKE_CLIENT}
"""What opens a woman's record."""


def actor(role: Role) -> Actor:
    return Actor("staff", 1, role, frozenset({1}))


@pytest.mark.parametrize("role", Role)
def test_every_role_stands_in_the_table(role):
    assert ROLE_TABLE[role]


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_somebodys(permission):
    assert any(permission in granted for granted in ROLE_TABLE.values())


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(Role, Permission)))
def test_require_follows_the_table(role, permission):
    granted = permission in ROLE_TABLE[role]
    assert can(actor(role), permission) is granted
    if granted:
        require(actor(role), permission)
    else:
        with pytest.raises(NotAllowed, match=permission.value):
            require(actor(role), permission)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.ADMIN, Role.REFERRER])
def test_these_roles_open_no_record_of_a_woman(role):  # R28
    assert not OF_WOMEN & ROLE_TABLE[role]


def test_a_referrer_only_refers():  # R31
    assert ROLE_TABLE[Role.REFERRER] == {P.REFER}


def test_only_an_admin_manages_people_and_only_managers_and_admins_turn_switches():
    assert {role for role in Role if P.MANAGE_PEOPLE in ROLE_TABLE[role]} == {Role.ADMIN}
    assert {role for role in Role if P.TURN_SWITCHES in ROLE_TABLE[role]} == {Role.ADMIN, Role.MANAGER}
    assert {role for role in Role if P.FIND_CLIENT_AT_DESK in ROLE_TABLE[role]} == {Role.RECEPTIONIST}


@pytest.mark.parametrize("permission", Permission)
def test_a_woman_has_no_permission_of_staff_and_the_system_has_all(permission):
    assert not can(Actor("client", 1), permission)
    assert not can(Actor("staff", 1), permission), "staff without a role may do nothing"
    assert can(SYSTEM, permission)


def test_actors_know_what_they_are():
    assert Actor("client", 1).is_client and not Actor("client", 1).is_staff
    assert actor(Role.ADMIN).is_staff and not actor(Role.ADMIN).is_client
    assert not SYSTEM.is_staff and not SYSTEM.is_client
