"""Where the parts of plan and diversion meet: joined referrals, who gives her a keyworker, what closing leaves."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal.backoffice import centre_moves, closing, merging, transferring
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.clients.reach_models import OutsideRestriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, Stale
from portal.diversion import allocation, records
from portal.diversion.models import Referral
from portal.diversion.queries import report_for
from portal.partners import steps
from portal.plan import reviews
from portal.reports.quarters import Quarter
from portal.reports.queries import condition_facts, people
from portal.staff.models import Staff
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from portal.worklist.rules import FOR_MANAGERS
from portal.worklist.service import raise_task
from tests.backoffice import two_records
from tests.backoffice.test_closing import SEEN_TO
from tests.diversion import intake
from tests.diversion.intake import actor_of
from tests.partners import asked
from tests.plan import plans
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    centre, other = make.centre(), make.centre()
    return SimpleNamespace(
        centre=centre.id,
        other=other.id,
        jo=make.staff("keyworker", centre, first_name="Jo"),
        tess=make.staff("keyworker", other, first_name="Tess"),
        frances=make.staff("manager", centre, first_name="Frances"),
        dana=make.staff("referrer", first_name="Dana"),
    )


def referred(house, **values) -> SimpleNamespace:
    """The ids of a referral made just now, which outlast a session."""
    made = intake.refer(house.dana, house.centre, **values)
    return SimpleNamespace(id=made.id, client_id=made.client_id)


def join(house, kept_id: int, merged_id: int) -> None:
    with unit_of_work():
        merging.merge(actor_of(house.frances), kept_id, merged_id, now=clock.now())


def decline(house, referral_id: int, reason: str = "twice") -> None:
    with unit_of_work():
        allocation.decline(actor_of(house.frances), referral_id, reason=reason, now=clock.now())


def coming(house, client_id: int, at=None, **values) -> None:
    """A time with Jo, booked for her while she has no keyworker."""
    at, kind = at or make.london(make.monday(), "11:00"), make.kind()
    with unit_of_work():
        session.add(
            Appointment(
                client_id=client_id, kind_id=kind.id, centre_id=house.centre, worker_id=house.jo.id, starts_at=at,
                ends_at=at + timedelta(minutes=50), booked_by_kind="system", booked_by_id=0, booked_at=clock.now(),
                **values,
            )
        )  # fmt: skip


def shut(actor, client_id: int) -> None:
    with unit_of_work():
        closing.close_record(
            actor, client_id, reason="completed", checklist=SEEN_TO, appointments="", follow_up="no", now=clock.now()
        )


def open_kinds(client_id: int) -> list[str]:
    session.remove()
    return sorted(task.kind for task in session.query(Task).filter_by(client_id=client_id, closed_at=None))


def test_only_managers_have_the_task_of_finding_out_who_must_not_know(house):  # R29
    assert {"settle_must_not_know", "confirm_report"} <= set(FOR_MANAGERS)
    made = referred(house, must_not_know="later")
    session.rollback()
    assert [task.kind for task in open_tasks(actor_of(house.frances))] == ["settle_must_not_know"]
    assert open_tasks(actor_of(house.jo)) == []
    assert open_kinds(made.client_id) == ["settle_must_not_know"]


def test_of_two_joined_referrals_the_one_made_twice_is_declined_and_her_record_goes_on(house):
    first, twice = referred(house), referred(house, reference="REF-2")
    coming(house, first.client_id)
    join(house, first.client_id, twice.client_id)
    decline(house, twice.id)
    session.remove()
    client, row = session.get_one(Client, first.client_id), session.get_one(Referral, first.id)
    assert (client.state, row.state) == ("open", "received")
    assert row.said_contact is not None, "how she may be reached is still to be asked"
    assert session.query(Appointment).one().state == "booked"
    assert open_kinds(first.client_id) == ["new_referral"]
    assert session.get_one(Referral, twice.id).declined_reason == "twice"
    with pytest.raises(Invalid, match="has_appointment"):
        decline(house, first.id, "other_area")


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_a_referral_joined_to_a_woman_who_has_a_worker_is_answered_and_nothing_else_ends(house, page_client, answer):
    hers, twice = referred(house), referred(house, reference="REF-2")
    give(house, hers.client_id)
    join(house, hers.client_id, twice.client_id)
    page = sign_in.staff_at(page_client, session.get_one(Staff, house.jo.id), f"/staff/referrals/{twice.id}")
    assert "Decline and close" not in page.text
    typed = {"reason": "twice"} if answer == "decline" else {}
    page_client.submit(f"/staff/referrals/{twice.id}/{answer}", **typed)
    session.remove()
    assert session.get_one(Client, hers.client_id).state == "open"
    assert session.get_one(Referral, twice.id).state == {"accept": "accepted", "decline": "declined"}[answer]
    with pytest.raises(Stale):
        decline(house, hers.id)


def give(house, client_id: int) -> None:
    with unit_of_work():
        transferring.give_keyworker(
            actor_of(house.frances), client_id, from_id=None, to_id=house.jo.id, now=clock.now()
        )


def move(house, client_id: int) -> None:
    with unit_of_work():
        centre_moves.move(
            actor_of(house.jo), client_id, was=(house.centre, None), centre_id=house.other,
            keyworker_id=house.tess.id, to_move=(), now=clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize("get_one", [give, move])
def test_on_whatever_page_she_gets_her_keyworker_her_referral_is_accepted(house, get_one):
    made = referred(house)
    get_one(house, made.client_id)
    session.remove()
    row = session.get_one(Referral, made.id)
    assert row.state == "accepted" and row.allocated_at == clock.now()
    assert open_kinds(made.client_id) == ["first_contact", "record_safe_contact"]


def test_closing_never_drops_what_a_partner_or_who_leads_on_safeguarding_must_hear(house):
    client = make.client(house.jo)
    jo, client_id = actor_of(house.jo), client.id
    with unit_of_work():
        for kind in ("tell_partner", "marac_to_refer", "risk_high", "review_due"):
            raise_task(kind, now=clock.now(), client_id=client_id, owner_id=jo.id)
    shut(jo, client_id)
    assert open_kinds(client_id) == ["marac_to_refer", "risk_high", "tell_partner"]


def test_opened_again_the_review_that_is_due_is_a_task_again(house, travel):
    client = make.client(house.jo)
    jo, client_id = actor_of(house.jo), client.id
    plans.goal(client)
    plans.state(client)
    travel.forward(days=40)
    with unit_of_work():
        assert reviews.raise_due(clock.now()) == 1
    shut(jo, client_id)
    assert open_kinds(client_id) == []
    travel.forward(days=30)
    with unit_of_work():
        closing.reopen(jo, client_id, now=clock.now())
        reviews.raise_due(clock.now())
    assert open_kinds(client_id).count("review_due") == 1
    due = session.query(Task).filter_by(kind="review_due", closed_at=None).one().due_at
    assert due >= clock.now() + timedelta(days=1)


def test_who_came_to_her_first_time_has_been_contacted_without_another_press(house, travel):
    made = referred(house)
    coming(house, made.client_id, clock.now() + timedelta(hours=1), attendance="yes")
    coming(house, made.client_id, clock.now() - timedelta(days=1), attendance="yes")
    give(house, made.client_id)
    with unit_of_work():
        assert allocation.note_who_came(clock.now()) == 1
        assert allocation.note_who_came(clock.now()) == 0
    session.remove()
    row = session.get_one(Referral, made.id)
    assert (row.first_contact_at, row.first_contact_how) == (clock.now() + timedelta(hours=1), "she_came")
    assert row.first_contact_by is None
    assert "first_contact" not in open_kinds(made.client_id)


def test_who_has_not_come_is_still_to_be_contacted(house):
    made = referred(house)
    coming(house, made.client_id)
    coming(house, made.client_id, clock.now() + timedelta(hours=1), attendance="no")
    with unit_of_work():
        assert allocation.note_who_came(clock.now()) == 0


def test_a_time_before_the_new_day_of_her_release_is_somebody_s_task(house):
    day = make.monday()
    made = referred(house, source="prison", release_on=day)
    coming(house, made.client_id, make.london(day, "11:00"))
    coming(house, made.client_id, make.london(day + timedelta(days=14), "11:00"))
    for moved_by, open_now in ((0, 0), (7, 1), (9, 1)):
        with unit_of_work():
            allocation.move_release(
                actor_of(house.frances), made.id, release_on=day + timedelta(days=moved_by), days=3, now=clock.now()
            )
        assert open_kinds(made.client_id).count("before_release") == open_now


def test_the_page_before_joining_says_that_one_safety_plan_alone_is_shown_afterwards(app, travel, page_client):
    house = two_records.open_house()
    two_records.live(house.kept, contact=False)
    page = sign_in.staff_at(page_client, house.frances, f"/staff/clients/{house.kept.id}/merge/{house.merged.id}")
    assert "Both have a safety plan" not in page.text
    two_records.live(house.merged, day=1, contact=False)
    page = page_client.get(f"/staff/clients/{house.kept.id}/merge/{house.merged.id}")
    assert "Only the one that was written last is shown from then on" in page.text


def test_records_are_not_joined_while_a_partner_is_asked_that_must_not_know_of_one(app, travel):  # R29
    house = two_records.open_house()
    row = asked.sent(house.kept, "name", name="Bramble Advice")
    with unit_of_work():
        session.add(OutsideRestriction(client_id=house.merged.id, kind="partner", name="bramble  ADVICE",
                                       recorded_by=house.ana.id, since_at=clock.now()))  # fmt: skip
    for kept, merged in ((house.kept, house.merged), (house.merged, house.kept)):
        with pytest.raises(Invalid, match="partner_must_not_know"):
            join(house, kept.id, merged.id)
    with unit_of_work():
        steps.withdraw(house.jo.actor, row.id, now=clock.now())
    join(house, house.kept.id, house.merged.id)


def test_what_she_said_when_she_was_referred_goes_with_the_time_of_a_closed_record(house, travel):  # R33
    made = referred(house, must_not_know="somebody", names=("Somebody there",))
    decline(house, made.id, "not_reached")
    other = referred(house)
    give(house, other.client_id)
    shut(actor_of(house.jo), other.client_id)
    travel.forward(days=181)
    with unit_of_work():
        assert records.purge(clock.now(), dry_run=False)["referrals"] == 2
    session.remove()
    for one in session.query(Referral):
        assert (one.said_contact, one.said_number_index, one.said_must_not_know) == (None, None, None)


def test_nobody_asks_of_her_what_came_with_a_referral_that_was_declined(house):  # R31
    asked_of_her = {"sessions_needed": 2, "due_on": make.monday() + timedelta(days=60)}
    first, twice = referred(house, **asked_of_her), referred(house, reference="REF-2", **asked_of_her)
    join(house, first.client_id, twice.client_id)
    decline(house, twice.id)
    session.remove()
    (report,) = report_for(session.get_one(Client, first.client_id), clock.now())["reports"]
    assert report["reference"] == "REF-1"
    quarter = Quarter(2027, 1)
    assert len(condition_facts(quarter, people(), clock.now())) == 1


def test_first_contact_is_due_later_when_she_is_released_later(house):
    made = referred(house, source="prison", release_on=make.monday())
    give(house, made.client_id)
    with unit_of_work():
        allocation.move_release(
            actor_of(house.frances), made.id, release_on=make.monday() + timedelta(days=14), days=3, now=clock.now()
        )
    session.remove()
    task = session.query(Task).filter_by(kind="first_contact", closed_at=None).one()
    assert task.due_at == session.get_one(Referral, made.id).first_contact_due_at


def test_who_comes_back_is_found_among_the_closed(house, page_client):
    client = make.client(house.jo, called_name="Rosalind")
    address = f"/staff/clients/{client.id}"
    shut(actor_of(house.jo), client.id)
    page = sign_in.staff_at(page_client, session.get_one(Staff, house.jo.id), "/staff/clients")
    assert address not in page.links().values()
    page = page_client.get("/staff/clients?closed=1")
    assert page.links()["Rosalind"] == address
    assert f"{address}/closed" in page_client.get(address).links().values()
