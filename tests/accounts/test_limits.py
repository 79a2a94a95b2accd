"""Limits on tries: kept in the database, per account and per network (R14)."""

import pytest

from portal.accounts import limits
from portal.accounts.rules import ACCOUNT_LIMIT, NETWORK_LIMIT
from portal.core.database import session, unit_of_work


def tries(account: str, address: str, times: int, now) -> list[bool]:
    allowed = []
    for _ in range(times):
        with unit_of_work():
            allowed.append(limits.count_try(account, address, now=now))
    return allowed


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
     ("fe80::1%eth0", "fe80::/64"), ("", "unknown"), ("unix:", "unknown"), ("192.0.2.7:80", "unknown")],
)  # fmt: skip
def test_an_address_counts_as_its_network(address, network):
    assert limits.network_of(address) == network


def test_an_account_has_so_many_tries_from_wherever(either_database, app, travel):
    first = tries("her", "192.0.2.1", ACCOUNT_LIMIT, travel.now)
    assert all(first)
    assert tries("her", "192.0.2.99", 2, travel.now) == [False, False]
    assert tries("another", "192.0.2.1", 1, travel.now) == [True]


def test_a_network_has_so_many_tries_over_all_accounts(app, travel):
    for number in range(NETWORK_LIMIT):
        tries(f"account {number}", "192.0.2.1", 1, travel.now)
    assert tries("one more", "192.0.2.1", 1, travel.now) == [False]
    assert tries("one more", "192.0.2.2", 1, travel.now) == [True]


def test_after_the_window_it_begins_anew(app, travel):
    tries("her", "192.0.2.1", ACCOUNT_LIMIT + 1, travel.now)
    assert tries("her", "192.0.2.1", 1, travel.forward(minutes=14, seconds=59)) == [False]
    assert tries("her", "192.0.2.1", 1, travel.forward(seconds=1)) == [True]


def test_a_right_try_forgives_the_account_and_gives_the_network_its_try_back(app, travel):
    tries("her", "192.0.2.1", ACCOUNT_LIMIT, travel.now)
    with unit_of_work():
        limits.forgive("her", "192.0.2.1")
    assert all(tries("her", "192.0.2.1", ACCOUNT_LIMIT, travel.now))
    assert tries("her", "192.0.2.1", 1, travel.now) == [False]


def test_no_account_or_address_stands_in_the_table(app, travel):  # R10
    tries("client|blueheron42", "192.0.2.1", 1, travel.now)
    for row in session.query(limits.AttemptCount):
        assert "192" not in row.bucket[:3] and "heron" not in row.bucket and len(row.bucket) == 32
