"""The report as a pure rule."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.diversion.rules import Report, report

START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.lists(st.integers(0, 700 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)), max_size=8)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
FIELDS = ["reference", "condition", "needed", "attended", "attended_dates", "status", "reason_class"]


def test_the_fields_are_fixed():  # R31
    assert [*Report._fields] == FIELDS


@given(INSTANTS, st.integers(0, 6), DAYS, st.booleans())
def test_no_path_leads_to_not_met_and_no_more_is_told_than_was_needed(
    attended, needed, due_on, counts_only
):  # R31, R45
    told = report(reference="REF-7", needed=needed, due_on=due_on, attended_at=attended, counts_only=counts_only)
    assert told.status in ("met", "under_way")
    assert told.reason_class == ""
    assert told.attended == min(needed, len(attended))
    assert len(told.attended_dates) == (0 if counts_only else told.attended)
    assert told.attended_dates == sorted(told.attended_dates)
    if told.status == "met":
        assert sum(at.date() <= due_on + timedelta(days=1) for at in attended) >= needed


def test_sessions_after_the_day_are_told_but_do_not_meet_the_condition():
    attended = [datetime(2026, 12, 1, 10, tzinfo=UTC), datetime(2026, 12, 9, 10, tzinfo=UTC)]
    told = report(reference="R", needed=2, due_on=date(2026, 12, 8), attended_at=attended, counts_only=False)
    assert (told.attended, told.status) == (2, "under_way")
    told = report(reference="R", needed=2, due_on=date(2026, 12, 9), attended_at=attended, counts_only=False)
    assert told.status == "met"


def test_days_are_londons_on_both_clock_change_sundays():
    attended = [datetime(2026, 3, 29, 23, 30, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC)]
    told = report(reference="R", needed=2, due_on=date(2026, 10, 25), attended_at=attended, counts_only=False)
    assert told.attended_dates == ["2026-03-30", "2026-10-25"]
    assert told.status == "met"
