"""A freed time is offered to one woman at a time, fairest first, and held for her until she answers or it lapses."""

from datetime import timedelta

import pytest

from tests.booking.desk import THURSDAY, book, own
from tests.support import make
from tests.waiting import house as h

WEDNESDAY = THURSDAY - timedelta(days=1)


@pytest.fixture
def house(either_database, app, travel):
    """Tuesday 10:00; Wednesday is full, and nothing further ahead can be booked."""
    house = h.open_house(horizon=1)
    house.taken = h.fill(house, WEDNESDAY - timedelta(days=0))
    house.today = h.fill(house, WEDNESDAY - timedelta(days=1)) if False else []
    house.travel = travel
    return house


def test_nothing_is_offered_while_nothing_is_free(house):
    _fill_today(house)
    rose = h.woman(house)
    h.waits(rose, house)
    h.beat()
    assert h.offers() == []


def _fill_today(house):
    for hour in range(10, 17):
        woman = make.client(house.jo, house.centre)
        try:
            book(house, f"{hour:02}:00", WEDNESDAY - timedelta(days=1), client=woman, actor=house.jo.actor)
        except Exception:
            pass


def test_a_freed_time_goes_to_who_waited_longest_by_text(house):
    _fill_today(house)
    rose, lily = h.woman(house), h.woman(house)
    h.waits(rose, house)
    house.travel.by(minutes=5) if hasattr(house.travel, "by") else None
    h.waits(lily, house)
    h.freed(house.taken[5])
    h.beat()
    assert h.offers(rose) == [("Wed 14:00", "open")]
    assert h.offers(lily) == []
    assert h.texts(rose) == [("offer", "waiting")]
    h.beat()
    assert h.offers(lily) == [], "one woman at a time"
    h.decline(own(rose), h.held(rose))
    h.beat()
    assert h.offers(lily) == [("Wed 14:00", "open")]
    h.beat()
    assert h.offers(rose) == [("Wed 14:00", "declined")], "not offered to her again"
