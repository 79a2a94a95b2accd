"""Two records of one woman become one, and apart again: her waits go along, what was offered is taken back."""

import threading

import pytest
from sqlalchemy import select

from portal.backoffice import merging, transferring
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.database import lock_rows, on_sqlite, session, unit_of_work
from portal.waiting import ending
from portal.waiting.models import Offer, OfferState, Wait
from tests.support import make
from tests.waiting import house as h


@pytest.fixture
def house(either_database, app, travel):
    house = h.full_house(travel)
    house.manager = h.kept(make.staff("manager", house.centre, first_name="Frances"))
    return house


def waits() -> list[tuple[int, str]]:
    session.rollback()
    return [(wait.client_id, wait.ended_why) for wait in session.scalars(select(Wait).order_by(Wait.id))]


def joined(house, kept, merged):
    with unit_of_work():
        return merging.merge(house.manager.actor, kept.id, merged.id, now=clock.now()).id


def test_who_waits_for_the_same_in_both_waits_once_since_the_earlier_day(house):
    kept, merged = h.woman(house), h.woman(house)
    since = clock.now()
    h.waits(merged, house)
    house.travel.forward(hours=1)
    h.waits(kept, house)
    number = joined(house, kept, merged)
    assert waits() == [(kept.id, "joined"), (kept.id, "")]
    assert h.waits_of(kept)[1].since_at == since, "nobody loses the time that she waited"
    with unit_of_work():
        merging.undo(house.manager.actor, kept.id, number, now=clock.now())
    assert waits() == [(merged.id, ""), (kept.id, "")]
    assert h.waits_of(kept)[0].since_at > since


def test_what_was_offered_is_taken_back_and_asked_anew(house):
    kept, merged = h.woman(house), h.woman(house)
    h.waits(merged, house)
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.held(merged)
    joined(house, kept, merged)
    assert [state for _, state in h.offers()] == ["withdrawn"]
    assert h.overlaps() == 0
    assert waits() == [(kept.id, "")]
    with unit_of_work():
        merging.gather(clock.now())
    assert waits() == [(kept.id, "")]


def test_an_offer_that_lapses_while_records_are_joined_stops_neither(house):
    if on_sqlite():
        pytest.skip("there is one writer anyway")
    manager = house.manager
    kept, merged = h.woman(house), h.woman(house)
    h.waits(merged, house)
    h.freed(house.tomorrow[14])
    h.beat()
    offer, came = h.held(merged), []

    def join() -> None:
        try:
            with unit_of_work():
                merging.merge(manager.actor, kept.id, merged.id, now=clock.now())
            came.append("joined")
        except Exception as fault:  # noqa: BLE001  # told below
            came.append(str(fault))
        finally:
            session.remove()

    joining = threading.Thread(target=join, daemon=True)
    with unit_of_work():
        session.scalars(lock_rows(select(Offer).where(Offer.id == offer.id))).one()
        joining.start()
        joining.join(timeout=1.5)
        assert came == []
        ending.end_offer(session.get_one(Offer, offer.id), OfferState.LAPSED, actor=SYSTEM, now=clock.now())
    joining.join(timeout=20)
    assert came == ["joined"]


def test_a_caseload_that_changes_hands_counts_who_waits(house):
    rose = h.woman(house)
    h.waits(rose, house)
    session.rollback()
    caseload = transferring.caseload_of(house.manager.actor, house.jo.id)
    assert caseload.waits == {rose.id: 1}
    ana = h.kept(make.staff("keyworker", house.centre, first_name="Ana"))
    with unit_of_work():
        transferring.transfer(house.manager.actor, from_id=house.jo.id, to_id=ana.id, client_ids=[rose.id],
                              now=clock.now())  # fmt: skip
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.held(rose), "she keeps her place"
