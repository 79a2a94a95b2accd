"""Whether a text may leave: no record, hour or state of the world gets it past a rule."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clients.rules import ContactFacts, Hold, contact_holds, inside_safe_hours
from portal.core.settings import BANNED_WORDS
from portal.messaging import rules
from portal.messaging.models import TextState
from portal.messaging.rules import Reason, SendingFacts, Verdict, verdict

TUESDAY_10 = datetime(2026, 12, 1, 10, tzinfo=UTC)
WORDS = rules.words_for_texts(BANNED_WORDS, "My Week")


def contact(**values) -> ContactFacts:
    facts = {
        "may_text": True,
        "has_number": True,
        "proved_at": datetime(2026, 11, 1, tzinfo=UTC),
        "sign_at": datetime(2026, 11, 1, tzinfo=UTC),
        "stopped": False,
        "safe_hours": ((1, time(9, 30), time(14, 30)),),
        "pause_until": None,
        "check_again_on": date(2027, 1, 1),
    }
    return ContactFacts(**(facts | values))


def facts(**values) -> SendingFacts:
    all_well = {
        "contact": contact(),
        "open_record": True,
        "opted_out": False,
        "frozen": False,
        "unread": False,
        "free_at": None,
        "wanted": True,
        "not_after_at": None,
        "texts_on": True,
        "nothing_before_on": None,
    }
    return SendingFacts(**(all_well | values))


def test_with_all_well_it_leaves():
    assert verdict(facts(), TUESDAY_10) == Verdict(TextState.SENDING)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"contact": None}, Hold.NO_RECORD),
        ({"texts_on": False}, Reason.TEXTS_OFF),
        ({"contact": contact(may_text=False)}, Hold.NOT_ALLOWED),
        ({"contact": contact(has_number=False)}, Hold.NO_NUMBER),
        ({"contact": contact(proved_at=None)}, Hold.NOT_PROVED),
        ({"contact": contact(sign_at=None)}, Hold.NO_SIGN),
        ({"contact": contact(sign_at=datetime(2026, 10, 2, 10, tzinfo=UTC))}, Hold.NO_SIGN),
        ({"contact": contact(stopped=True)}, Hold.STOPPED),
        ({"contact": contact(check_again_on=date(2026, 12, 1))}, Hold.CHECK_OVERDUE),
        ({"contact": contact(safe_hours=())}, Hold.NO_SAFE_HOURS),
        ({"opted_out": True}, Hold.OPTED_OUT),
        ({"open_record": False}, Hold.CLOSED_RECORD),
        ({"frozen": True}, Reason.FROZEN),
    ],
)
def test_what_only_a_person_can_mend_holds_it(changed, reason):  # R18
    found = verdict(facts(**changed), TUESDAY_10)
    assert (found.state, found.reason, found.needs_person) == (TextState.HELD, reason, True)


def test_a_sign_counts_for_60_days_to_the_second():  # R18
    assert verdict(facts(contact=contact(sign_at=datetime(2026, 10, 2, 10, 0, 1, tzinfo=UTC))), TUESDAY_10).state == (
        TextState.SENDING
    )


def test_a_pause_moves_it_into_the_first_window_after(travel):
    found = verdict(facts(contact=contact(pause_until=TUESDAY_10 + timedelta(days=1))), TUESDAY_10)
    assert found == Verdict(TextState.WAITING, Hold.PAUSED, datetime(2026, 12, 8, 9, 30, tzinfo=UTC))


def test_outside_her_hours_it_waits_for_the_next_window():  # R19
    found = verdict(facts(), datetime(2026, 12, 1, 14, 30, tzinfo=UTC))
    assert found == Verdict(TextState.WAITING, Hold.OUTSIDE_HOURS, datetime(2026, 12, 8, 9, 30, tzinfo=UTC))


def test_what_would_come_too_late_is_skipped_and_told_by_a_person():  # R19
    late = facts(not_after_at=datetime(2026, 12, 7, tzinfo=UTC))
    found = verdict(late, datetime(2026, 12, 1, 14, 30, tzinfo=UTC))
    assert (found.state, found.needs_person) == (TextState.SKIPPED, True)
    assert verdict(late, datetime(2026, 12, 8, 10, tzinfo=UTC)).reason == Reason.TOO_LATE


def test_nobody_is_bothered_with_a_text_that_is_not_wanted_any_more():
    found = verdict(facts(wanted=False), TUESDAY_10)
    assert (found.state, found.needs_person) == (TextState.SKIPPED, False)


def test_the_test_text_alone_goes_to_a_number_that_is_not_proved_and_only_with_her_leave():
    unproved = contact(proved_at=None, sign_at=None)
    assert verdict(facts(contact=unproved, needs_proof=False), TUESDAY_10).state is TextState.SENDING
    refused = verdict(facts(contact=contact(proved_at=None, may_text=False), needs_proof=False), TUESDAY_10)
    assert refused == Verdict(TextState.HELD, Hold.NOT_ALLOWED)
    stopped = verdict(facts(contact=contact(proved_at=None, stopped=True), needs_proof=False), TUESDAY_10)
    assert stopped == Verdict(TextState.HELD, Hold.STOPPED)  # R47


@pytest.mark.parametrize(
    ("sunday", "before", "first"),
    [
        # The night the clocks go forward: 01:30 is skipped, 9:00 is 8:00 UTC.
        ("2027-03-28", datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 8, tzinfo=UTC)),
        # The night they go back: 9:00 is 9:00 UTC.
        ("2026-10-25", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC)),
    ],
)
def test_hours_are_londons_on_both_clock_change_sundays(sunday, before, first):  # R19
    hours = ((6, time(9), time(10)),)
    waiting = verdict(facts(contact=contact(safe_hours=hours, check_again_on=date(2028, 1, 1), sign_at=before)), before)
    assert waiting.at == first
    assert rules.valid_seconds(contact(safe_hours=hours), first, None) == 3600


def test_a_window_that_the_clocks_skip_is_no_window():
    hours = ((6, time(1), time(2)),)
    at = datetime(2027, 3, 28, 0, tzinfo=UTC)
    waiting = verdict(facts(contact=contact(safe_hours=hours, check_again_on=date(2028, 1, 1), sign_at=at)), at)
    assert waiting.at == datetime(2027, 4, 4, 0, tzinfo=UTC)


def test_the_network_gives_up_when_her_window_ends():  # R19
    touching = contact(safe_hours=((1, time(9), time(12)), (1, time(12), time(13)), (1, time(15), time(16))))
    assert rules.valid_seconds(touching, TUESDAY_10, None) == 3 * 3600
    assert rules.valid_seconds(touching, TUESDAY_10, TUESDAY_10 + timedelta(minutes=10)) == 600


INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
CONTACTS = st.builds(
    ContactFacts,
    may_text=st.booleans(),
    has_number=st.booleans(),
    proved_at=st.none() | st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    sign_at=st.none() | INSTANTS,
    stopped=st.booleans(),
    safe_hours=st.lists(st.tuples(st.integers(0, 6), st.times(), st.times()), max_size=4).map(tuple),
    pause_until=st.none() | INSTANTS,
    check_again_on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
SENDING = st.builds(
    SendingFacts,
    contact=st.none() | CONTACTS,
    open_record=st.booleans(),
    opted_out=st.booleans(),
    frozen=st.booleans(),
    unread=st.booleans(),
    free_at=st.none() | INSTANTS,
    wanted=st.booleans(),
    not_after_at=st.none() | INSTANTS,
    texts_on=st.sampled_from([True, True, False]),
    nothing_before_on=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    needs_proof=st.booleans(),
)


@given(SENDING, INSTANTS)
def test_no_random_world_gets_a_text_past_a_rule(facts, at):  # R18
    found = verdict(facts, at)
    if found.state is TextState.SENDING:
        holds = contact_holds(
            facts.contact,
            at,
            opted_out=facts.opted_out,
            unread_answer=facts.unread,
            open_record=facts.open_record,
            nothing_before_on=facts.nothing_before_on,
        )
        assert holds == [] or (not facts.needs_proof and set(holds) <= {Hold.NOT_PROVED, Hold.NO_SIGN})
        _allowed_by_each_rule_read_alone(facts, at)
        assert facts.wanted and facts.texts_on
        assert facts.free_at is None or facts.free_at <= at
        assert facts.not_after_at is None or at < facts.not_after_at
        assert not (facts.frozen and facts.needs_proof)
        assert rules.valid_seconds(facts.contact, at, facts.not_after_at) >= 0
    if found.state is TextState.WAITING:
        assert facts.texts_on
        assert found.at >= at
        assert inside_safe_hours(facts.contact.safe_hours, found.at)
        assert facts.nothing_before_on is None or _london_day(found.at) >= facts.nothing_before_on
        assert facts.not_after_at is None or found.at < facts.not_after_at


def _london_day(at: datetime) -> date:
    return at.astimezone(ZoneInfo("Europe/London")).date()


def _allowed_by_each_rule_read_alone(facts, at):
    """R18, R19, R22, R27, R47 said again in the plainest way, so that a slip in one place shows in the other."""
    record, local = facts.contact, at.astimezone(ZoneInfo("Europe/London"))
    assert facts.open_record and record is not None and record.may_text and record.has_number and not record.stopped
    assert not facts.opted_out and not facts.unread
    assert facts.nothing_before_on is None or facts.nothing_before_on <= local.date()
    if facts.needs_proof:
        assert record.proved_at is not None and not facts.frozen
        assert record.sign_at is not None and at < record.sign_at + timedelta(days=60)
    assert local.date() < record.check_again_on
    assert record.pause_until is None or record.pause_until <= at
    wall = (local.weekday(), local.time())
    assert [hours for hours in record.safe_hours if hours[0] == wall[0] and hours[1] <= wall[1] < hours[2]]


def test_the_caps_free_the_number_when_the_oldest_leaves_the_span():  # R27
    hour = [TUESDAY_10 - timedelta(minutes=minutes) for minutes in range(6)]
    assert rules.free_at(hour[:5]) is None
    assert rules.free_at(hour) == TUESDAY_10 - timedelta(minutes=5) + timedelta(hours=1)
    day = [TUESDAY_10 - timedelta(hours=2 * index) for index in range(12)]
    assert rules.free_at(day) == TUESDAY_10 + timedelta(hours=2)


def test_pauses_grow_and_are_never_shorter_than_the_gateway_asked():
    pauses = [rules.retry_pause(tries, None) for tries in range(1, 9)]
    assert pauses == sorted(pauses)
    assert rules.retry_pause(1, 600) == timedelta(minutes=10)


@given(st.permutations(["queued", "sent", "delivered", "sent", "queued"]))
def test_states_never_go_back_in_whatever_order_they_are_told(statuses):
    state = TextState.HANDED_OVER
    for status in statuses:
        state = rules.later_state(state, rules.state_told(status))
    assert state is TextState.REACHED


@pytest.mark.parametrize(
    "body",
    [
        "Your IDVA rang", "see you at the refuge", "The police called", "bring it to court", "tell your partner",
        "My Week is here", "look at http://x.test/a", "see example.org", "come to N1 9GU", "موعد في المحكمة",
    ],
)  # fmt: skip
def test_telling_words_links_and_addresses_are_found(body):  # R20
    assert rules.refused_in(body, words=WORDS)


def test_names_are_found_as_they_are_written_only():
    assert rules.refused_in("May will ring", words=WORDS, names=["May"]) == ["May"]
    assert rules.refused_in("it may be late", words=WORDS, names=["May"]) == []
    assert rules.refused_in("Appointment Tue 1 Dec 2:30pm.", words=WORDS, names=["Jo", "Example House"]) == []
