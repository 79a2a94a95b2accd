"""Places in the crèche against a slow answer, minute by minute and place by place; and as people write its sessions."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.booking.creche_rules import Sitting, Taken, fallen_into, free_places, shared_out, sittings_on
from portal.centres.creche import CrecheSession, kept, read_day, sessions_of, write_day
from portal.core.errors import Invalid

MIDNIGHT = datetime(2026, 12, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: int) -> datetime:
    return MIDNIGHT + MINUTE * minute


@st.composite
def sittings(draw):
    edges = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=8)))
    listed = [(edges[number], edges[number + 1]) for number in range(len(edges) - 1)]
    chosen = draw(st.lists(st.sampled_from(listed), unique=True, max_size=4))
    return sorted(Sitting(at(begins), at(ends), draw(st.integers(1, 3))) for begins, ends in chosen)


spans = st.tuples(st.integers(0, 39), st.integers(1, 20)).map(lambda pair: (at(pair[0]), at(pair[0] + pair[1])))
taken_rows = st.lists(
    st.tuples(st.integers(1, 5), spans).map(lambda pair: Taken(pair[0], *pair[1])), max_size=8
)  # fmt: skip


@given(sittings(), spans)
def test_an_appointment_falls_into_every_sitting_it_touches_if_somebody_is_there_all_the_time(listed, span):
    minutes = [span[0] + MINUTE * number for number in range(int((span[1] - span[0]) / MINUTE))]
    inside = [[one for one in listed if one.starts_at <= minute < one.ends_at] for minute in minutes]
    slow = sorted({one for found in inside for one in found}) if all(inside) else []
    assert fallen_into(listed, span) == slow


@given(sittings(), taken_rows, st.integers(0, 4))
def test_never_more_places_than_there_are_and_none_twice(listed, taken, wanted):
    had = shared_out(listed, taken, wanted)
    for one in listed:
        gone = {row.place for row in taken if max(row.starts_at, one.starts_at) < min(row.ends_at, one.ends_at)}
        mine = {row.place for row in had if row.starts_at == one.starts_at}
        assert not mine & gone
        if mine:
            assert len(mine | gone) <= one.places
        assert len(free_places(one, taken)) == max(0, one.places - len(gone))
    sizes = {sum(row.starts_at == one.starts_at for row in had) for one in listed}
    most = min([wanted, *(len(free_places(one, taken)) for one in listed)]) if listed else 0
    assert sizes <= {most}


def test_sittings_follow_london_on_both_clock_changes():
    sunday = [CrecheSession(6, time(9), time(12), 4), CrecheSession(5, time(9), time(12), 4)]
    assert sittings_on(sunday, date(2027, 3, 28)) == [
        Sitting(datetime(2027, 3, 28, 8, tzinfo=UTC), datetime(2027, 3, 28, 11, tzinfo=UTC), 4)
    ]
    assert sittings_on(sunday, date(2026, 10, 25)) == [
        Sitting(datetime(2026, 10, 25, 9, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC), 4)
    ]
    assert sittings_on([CrecheSession(6, time(1), time(2), 4)], date(2027, 3, 28)) == []


def test_sessions_are_read_as_people_write_them_and_kept():
    found = read_day(1, "9-12:30 for 4, 13:00 - 15:00 for 6 children")
    assert found == [CrecheSession(1, time(9), time(12, 30), 4), CrecheSession(1, time(13), time(15), 6)]
    assert write_day(found) == "09:00-12:30 for 4, 13:00-15:00 for 6"
    assert sessions_of(kept(found)) == found
    assert read_day(0, "٩-١٢ for ٤") == [CrecheSession(0, time(9), time(12), 4)]
    assert read_day(0, " ") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [("9-12", "unreadable"), ("9-12 4", "unreadable"), ("9-12 for many", "unreadable"), ("12-9 for 4", "reversed"),
     ("9-12 for 0", "places"), ("9-12 for 61", "places"), ("9-12 for 99999", "unreadable"),
     ("9-12 for 4 " * 900, "unreadable"),
     ("9-12 for 4, 11-13 for 2", "overlap"), ("13-14 for 1, 9-10 for 1", "order")],
)  # fmt: skip
def test_what_cannot_be_a_session_is_refused(text, reason):
    with pytest.raises(Invalid) as refused:
        read_day(0, text)
    assert refused.value.reason == reason
