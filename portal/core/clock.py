"""The only reader of the system clock: instants are aware UTC, wall times are London's."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

NO_SHIFT = timedelta(0)

_offset = NO_SHIFT


def real_now() -> datetime:
    """The machine's own instant, for second factors, CSRF, claims on work and look-ups at the gateway."""
    return datetime.now(UTC)


def now() -> datetime:
    """The instant the portal lives in, as aware UTC; in demo and tests it may be shifted by PORTAL_NOW."""
    return real_now() + _offset


def shift(offset: timedelta) -> None:
    """Move `now()` by `offset` for the rest of this process."""
    global _offset
    _offset = offset


def london(instant: datetime) -> datetime:
    """The London wall time of an aware instant."""
    return instant.astimezone(LONDON)


def from_london(on: date, at: time) -> datetime:
    """The UTC instant of a London wall time; an hour that a clock change skips or doubles takes its first meaning."""
    return datetime.combine(on, at, tzinfo=LONDON).astimezone(UTC)


def london_today(instant: datetime) -> date:
    """The date on a London wall calendar at an aware instant."""
    return london(instant).date()


def london_midnight(on: date) -> datetime:
    """The UTC instant at which a London day begins."""
    return from_london(on, time(0))
