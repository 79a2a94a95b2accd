"""Recovery codes asked for twice at the same moment (R17, R38)."""

import threading
from contextlib import suppress

from portal.accounts import recovery
from portal.core import clock
from portal.core.database import unit_of_work
from tests.support import make
from tests.support.together import at_once


def test_of_two_sets_made_at_once_one_works(either_database, app, travel, monkeypatch):
    actor = make.staff("keyworker").actor

    def make_codes() -> list[str]:
        with unit_of_work():
            return recovery.make_codes(actor, now=clock.now())

    make_codes()
    drop, both_here = recovery.drop_codes, threading.Barrier(2)

    def drop_together(staff_id: int) -> None:
        with suppress(threading.BrokenBarrierError):
            both_here.wait(1)
        drop(staff_id)

    monkeypatch.setattr(recovery, "drop_codes", drop_together)
    first, second = at_once(make_codes, 2)
    assert recovery.codes_left(actor.id) == recovery.CODES
    with unit_of_work():
        works = [sum(recovery.use_code(actor, code, now=clock.now()) for code in codes) for codes in (first, second)]
    assert sorted(works) == [0, recovery.CODES]
