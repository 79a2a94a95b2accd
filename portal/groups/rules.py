"""Pure rules of groups: who may join, the lowest free place, which sessions a woman can come to, a course's dates."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from portal.booking.rules import KEPT_APART
from portal.core import clock
from portal.core.errors import Refusal

MOST_SESSIONS, MOST_WEEKS_APART, MOST_PLACES = 26, 8, 60

Interval = tuple[datetime, datetime]


class CannotJoin(Refusal):
    """A course that she cannot join; the subclasses say why."""

    def __init__(self, course_id: int) -> None:
        super().__init__(f"{type(self).__name__} {course_id}")
        self.course_id = course_id


class CourseFull(CannotJoin):
    """Every place is taken, or held for somebody who waited."""


class CourseBegun(CannotJoin):
    """Its first session was held, and nobody joins it late."""


class CourseOver(CannotJoin):
    """It has ended, or no session of it is still to come."""


class NoDateForHer(CannotJoin):
    """She can come to none of its sessions: she has something else at each."""


class PlacesTaken(Refusal):
    """Fewer places than are taken: `taken` says how many are."""

    def __init__(self, taken: int) -> None:
        super().__init__(str(taken))
        self.taken = taken


class Facts(NamedTuple):
    """What decides whether a woman may join a course now. `free`: places nobody has or is kept for."""

    course_id: int
    ended: bool
    begun: bool
    coming: int
    join_late: bool
    free: int


class Sitting(NamedTuple):
    """One session, as far as it decides who can come to it."""

    starts_at: datetime
    ends_at: datetime
    worker_id: int
    room_id: int | None


def why_not(facts: Facts) -> CannotJoin | None:
    """Why nobody new may join this course now, or None. A full one that has begun or is over is worth no waiting."""
    if facts.ended or not facts.coming:
        return CourseOver(facts.course_id)
    if facts.begun and not facts.join_late:
        return CourseBegun(facts.course_id)
    return None if facts.free > 0 else CourseFull(facts.course_id)


def lowest_free(numbers: Collection[int], places: int) -> int | None:
    """The lowest number from 1 to `places` that is not among those taken, or None."""
    return next((number for number in range(1, places + 1) if number not in numbers), None)


def renumbered(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The changes (from, to) that give some places the lowest numbers, each to one that is free by then."""
    return [(was, to) for to, was in enumerate(sorted(numbers), 1) if was != to]


def can_come(
    sitting: Sitting,
    hers: Iterable[Interval],
    apart: Iterable[Interval],
    workers: Collection[int],
    rooms: Collection[int],
) -> bool:
    """Whether she can come to a session: nothing else of hers then, nobody near whom she must not meet (R43).

    `workers` must not know of her or are avoided by her (R29), `rooms` are those that she cannot use.
    """  # fmt: skip
    if sitting.worker_id in workers or sitting.room_id in rooms:
        return False
    near = [(starts_at - KEPT_APART, ends_at + KEPT_APART) for starts_at, ends_at in apart]
    return not any(starts < sitting.ends_at and ends > sitting.starts_at for starts, ends in (*hers, *near))


def course_starts(first_on: date, local_at: time, every_weeks: int, times: int) -> list[datetime]:
    """The starts of a course: so many, every so many weeks, at the same London wall time through a clock change."""
    return [clock.from_london(first_on + timedelta(weeks=every_weeks * number), local_at) for number in range(times)]
