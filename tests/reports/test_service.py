"""Taking a quarter's numbers from the records: once, of joined records once, whoever comes first."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select

from portal.booking.models import Appointment, Outcome
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import NotAllowed, NotFound
from portal.diversion.models import Condition, Referral
from portal.plan.answer_models import NeedAnswer, Rating
from portal.reports import counting, kept, queries, service
from portal.reports.hiding import LEVELS
from portal.reports.models import QuarterNumbers
from portal.reports.page import told
from portal.reports.quarters import Quarter
from tests.diversion import referrals
from tests.reports import records
from tests.support import make
from tests.support.together import at_once

SUMMER = Quarter(2026, 3)


@pytest.fixture
def house(app, travel):
    centres = [make.centre(borough=borough) for borough in ("Camden", "Islington", "Lambeth")]
    return centres, make.kind("Time", *centres), make.staff("keyworker", *centres)


def filled(house, women: int = 90, seed: int = 1) -> list[int]:
    centres, kind, worker = house
    with unit_of_work():
        return records.fill(SUMMER, centres, kind, worker, women, seed=seed)


def figures_of(counts: counting.Counts, part: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for count in counts[part]:
        found[count.figure] = found.get(count.figure, 0) + count.times
    return found


def test_the_numbers_are_those_of_the_records(house):
    """Each figure again, by a plain question to the database."""
    filled(house)
    shown = service.counted(SUMMER, clock.now()).sections
    session.remove()
    accepted = session.scalar(select(func.count()).where(Referral.state == "accepted"))
    assert told(shown["referrals"]["all"], "decided", ["accepted"], 0) == accepted
    due = session.scalar(select(func.count(Appointment.id)))
    assert told(shown["sessions"]["all"], "session", ["held", "missed", "not_written"], 0) == due
    held = session.scalar(select(func.count()).where(Appointment.attendance.in_(("yes", "late"))))
    assert told(shown["sessions"]["all"], "session", ["held"], 0) == held
    service_reason = session.scalar(select(func.count()).where(Outcome.reason_class == "service"))
    assert told(shown["sessions"]["all"], "reason", ["service"], 0) == service_reason
    need = session.scalar(
        select(func.count(func.distinct(NeedAnswer.client_id))).where(
            NeedAnswer.pathway == "money", NeedAnswer.need.in_(("some", "high"))
        )
    )
    assert told(shown["needs"]["all"], "need_money", ["need"], 0) == need
    assert set(shown["referrals"]) == set(LEVELS)


def test_only_what_lies_in_the_quarter_in_london_counts(house):
    """R19: midnight in London, in summer an hour before midnight elsewhere."""
    _, kind, worker = house
    client = make.client(worker)
    for wall, inside in (
        ("2026-06-30 23:30", False),
        ("2026-07-01 00:30", True),
        ("2026-09-30 23:30", True),
        ("2026-10-01 00:30", False),
    ):
        on, at = wall.split()
        starts_at = clock.from_london(date.fromisoformat(on), time.fromisoformat(at))
        referrals.came(client, kind, starts_at)
        facts = queries.session_facts(SUMMER, queries.people())
        assert sum(fact.times for fact in facts) == inside, wall
        with unit_of_work():
            session.query(Appointment).delete()


def test_sessions_on_the_days_of_the_clock_change_count_in_their_quarter(house):
    _, kind, worker = house
    client = make.client(worker)
    for quarter, on in ((Quarter(2026, 1), date(2026, 3, 29)), (Quarter(2026, 4), date(2026, 10, 25))):
        referrals.came(client, kind, clock.from_london(on, time(1, 30)))
        assert sum(fact.times for fact in queries.session_facts(quarter, queries.people())) == 1


def test_joined_records_count_once_and_where_they_go_on(house):
    centres, _, worker = house
    with unit_of_work():
        ids = records.fill(SUMMER, centres[:1], house[1], worker, 12)
    before = figures_of(_referred(), "decided")
    with unit_of_work():
        session.get_one(Client, ids[0]).merged_into_id = ids[1]
        session.get_one(Client, ids[1]).centre_id = centres[2].id
    after = _referred()
    assert sum(figures_of(after, "decided").values()) == sum(before.values()) - 1
    assert {count.centre for count in after["decided"] if count.client == ids[1]} == {centres[2].id}


def _referred() -> counting.Counts:
    session.remove()
    return counting.referrals(counting.cohort(queries.referral_facts(SUMMER, queries.people())), clock.now())


def test_a_condition_counts_on_its_day_as_met_open_or_withdrawn(house):
    _, kind, worker = house
    day = date(2026, 8, 14)
    for sessions, withdrawn in ((2, False), (1, False), (0, True)):
        client = make.client(worker)
        row = referrals.referral(client, due_on=day, referred_on=day - timedelta(days=40))
        for number in range(sessions):
            referrals.came(client, kind, clock.from_london(day, time(10)) - timedelta(days=7 * number))
        if withdrawn:
            with unit_of_work():
                condition = session.query(Condition).filter_by(referral_id=row.id).one()
                condition.withdrawn_at, condition.withdrawn_why, condition.withdrawn_by = (
                    clock.now(),
                    "sender",
                    worker.id,
                )
    facts = queries.condition_facts(SUMMER, queries.people(), clock.now())
    assert figures_of(counting.conditions(facts), "condition") == {"met": 1, "open": 1, "withdrawn": 1}
    assert queries.condition_facts(SUMMER.next(), queries.people(), clock.now()) == []


def test_distance_counts_in_the_quarter_of_the_end(house):
    client, spring = make.client(house[2]), SUMMER.before()
    with unit_of_work():
        for moment, quarter, score in (("start", spring, 2), ("end", SUMMER, 4)):
            session.add(Rating(client_id=client.id, pathway="work", moment=moment, score=score, with_worker=True,
                               rated_at=quarter.starts_at + timedelta(days=9)))  # fmt: skip
    found = counting.distance(queries.rating_facts(SUMMER, queries.people()))
    assert figures_of(found, "way_work") == {"further": 1}
    assert queries.rating_facts(spring, queries.people()) == []


def test_a_quarter_that_is_not_settled_is_not_there(house, travel):
    filled(house)
    manager = make.staff("manager", house[0][0]).actor
    travel.to("2026-10-14 12:00")
    assert service.not_kept_yet(SUMMER, clock.now()) is None
    with pytest.raises(NotFound), unit_of_work():
        service.open_numbers(manager, SUMMER, None, saved=False, now=clock.now())
    assert session.scalars(select(QuarterNumbers)).all() == []


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "admin", "referrer"])
def test_nobody_but_a_manager_opens_them(house, role):
    actor: Actor = make.staff(role, house[0][0]).actor
    with pytest.raises(NotAllowed), unit_of_work():
        service.open_numbers(actor, SUMMER, service.not_kept_yet(SUMMER, clock.now()), saved=False, now=clock.now())


def test_of_two_who_look_first_at_once_both_see_the_same(either_database, house):
    filled(house)
    manager = make.staff("manager", house[0][0]).actor

    def look():
        fresh = service.not_kept_yet(SUMMER, clock.now())
        with unit_of_work():
            return service.open_numbers(manager, SUMMER, fresh, saved=False, now=clock.now())

    first, second = at_once(look, 2)
    session.remove()
    row = session.scalars(select(QuarterNumbers)).one()
    assert first == second == kept.from_json(row.numbers)
