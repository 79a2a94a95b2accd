"""The hash chain: each entry's hash covers its facts and the hash before it."""

import hashlib
import json
from datetime import UTC, datetime

START = "0" * 64
"""The hash before the first entry."""


def chain_hash(before: str, position: int, at: datetime, facts: tuple[str | int | None, ...]) -> str:
    """The hash of an entry at a position in the chain."""
    content = json.dumps([before, position, at.astimezone(UTC).isoformat(timespec="microseconds"), *facts])
    return hashlib.sha256(content.encode()).hexdigest()
