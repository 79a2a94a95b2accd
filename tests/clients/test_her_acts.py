"""Whatever she presses, and in whatever order, nothing may reach her after it that could not reach her before."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clients import her_acts
from portal.clients.rules import ContactFacts, may_contact, pause_end, read_safe_hours, ring_holds

START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
TIMES = st.times().map(lambda at: f"{at:%H:%M}")


@dataclass(frozen=True)
class Record:
    """A safe-contact record with what the acts may touch."""

    may_text: bool = True
    safe_hours: tuple = ({"day": 0, "from": "09:00", "to": "12:00"}, {"day": 0, "from": "14:00", "to": "15:00"})
    pause_until: datetime | None = None
    wording: str = "plain"
    names_worker: bool = True
    may_reply: bool = True
    auto_reply: bool = True
    reminds_week_before: bool = True
    reminds_same_morning: bool = True
    code_by_text: bool = True
    may_ring: bool = True
    may_leave_message: bool = True
    may_say_who: bool = True
    may_post: bool | None = True
    post_to: str | None = "R Example"
    may_email: bool | None = True
    email: str | None = "rose@example.org"


ALLOWING = (
    "may_text", "names_worker", "may_reply", "auto_reply", "reminds_week_before", "reminds_same_morning",
    "code_by_text", "may_ring", "may_leave_message", "may_say_who", "may_post", "may_email", "post_to", "email",
)  # fmt: skip
LEAST_SAID = {"plain": 1, "short": 0, "cover": 0}
WINDOWS = st.builds(lambda day, *times: {"day": day, "from": times[0], "to": times[1]}, st.integers(0, 6), TIMES, TIMES)
RECORDS = st.builds(
    Record,
    **{name: st.booleans() for name in ALLOWING[:10]},
    may_post=st.none() | st.booleans(),
    may_email=st.none() | st.booleans(),
    safe_hours=st.lists(WINDOWS, max_size=4).map(tuple),
    pause_until=st.none() | INSTANTS,
    wording=st.sampled_from(["plain", "short", "cover"]),
)
NAMED = [*her_acts.ACTS, *her_acts.PAUSES, "short_wording"]


def facts(record: Record) -> ContactFacts:
    return ContactFacts(
        may_text=record.may_text,
        has_number=True,
        proved_at=START,
        sign_at=START + timedelta(days=700),
        stopped=False,
        safe_hours=read_safe_hours(list(record.safe_hours)),
        pause_until=record.pause_until,
        check_again_on=date(2029, 1, 1),
    )


def texted(record: Record, at: datetime) -> bool:
    return may_contact(
        facts(record), at, opted_out=False, unread_answer=False, open_record=True, nothing_before_on=None
    )


@given(RECORDS, st.data(), INSTANTS, INSTANTS)
def test_no_act_of_hers_ever_allows_what_was_not_allowed(record, data, now, at):
    windows = [her_acts.window_act(window) for window in record.safe_hours]
    acts = data.draw(st.lists(st.sampled_from(NAMED + windows) | st.text(max_size=20), max_size=4))
    after = record
    for act in acts:
        after = replace(after, **her_acts.stricter(after, act, now))
    assert texted(record, at) or not texted(after, at)
    for name in ALLOWING:
        assert getattr(record, name) or not getattr(after, name), name
    assert LEAST_SAID[after.wording] <= LEAST_SAID[record.wording]
    assert [window for window in after.safe_hours if window not in record.safe_hours] == []


@given(RECORDS, st.sampled_from(NAMED), INSTANTS)
def test_an_act_pressed_again_changes_nothing_more(record, act, now):
    after = replace(record, **her_acts.stricter(record, act, now))
    assert her_acts.stricter(after, act, now + timedelta(minutes=1)) == {}


@given(st.text())
def test_whatever_else_is_sent_changes_nothing(act):
    if act not in NAMED:
        assert her_acts.stricter(Record(), act, START) == {}


@pytest.mark.parametrize("act", NAMED)
def test_each_act_does_something_to_a_record_that_allows_all(act):
    assert her_acts.stricter(Record(), act, START)


def test_one_window_goes_and_the_others_stay():
    act = her_acts.window_act(Record().safe_hours[0])
    assert act == "hours 0 09:00-12:00"
    assert her_acts.stricter(Record(), act, START) == {"safe_hours": [Record().safe_hours[1]]}
    assert her_acts.stricter(Record(), "hours 0 09:00-12:30", START) == {}


def test_only_what_would_change_something_is_offered():
    assert set(her_acts.offered(Record(), START)) == {*her_acts.ACTS, "short_wording"}
    assert her_acts.offered(Record(may_text=False), START) == ["no_calls", "no_voicemail", "no_letters", "no_email"]
    least = Record(may_text=False, may_ring=False, may_leave_message=False, may_post=None, may_email=False)
    assert her_acts.offered(least, START) == []


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # The nights before both clock-change Sundays: tomorrow morning is 8:00 on the wall.
        (datetime(2027, 3, 27, 22, tzinfo=UTC), datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC)),
    ],
)
def test_until_tomorrow_morning_is_londons_morning(now, until):
    assert pause_end("morning", now) == until
    assert pause_end("week", now) == now + timedelta(days=7)
    assert pause_end("told", now) == now + timedelta(days=366)
    assert pause_end("", now) is None


MAY_RING = {
    "may_ring": True, "number": "+447700900001", "stopped": False, "check_again_on": date(2026, 12, 2),
    "open_record": True, "nothing_before_on": date(2026, 12, 1), "on": date(2026, 12, 1),
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [{}, {"may_ring": False}, {"may_ring": None}, {"number": None}, {"stopped": True}, {"open_record": False},
     {"nothing_before_on": date(2026, 12, 2)}, {"check_again_on": date(2026, 12, 1)}, {"check_again_on": None}],
    ids=str,
)  # fmt: skip
def test_she_is_rung_only_where_a_live_record_says_so(changed):  # R18, R26
    assert (ring_holds(**(MAY_RING | changed)) == []) is (changed == {})


def test_a_window_is_named_by_what_stands_in_it():
    assert her_acts.window_act({"day": 6, "from": f"{time(8):%H:%M}", "to": "20:00"}) == "hours 6 08:00-20:00"
