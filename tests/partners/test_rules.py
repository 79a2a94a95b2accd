"""What may be told, for every set of answers: nothing that she did not agree to, and no number without its terms."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.partners import rules, words
from portal.partners.rules import ReachTerms, ReferralState, Resemblance

SECRETS = {item: f"lanternwick{number}" for number, item in enumerate(rules.FIELDS)}
items = st.sampled_from(rules.ITEMS)
said = st.lists(st.tuples(items, st.booleans()), max_size=60)


@given(said, st.sets(st.sampled_from(rules.FIELDS)))
def test_no_set_of_answers_ever_prints_what_she_did_not_agree_to(answers, known):
    facts = {item: SECRETS[item] for item in known}
    lines = rules.sheet(facts, rules.agreed_items(answers))
    newest = dict(answers)
    for item in rules.FIELDS:
        told = SECRETS[item] in {line.words for line in lines}
        wanted = item in known and newest.get(item) is True and newest.get("ask_them") is True
        assert told == wanted, item


@given(said, said)
def test_what_was_told_is_never_printed_again_once_she_took_it_back(before, after):
    told = rules.sheet(SECRETS, rules.agreed_items(before))
    again = rules.still_told(told, rules.agreed_items([*before, *after]), dict(told).get("reach", ""))
    assert set(again) <= set(told)
    newest = dict([*before, *after])
    assert all(newest[line.item] for line in again)


@given(said)
def test_without_a_word_it_is_no(answers):
    assert rules.agreed_items(answers) <= {item for item, agreed in answers if agreed}
    assert rules.agreed_items([]) == frozenset()


def test_facts_that_nobody_asks_about_are_never_told():
    assert rules.sheet({"note": "x", "number": "x", **SECRETS}, ["ask_them", "note", "number", "name"]) == [
        ("name", SECRETS["name"])
    ]


@given(st.sampled_from(list(ReferralState)), st.sets(items))
def test_her_no_to_asking_always_ends_or_keeps_it_unasked(state, agreed):
    after = rules.state_after_agreeing(state, agreed - {"ask_them"})
    assert after == (ReferralState.DRAFTED if state in rules.NOT_YET_TOLD else ReferralState.WITHDRAWN)
    kept = rules.state_after_agreeing(state, agreed | {"ask_them"})
    assert kept == (ReferralState.AGREED if state in rules.NOT_YET_TOLD else state)


@pytest.mark.parametrize("state", list(ReferralState))
def test_staff_note_no_step_before_it_was_sent_nor_after_it_ended(state):
    follows = rules.may_follow(state)
    assert not set(follows) & {ReferralState.DRAFTED, ReferralState.AGREED, ReferralState.WITHDRAWN}
    ended = {ReferralState.NOT_TAKEN, ReferralState.OUTCOME, ReferralState.WITHDRAWN}
    assert bool(follows) == (state not in rules.NOT_YET_TOLD | ended)


TERMS = ReachTerms("07700 900123", False, False, ((0, time(9), time(11)),), date(2027, 3, 1))


@given(st.booleans(), st.booleans(), st.lists(st.tuples(st.integers(0, 6), st.just(time(9)), st.just(time(11)))))
def test_a_number_comes_with_its_terms_and_their_end(message, who, hours):  # R44
    text = rules.reach_words(TERMS._replace(may_leave_message=message, may_say_who=who, hours=tuple(hours)))
    assert "07700 900123" in text and "until 01 March 2027" in text
    assert ("Never leave a message" in text) == (not message)
    assert ("Do not say who is ringing" in text) == (not who)


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([time(9), time(10)]), st.just(time(11))), min_size=1))
def test_each_window_stands_there_with_its_day(hours):  # R44
    text = rules.reach_words(TERMS._replace(hours=tuple(hours)))
    (line,) = [one for one in text.splitlines() if one.startswith("Only at these times:")]
    parts = line.removeprefix("Only at these times: ").removesuffix(".").split("; ")
    said = set()
    for part in parts:
        days, _, opens = part.removesuffix(" to 11:00").rpartition(" ")
        listed = rules._DAYS if days == "every day" else days.split(", ")
        said |= {(rules._DAYS.index(day), time.fromisoformat(opens), time(11)) for day in listed}
    assert said == set(hours)


def test_without_terms_there_is_no_number():  # R44
    assert not any(sign.isdigit() for sign in rules.reach_words(None))


@pytest.mark.parametrize(
    ("name", "restricted", "alike"),
    [
        ("Harbour Rooms", "harbour rooms", Resemblance.SAME),
        ("Harbour Rooms", "The Harbour-Rooms Ltd", Resemblance.SAME),
        ("Harbour Rooms", "HarbourRooms", Resemblance.SAME),
        ("Harbour Rooms Camden", "Harbour Rooms", Resemblance.SAME),
        ("St Mary's", "St Marys", Resemblance.SAME),
        ("Café Rosé", "Cafe Rose", Resemblance.SAME),
        ("Harbour Debt Advice", "Harbour Rooms", Resemblance.NEAR),
        ("North Housing Trust", "South Housing Trust", None),
        ("Harbour Rooms", "Willow Work", None),
        ("Harbour Rooms", "", None),
        ("", "Harbour Rooms", None),
    ],
)
def test_names_that_are_alike_are_found_however_written(name, restricted, alike):  # R29
    assert rules.resemblance(name, ["Quite Another", restricted]) == alike


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4))
def test_a_name_on_the_list_is_always_found(name, others):  # R29
    if any(sign.isalnum() for sign in rules._run(name)) and rules._words(name):
        assert rules.resemblance(name, [*others, name]) == Resemblance.SAME


def test_every_item_kind_and_state_has_its_words():
    assert set(words.ASKED_WORDS) == set(words.SHEET_WORDS) == set(words.HER_ITEMS) == set(rules.ITEMS)
    assert set(words.KIND_WORDS) == set(words.HER_KINDS) == set(rules.PartnerKind)
    assert set(words.STATE_WORDS) == set(ReferralState)
    assert set(words.HER_STATES) == set(ReferralState) - {ReferralState.DRAFTED}
