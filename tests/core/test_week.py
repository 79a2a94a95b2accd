"""Windows of a week, as people write them."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import Invalid
from portal.core.week import check_week, day_fault, read_windows, write_windows

times = st.integers(0, 23 * 60 + 59).map(lambda minutes: time(minutes // 60, minutes % 60))


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", []),
        ("09:30-14:30, 18:00-19:00", [(time(9, 30), time(14, 30)), (time(18), time(19))]),
        ("9.30 – 14.30; 18 to 19", [(time(9, 30), time(14, 30)), (time(18), time(19))]),
        ("0:00-24:00", [(time(0), time(23, 59))]),
        ("9-12,12-14", [(time(9), time(12)), (time(12), time(14))]),
    ],
)
def test_windows_are_read_as_people_write_them(text, windows):
    assert read_windows(text) == windows


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("half nine", "unreadable"),
        ("25:00-26:00", "unreadable"),
        ("9:60-10", "unreadable"),
        ("9-12 13-14", "unreadable"),
        ("🙂" * 5000, "unreadable"),
        ("14:30-09:30", "reversed"),
        ("10-10", "reversed"),
        ("18-19, 9-12", "order"),
        ("9-12, 11-13", "overlap"),
        ("9-18, 10-11", "overlap"),
    ],
)
def test_windows_that_cannot_stand_are_refused_with_their_reason(text, reason):
    with pytest.raises(Invalid) as refused:
        read_windows(text)
    assert refused.value.reason == reason


@given(st.lists(st.tuples(times, times), max_size=4))
def test_what_can_stand_is_written_and_read_again_unchanged(windows):
    if day_fault(windows) is None:
        assert read_windows(write_windows(windows)) == windows
        ends = [edge for window in windows for edge in window]
        assert ends == sorted(ends)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        assert day_fault(read_windows(text)) is None
    except Invalid as refused:
        assert refused.reason in ("unreadable", "reversed", "order", "overlap")


def test_a_week_names_the_day_that_cannot_stand():
    check_week([(0, time(9), time(12)), (1, time(8), time(9))])
    with pytest.raises(Invalid) as refused:
        check_week([(0, time(9), time(12)), (2, time(9), time(12)), (2, time(10), time(13))])
    assert refused.value.field == "wednesday"
