"""Limits on tries, per account and per network, kept in the database (R14)."""

from datetime import datetime
from ipaddress import IPv4Address, ip_address, ip_network

from sqlalchemy import delete, select, update

from portal.accounts.models import AttemptCount
from portal.accounts.rules import ACCOUNT_LIMIT, LIMIT_WINDOW, NETWORK_LIMIT
from portal.core import crypto
from portal.core.database import insert_unless_there, session


def count_try(account: str, address: str, *, now: datetime) -> bool:
    """Count a try before it is checked; False when the account or the network has used up its tries."""
    allowed = _count(_bucket("account", account), now) <= ACCOUNT_LIMIT
    return _count(_bucket("network", network_of(address)), now) <= NETWORK_LIMIT and allowed


def count_look_up(account: str, *, now: datetime) -> bool:
    """Count a look for a record by exact words; False when this account has used up its tries."""
    return _count(_bucket("look_up", account), now) <= ACCOUNT_LIMIT


def forgive(account: str, address: str) -> None:
    """A try was right: the account starts anew and the network gets its try back."""
    session.execute(delete(AttemptCount).where(AttemptCount.bucket == _bucket("account", account)))
    session.execute(
        update(AttemptCount)
        .where(AttemptCount.bucket == _bucket("network", network_of(address)), AttemptCount.failures > 0)
        .values(failures=AttemptCount.failures - 1)
    )


def network_of(address: str) -> str:
    """The network that an address counts as: IPv4 alone, also when written as IPv6, and IPv6 by its /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((int(parsed), 64), strict=False))


def _count(bucket: str, now: datetime) -> int:
    session.execute(insert_unless_there(AttemptCount, bucket=bucket, started_at=now, failures=0))
    session.execute(
        update(AttemptCount)
        .where(AttemptCount.bucket == bucket, AttemptCount.started_at <= now - LIMIT_WINDOW)
        .values(started_at=now, failures=0)
    )
    session.execute(
        update(AttemptCount).where(AttemptCount.bucket == bucket).values(failures=AttemptCount.failures + 1)
    )
    return session.scalar(select(AttemptCount.failures).where(AttemptCount.bucket == bucket)) or 0


def _bucket(kind: str, value: str) -> str:
    return crypto.keyring().index(f"limit:{kind}", value)
