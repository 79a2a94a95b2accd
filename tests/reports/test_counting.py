"""From facts to counts: each woman once, in one figure of each breakdown, as a slow and obvious oracle counts them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.plan.rules import Pathway
from portal.reports import counting, figures, rules
from portal.reports.counting import (
    AnswerFact,
    ClosingFact,
    ConditionFact,
    NeedFact,
    Person,
    RatingFact,
    ReferralFact,
    SessionFact,
)

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
AT = st.integers(0, 90).map(lambda days: NOW - timedelta(days=days))
PEOPLE = st.integers(1, 6).map(lambda client: Person(client, client % 2 + 1, "police"))
REFERRALS = st.builds(
    ReferralFact,
    PEOPLE,
    st.sampled_from(("received", "accepted", "declined")),
    st.sampled_from((None, "twice", "other_area")),
    st.dates(date(2026, 9, 1), date(2026, 11, 30)),
    st.none(),
    st.one_of(st.none(), AT),
    st.one_of(st.none(), AT),
)
NEEDS = st.sampled_from(("none", "some", "high", "not_asked", "not_for_me", "rather_not_say"))


def by_figure(counts):
    return {
        part: Counter(count.figure for count in found for _ in range(count.times)) for part, found in counts.items()
    }


def of_women(facts):
    return {
        client: [fact for fact in facts if fact.person.client == client] for client in {f.person.client for f in facts}
    }


@given(st.lists(REFERRALS, max_size=12))
def test_a_woman_referred_twice_counts_once_and_accepted_where_she_was(facts):
    found = by_figure(counting.referrals(counting.cohort(facts), NOW))
    decided = Counter()
    for hers in of_women(facts).values():
        states = [fact.state for fact in hers if fact.declined_reason != "twice"]
        if states:
            first = min((fact for fact in hers if fact.declined_reason != "twice"), key=lambda fact: fact.referred_on)
            decided["accepted" if "accepted" in states else rules.decision(first.state)] += 1
    assert found["decided"] == decided
    assert sum(found["contact"].values()) == sum(found["first"].values()) == decided["accepted"]


@given(st.lists(st.builds(NeedFact, PEOPLE, st.sampled_from(list(Pathway)), NEEDS, AT), max_size=30,
                unique_by=lambda fact: (fact.person, fact.answered_at)))  # fmt: skip
def test_the_newest_answer_of_each_pathway_counts_and_every_woman_is_in_each_pathway(facts):
    found = by_figure(counting.needs(facts))
    women = of_women(facts)
    for pathway in Pathway:
        expected, size = Counter(), Counter()
        for hers in women.values():
            said = [fact for fact in hers if fact.pathway == pathway]
            need = max(said, key=lambda fact: fact.answered_at).need if said else None
            expected["need" if need in ("some", "high") else "none" if need == "none" else "unsaid"] += 1
            if need in ("some", "high"):
                size[need] += 1
        assert found[f"need_{pathway}"] == expected
        assert found[f"size_{pathway}"] == size


@given(st.lists(st.builds(AnswerFact, PEOPLE, st.sampled_from(("yes", "partly", "not_yet")), AT), max_size=15,
                unique_by=lambda fact: (fact.person, fact.answered_at)))  # fmt: skip
def test_the_newest_answer_to_the_plan_counts(facts):
    newest = [max(hers, key=lambda fact: fact.answered_at).answer for hers in of_women(facts).values()]
    assert by_figure(counting.agreement(facts))["answer"] == Counter(newest)


SESSIONS = st.builds(
    SessionFact,
    PEOPLE,
    st.sampled_from(("", "yes", "late", "no")),
    st.sampled_from((None, True, False)),
    st.sampled_from((None, "", "service", "hers_not")),
    st.integers(1, 5),
)


@given(st.lists(SESSIONS, max_size=20))
def test_sessions_that_did_not_happen_are_those_that_have_a_reason_or_lack_one(facts):
    found = by_figure(counting.sessions(facts))
    assert sum(found["session"].values()) == sum(fact.times for fact in facts)
    assert sum(found["reason"].values()) == found["session"]["missed"]


@given(st.lists(st.builds(ConditionFact, PEOPLE, st.integers(-1, 3), st.booleans(), st.booleans()), max_size=15))
def test_every_condition_is_in_one_figure(facts):
    found = by_figure(counting.conditions(facts))["condition"]
    assert sum(found.values()) == len(facts)
    assert found["withdrawn"] == sum(fact.withdrawn for fact in facts)
    assert found["met"] == sum(not fact.withdrawn and fact.left <= 0 for fact in facts)


RATINGS = st.builds(
    RatingFact,
    PEOPLE,
    st.sampled_from((Pathway.WORK, Pathway.MONEY)),
    st.sampled_from(("start", "end")),
    st.integers(1, 5),
    AT,
)


@given(st.lists(RATINGS, max_size=25, unique_by=lambda fact: (fact.person, fact.rated_at)))
def test_distance_is_from_the_newest_start_to_the_newest_end(facts):
    found = by_figure(counting.distance(facts))
    for pathway in (Pathway.WORK, Pathway.MONEY):
        expected = Counter()
        for hers in of_women(facts).values():
            ends = []
            for moment in ("start", "end"):
                said = [fact for fact in hers if (fact.pathway, fact.moment) == (pathway, moment)]
                ends.append(max(said, key=lambda fact: fact.rated_at).score if said else None)
            if None not in ends:
                expected["further" if ends[1] > ends[0] else "harder" if ends[1] < ends[0] else "same"] += 1
        assert found[f"way_{pathway}"] == expected
        assert found[f"ends_{pathway}"]["both"] == sum(expected.values())


@given(st.lists(st.builds(ClosingFact, PEOPLE, st.sampled_from(("completed", "declined", "died", "mistake")), AT),
                max_size=10, unique_by=lambda fact: (fact.person, fact.closed_at)))  # fmt: skip
def test_the_newest_closing_counts_but_neither_a_declined_referral_nor_a_record_made_by_mistake(facts):
    newest = [max(hers, key=lambda fact: fact.closed_at).reason for hers in of_women(facts).values()]
    kept = [reason for reason in newest if reason in ("completed", "died")]
    expected = Counter("completed" if reason == "completed" else "other" for reason in kept)
    assert by_figure(counting.closed(facts))["closed"] == expected


@settings(max_examples=20)
@given(st.lists(REFERRALS, max_size=12), st.lists(SESSIONS, max_size=12), st.lists(RATINGS, max_size=12))
def test_every_figure_that_is_counted_is_one_that_is_defined(referrals, sessions, ratings):
    counted = {
        "referrals": counting.referrals(counting.cohort(referrals), NOW),
        "sessions": counting.sessions(
            [fact._replace(reason_class=fact.reason_class or "service") for fact in sessions]
        ),
        "distance": counting.distance(ratings),
    }
    for code, counts in counted.items():
        parts = {part.code: {figure.code for figure in part.figures} for part in figures.section_named(code).parts}
        assert counts.keys() == parts.keys()
        for part, found in counts.items():
            assert {count.figure for count in found} <= parts[part]
