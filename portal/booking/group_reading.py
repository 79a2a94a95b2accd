"""Group sessions as the desk shows them: one row for all who come. The room of groups, which stands above, reads them.

It registers its reader, so that this room knows nothing of courses and a start loads none of it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from portal.booking.availability import Interval
from portal.core.access import Actor


class Sitting(NamedTuple):
    """One group session that stands; `booked` and `here` count the women of whom the reader may know (R29)."""

    id: int
    name: str
    centre_id: int
    worker_id: int
    worker: str
    room_id: int | None
    room: str
    starts_at: datetime
    ends_at: datetime
    booked: int
    here: int


Reader = Callable[[Actor, Interval, Iterable[int] | None, int | None], list[Sitting]]

_readers: dict[str, Reader] = {}


def register(reader: Reader) -> None:
    """Say who reads group sessions; said again, the newest one does."""
    _readers["groups"] = reader


def sittings(
    actor: Actor, span: Interval, *, centre_ids: Iterable[int] | None = None, worker_id: int | None = None
) -> list[Sitting]:
    """The group sessions that begin in a span, by time; of some centres, of one worker, or of both."""
    reader = _readers.get("groups")
    return reader(actor, span, centre_ids, worker_id) if reader else []
