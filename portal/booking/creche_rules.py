"""Pure rules of places in the crèche: which sittings an appointment falls into, what is free, which places it gets."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from portal.booking.availability import Interval
from portal.centres.creche import CrecheSession
from portal.core.clock import from_london


class Sitting(NamedTuple):
    """A session of the crèche on one day, half-open [starts_at, ends_at), and its places."""

    starts_at: datetime
    ends_at: datetime
    places: int


class Taken(NamedTuple):
    """That the place with this number is taken in a span of time."""

    place: int
    starts_at: datetime
    ends_at: datetime


def sittings_on(sessions: Iterable[CrecheSession], on: date) -> list[Sitting]:
    """The sittings of a London day, in order; one that a clock change swallows whole is left out."""
    found = [
        Sitting(from_london(on, one.local_from), from_london(on, one.local_until), one.places)
        for one in sessions
        if one.weekday == on.weekday()
    ]
    return sorted(one for one in found if one.starts_at < one.ends_at)


def fallen_into(sittings: Sequence[Sitting], span: Interval) -> list[Sitting]:
    """The sittings that a span of time falls into, in order; none when they leave a part of it without anybody."""
    inside = [one for one in sittings if one.starts_at < span[1] and one.ends_at > span[0]]
    covered_until = span[0]
    for one in inside:
        if one.starts_at > covered_until:
            return []
        covered_until = max(covered_until, one.ends_at)
    return inside if covered_until >= span[1] else []


def free_places(sitting: Sitting, taken: Iterable[Taken]) -> list[int]:
    """The numbers of the places that can still be had in a sitting.

    A place taken in any part of it is taken. Where fewer places are kept now than were taken before, those count too.
    """
    gone = {one.place for one in taken if one.starts_at < sitting.ends_at and one.ends_at > sitting.starts_at}
    free = [place for place in range(1, sitting.places + 1) if place not in gone]
    return free[: max(0, sitting.places - len(gone))]


def shared_out(sittings: Sequence[Sitting], taken: Sequence[Taken], wanted: int) -> list[Taken]:
    """The places that an appointment in these sittings gets: as many as are wanted and free in each of them."""
    free = [free_places(one, taken) for one in sittings]
    had = min([wanted, *(len(places) for places in free)]) if sittings else 0
    return [
        Taken(place, one.starts_at, one.ends_at)
        for one, places in zip(sittings, free, strict=True)
        for place in places[:had]
    ]
