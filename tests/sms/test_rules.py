"""What codes, statuses and look-ups mean."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sms import rules
from portal.sms.gateway import Candidate, SendRefused, SendUnknown

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
STATUSES = ("accepted", "queued", "sending", "sent", "delivered", "undelivered", "failed")


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21614, 21617, 21635, 30004, 30005, 30006, 30007, 39999])
def test_a_text_that_can_never_arrive_is_not_tried_again(code: int) -> None:
    failure = rules.send_failure(400, code)
    assert isinstance(failure, SendRefused)
    assert failure.final
    assert failure.opted_out is (code == 21610)  # R22


@pytest.mark.parametrize("code", [20003, 20404, 21606, 30001, 30002, 30003, 30008, None])
def test_a_fault_of_ours_or_of_the_network_does_not_give_her_text_up(code: int | None) -> None:
    failure = rules.send_failure(400, code)
    assert isinstance(failure, SendRefused)
    assert not failure.final


@pytest.mark.parametrize("code", [20429, 63038, None])
def test_too_many_requests_is_always_worth_another_try(code: int | None) -> None:
    failure = rules.send_failure(429, code)
    assert isinstance(failure, SendRefused)
    assert (failure.final, failure.code) == (False, code or 20429)


@pytest.mark.parametrize("status", [302, 408, 500, 502, 503, 504, 529])
def test_what_proves_nothing_is_unknown(status: int) -> None:
    assert isinstance(rules.send_failure(status, None), SendUnknown)
    assert isinstance(rules.send_failure(status, 21610), SendUnknown)


def test_statuses_may_come_swapped_doubled_and_late() -> None:
    for order in itertools.permutations(("queued", "sending", "sent", "delivered")):
        known = None
        for told in (*order, *order):
            known = rules.later_status(known, told)
        assert known == "delivered"


@given(st.lists(st.sampled_from(STATUSES), min_size=1))
def test_the_order_of_calls_never_matters_but_between_two_words_for_not_sent(told: list[str]) -> None:
    def settled(statuses: list[str]) -> str | None:
        known = None
        for status in statuses:
            known = rules.later_status(known, status)
        return known.replace("failed", "undelivered") if known else None

    assert settled(told) == settled(told[::-1])


def test_not_delivered_stands_against_delivered() -> None:  # R46
    assert rules.later_status("delivered", "undelivered") == "undelivered"
    assert rules.later_status("undelivered", "delivered") == "undelivered"


def test_a_status_we_do_not_know_changes_nothing() -> None:
    assert rules.later_status("sent", "x" * 10_000) == "sent"
    assert rules.later_status(None, "teleported") is None


def candidate(sid: str, body: str, minutes: int = 0) -> Candidate:
    return Candidate(sid=sid, status="sent", body=body, created_at=NOW + timedelta(minutes=minutes))


def test_a_lost_text_is_known_by_its_words() -> None:
    candidates = [candidate("SM1", "Appointment Tue 2pm."), candidate("SM2", "See you Wed.")]
    found = rules.taken(candidates, body="See you  Wed. ", known_sids=())
    assert found is candidates[1]
    assert rules.taken(candidates, body="See you Wed", known_sids=()) is None


def test_a_text_of_another_row_with_the_same_words_is_not_the_lost_one() -> None:
    candidates = [candidate("SM3", "Test.", 2), candidate("SM1", "Test."), candidate("SM2", "Test.", 1)]
    assert rules.taken(candidates, body="Test.", known_sids={"SM1"}) is candidates[2]
    assert rules.taken(candidates, body="Test.", known_sids={"SM1", "SM2", "SM3"}) is None


def test_composed_and_decomposed_letters_are_the_same_words() -> None:
    assert rules.taken([candidate("SM1", "Zoe\u0308")], body="Zoë", known_sids=())


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7), ("-3", 0), ("inf", 86_400), ("9" * 400, 86_400), ("nan", None), ("", None), (None, None),
        ("soon", None), ("Sun, 25 Oct 2026 00:30:20 GMT", 20), ("Sun, 25 Oct 2026 00:00:00 GMT", 0),
        ("Sun, 25 Oct 2026 00:30:20", None), ("Sun, 99 Oct 2026 00:30:20 GMT", None),
    ],
)  # fmt: skip
def test_waiting_as_long_as_we_are_asked(header: str | None, seconds: float | None) -> None:
    assert rules.seconds_to_wait(header, NOW) == seconds


@pytest.mark.parametrize("code", ["30001", "30002", "30003", "30008", "30017", "30022", "30036"])
def test_a_status_that_may_pass(code):
    assert rules.passes(code)


@pytest.mark.parametrize("code", ["21610", "30004", "30005", "30006", "30007", "21211", "21614", "", "x", "-1", "²"])
def test_a_status_that_will_not(code):
    assert not rules.passes(code)


@pytest.mark.parametrize("code", ["21211", "21214", "21217", "21614", "30005", "30006"])
def test_a_number_that_is_wrong_or_gone(code):
    assert rules.is_wrong_number(code)
    assert not rules.passes(code)
