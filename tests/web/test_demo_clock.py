"""PORTAL_NOW: one shift for all processes, fixed when its value is first seen."""

from datetime import datetime, timedelta

import pytest

from portal.core import clock, database
from portal.core.settings import Settings
from portal.web import demo_clock
from portal.web.models import ClockShift

AT = "2026-12-01T12:00:00+00:00"


@pytest.fixture
def follow(either_database, app, environ):
    """Starts a process with this value of PORTAL_NOW; gives how far its clock is shifted."""

    def follow(value: str) -> timedelta:
        demo_clock.follow(Settings.from_env(environ | {"PORTAL_NOW": value}))
        return clock.now() - clock.real_now()

    yield follow
    clock.shift(clock.NO_SHIFT)


def close(one: timedelta, other: timedelta) -> bool:
    return abs(one - other) < timedelta(milliseconds=100)


def test_the_clock_starts_there_and_runs_on(follow):
    follow(AT)
    assert timedelta(0) <= clock.now() - datetime.fromisoformat(AT) < timedelta(seconds=5)


def test_a_later_process_follows_the_first_instead_of_starting_anew(follow, monkeypatch):
    first, real = follow(AT), clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: real() + timedelta(hours=3))
    assert close(follow(AT), first)


def test_another_value_starts_anew_and_the_old_one_is_still_known(follow):
    first = follow(AT)
    assert not close(follow("2027-03-28T00:30:00+00:00"), first)
    assert close(follow(AT), first)
    assert database.session.query(ClockShift).count() == 2


def test_without_it_the_clock_is_the_machines(follow):
    follow(AT)
    assert close(follow(""), timedelta(0))
