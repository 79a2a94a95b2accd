"""The hash chain: each entry's hash, under a key, covers its number, its facts and the hash before it."""

import hmac
import json
import re
from datetime import UTC, datetime
from typing import NamedTuple

START = "0" * 64
"""The hash before the first entry."""

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


class Head(NamedTuple):
    """The end of the chain at some moment: written down elsewhere, it proves later that nothing was cut off."""

    position: int
    chain_hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.chain_hash}"

    @classmethod
    def read(cls, written: str) -> "Head":
        """A head as it was written down; raises ValueError for anything else."""
        found = _HEAD.fullmatch(re.sub(r"\s", "", written).lower())
        if found is None:
            raise ValueError("a head is POSITION:HASH")
        return cls(int(found[1]), found[2])


EMPTY = Head(0, START)


def chain_hash(
    key: bytes, before: str, position: int, number: int, at: datetime, facts: tuple[str | int | None, ...]
) -> str:
    """The hash of an entry (its number is its id) at a position in the chain."""
    content = json.dumps([before, position, number, at.astimezone(UTC).isoformat(timespec="microseconds"), *facts])
    return hmac.digest(key, content.encode(), "sha256").hex()
