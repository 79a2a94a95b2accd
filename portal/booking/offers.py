"""Free times of a kind of appointment at a centre: three queries, whatever the number of bookings."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal.booking import availability, matching, openings
from portal.booking.availability import FreeTime, Interval
from portal.booking.models import Appointment
from portal.booking.rules import KEPT_APART, ClosedThatDay, NotOffered, PastTime, SlotTaken, TooSoon
from portal.centres.models import Kind
from portal.clients.models import Client
from portal.core import clock

STAFF_STEP_MINUTES = 5
STAFF_FURTHEST_DAYS = 365
SHOWN_DAYS = 28
NOBODY = 0
"""The id of no woman."""


class Place(NamedTuple):
    """What a kind of appointment of one woman could take at one centre; the workers in order of preference.

    `speakers` speak her language; `needs` are the bits of `matching` that her record has.
    """

    kind: Kind
    centre_id: int
    client_id: int
    terms: availability.Kind
    centre: availability.Centre
    workers: Sequence[availability.Worker]
    rooms: Sequence[availability.Room]
    has_kept_apart: bool = False
    speakers: Collection[int] = ()
    needs: int = 0

    @property
    def resources(self) -> list[str]:
        """Everything that a booking here might take, sorted, so that locks are always taken in one order."""
        workers = [f"worker:{worker.id}" for worker in self.workers]
        rooms = [f"room:{room.id}" for room in self.rooms] if self.terms.needs_room else []
        return sorted([*workers, *rooms, f"client:{self.client_id}"])

    def with_starts_every(self, minutes: int) -> "Place":
        """The same place with starts so many minutes apart."""
        return self._replace(terms=self.terms._replace(step_minutes=minutes))

    def on_her_terms(self) -> "Place":
        """The same place with the notice, the furthest day and the starts of its kind, whoever asks."""
        return self._replace(terms=terms_of(self.kind, by_staff=False))


def place(
    client: Client,
    kind_id: int,
    centre_id: int,
    *,
    worker_id: int | None = None,
    by_staff: bool = False,
    on: date | None = None,
) -> Place:
    """Load a place in two queries; `by_staff` lifts notice and the furthest day and sets starts 5 minutes apart.

    With `on` it holds for that London day alone. Workers who must not know of her (R29) are not in it. Raises NotFound
    for a kind that is not offered there.
    """
    kind = openings.offered_kind(kind_id, centre_id, by_staff=by_staff)
    return _laid_out(client, kind, centre_id, worker_id, by_staff, on)


def place_of(appointment: Appointment, client: Client, *, by_staff: bool = False) -> Place:
    """The place where an appointment could move to: with the same worker, or with anyone if she works there no more.

    Raises NotFound when the centre offers its kind no more.
    """
    kind = openings.offered_kind(appointment.kind_id, appointment.centre_id, by_staff=True)
    same = _laid_out(client, kind, appointment.centre_id, appointment.worker_id, by_staff)
    return same if same.workers else _laid_out(client, kind, appointment.centre_id, None, by_staff)


def place_for_anyone(kind_id: int, centre_id: int) -> Place:
    """The place of a kind at a centre for no woman in particular: what is not free here is free for nobody.

    Raises NotFound for a kind that is not offered there.
    """
    kind = openings.offered_kind(kind_id, centre_id, by_staff=True)
    return _laid_out_for(NOBODY, None, kind, centre_id, None, by_staff=False)


def free_times(
    at: Place, *, now: datetime, from_on: date, days: int = SHOWN_DAYS, moving: int | None = None
) -> list[FreeTime]:
    """The free times of some London days, one for each start: with the worker she would most likely want.

    `moving` is an appointment of hers that would make room.
    """
    first = max(from_on, clock.london_today(now))
    days = min(days, at.terms.furthest_days + 1)
    span = (clock.london_midnight(first), clock.london_midnight(first + timedelta(days=days)))
    workers, busy, hers = _diaries(at, span, moving)
    found = availability.free_times(
        kind=at.terms,
        centre=at.centre,
        workers=workers,
        rooms=at.rooms,
        busy=busy,
        client_busy=hers,
        now=now,
        from_on=first,
        days=days,
    )
    wanted = {worker.id: position for position, worker in enumerate(at.workers)}
    best: dict[datetime, FreeTime] = {}
    for free in sorted(found, key=lambda free: (free.starts_at, wanted[free.worker_id])):
        best.setdefault(free.starts_at, free)
    return list(best.values())


def free_at(
    at: Place, starts_at: datetime, *, now: datetime, moving: int | None = None, offer: int | None = None
) -> FreeTime:
    """The worker and room for exactly this start; raises PastTime, TooSoon, ClosedThatDay or SlotTaken.

    `offer` is an offer to her that holds the time.
    """
    refusal = _why_never(at, starts_at, now)
    if refusal is not None:
        raise refusal
    workers, busy, hers = _diaries(at, (starts_at, starts_at + timedelta(minutes=at.terms.minutes)), moving, offer)
    found = availability.check_start(
        kind=at.terms,
        centre=at.centre,
        workers=workers,
        rooms=at.rooms,
        busy=busy,
        client_busy=hers,
        now=now,
        starts_at=starts_at,
    )
    if found is None:
        raise SlotTaken
    return found


def overbooked_at(at: Place, starts_at: datetime, *, now: datetime) -> FreeTime:
    """The worker and room for a start on top of other bookings; raises PastTime, ClosedThatDay or SlotTaken.

    Opening hours, her own diary and the women whom she must not meet (R43) hold as ever; a free room comes first.
    """
    refusal = _why_never(at, starts_at, now)
    if refusal is not None:
        raise refusal
    workers, busy, hers = _diaries(at, (starts_at, starts_at + timedelta(minutes=at.terms.minutes)), None)
    rooms_alone = {resource: taken for resource, taken in busy.items() if resource.startswith("room:")}
    for heeded in (rooms_alone, {}):
        found = availability.check_start(
            kind=at.terms,
            centre=at.centre,
            workers=workers,
            rooms=at.rooms,
            busy=heeded,
            client_busy=hers,
            now=now,
            starts_at=starts_at,
        )
        if found is not None:
            return found
    raise SlotTaken


def _laid_out(
    client: Client, kind: Kind, centre_id: int, worker_id: int | None, by_staff: bool, on: date | None = None
) -> Place:
    return _laid_out_for(
        client.id,
        client.keyworker_id,
        kind,
        centre_id,
        worker_id,
        by_staff=by_staff,
        on=on,
        language=matching.spoken(client.language, client.preparation),
    )


def _laid_out_for(
    client_id: int,
    keyworker_id: int | None,
    kind: Kind,
    centre_id: int,
    worker_id: int | None,
    *,
    by_staff: bool,
    on: date | None = None,
    language: str | None = None,
) -> Place:
    week = openings.week(client_id, centre_id, on, language)
    own_only = kind.own_keyworker_only and client_id != NOBODY
    chosen = [
        number
        for number in matching.in_order(week.shifts, keyworker_id, week.speakers)
        if worker_id in (None, number) and (not own_only or number == keyworker_id)
    ]
    return Place(
        kind=kind,
        centre_id=centre_id,
        client_id=client_id,
        terms=terms_of(kind, by_staff=by_staff),
        centre=week.centre,
        workers=[week.worker(number) for number in chosen],
        rooms=matching.rooms_for(week.rooms, week.needs),
        has_kept_apart=week.has_kept_apart,
        speakers=week.speakers,
        needs=week.needs,
    )


def _why_never(at: Place, starts_at: datetime, now: datetime) -> type[NotOffered] | None:
    on = clock.london_today(starts_at)
    if starts_at < now:
        return PastTime
    if starts_at < now + timedelta(minutes=at.terms.least_notice_minutes):
        return TooSoon
    return None if at.centre.on(on) else ClosedThatDay


def terms_of(kind: Kind, *, by_staff: bool) -> availability.Kind:
    """The terms on which a kind can be booked; staff need no notice and book further ahead, every 5 minutes."""
    terms = availability.Kind(
        minutes=kind.minutes,
        buffer_before=kind.buffer_before,
        buffer_after=kind.buffer_after,
        least_notice_minutes=kind.least_notice_minutes,
        furthest_days=kind.furthest_days,
        needs_room=kind.needs_room,
    )
    if not by_staff:
        return terms
    return terms._replace(least_notice_minutes=0, furthest_days=STAFF_FURTHEST_DAYS, step_minutes=STAFF_STEP_MINUTES)


def _diaries(
    at: Place, span: Interval, moving: int | None, offer: int | None = None
) -> tuple[list[availability.Worker], dict[str, list[Interval]], list[Interval]]:
    """Workers with their absences, what is taken, and when she herself cannot come."""
    reach = KEPT_APART + timedelta(minutes=max(at.terms.buffer_before, at.terms.buffer_after))
    busy = openings.taken(at, (span[0] - reach, span[1] + reach), moving, offer, none_apart=not at.has_kept_apart)
    away = {worker.id: busy[f"away:{worker.id}"] for worker in at.workers if f"away:{worker.id}" in busy}
    workers = [worker._replace(absences=away[worker.id]) if worker.id in away else worker for worker in at.workers]
    kept_apart = [(start - KEPT_APART, end + KEPT_APART) for start, end in busy.get("apart", ())]
    return workers, busy, sorted([*busy.get(f"client:{at.client_id}", ()), *kept_apart])
