"""What gets free is offered to one woman at a time, fairest first, held for her, and told in her way."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from portal.audit.models import AuditEntry
from portal.booking.models import Appointment
from portal.booking.rules import SlotTaken
from portal.centres.models import Room
from portal.clients.models import AvoidedWorker, BookingNeeds, Client, KeptApart
from portal.core import clock, database
from portal.core.access import SYSTEM
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, Stale
from portal.messaging import outbox
from portal.messaging.models import Text
from portal.waiting import ending, offering, turns
from portal.waiting.models import Offer
from portal.worklist.models import Task
from tests.booking.desk import book, own
from tests.diversion import referrals
from tests.support import make
from tests.waiting import house as h


@pytest.fixture
def house(either_database, app, travel):
    return h.full_house(travel)


def test_a_freed_time_goes_to_one_woman_at_a_time_who_waited_longest_first(house):
    rose, lily = h.woman(house), h.woman(house)
    h.waits(rose, house)
    house.travel.forward(minutes=5)
    h.waits(lily, house)
    h.beat()
    assert h.offers() == [], "nothing is free"
    h.freed(house.tomorrow[14])
    h.beat()
    h.beat()
    assert h.offers() == [("Wed 14:00", "open")]
    assert h.held(rose)
    h.decline(own(rose), h.held(rose))
    h.beat()
    assert h.offers(lily) == [("Wed 14:00", "open")]
    assert h.offers(rose) == [("Wed 14:00", "declined")], "not offered to her again"


def test_needed_for_a_condition_comes_first(house):
    rose, lily, iris = (h.woman(house) for _ in range(3))
    for woman in (rose, lily, iris):
        h.waits(woman, house)
        house.travel.forward(minutes=5)
    referrals.referral(iris)
    referrals.referral(lily, due_on=h.TUESDAY - timedelta(days=1))
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.held(iris), "hers is open; Lily's is over, and Rose only waited longest"


def test_the_held_time_can_be_booked_by_nobody_else(house):
    rose = h.woman(house)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    with pytest.raises(SlotTaken):
        book(house, "14:00", h.WEDNESDAY, client=make.client(house.jo, house.centre), actor=house.jo.actor)
    assert h.overlaps() == 0


def test_she_is_told_by_text_and_the_text_knows_how_long_it_is_of_use(house):
    rose = h.woman(house)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    offer = h.held(rose)
    text = session.scalars(select(Text).where(Text.client_id == rose.id)).one()
    assert (text.kind, text.state, text.subject) == ("offer", "waiting", f"offer:{offer.id}")
    assert text.not_after_at < offer.lapses_at <= offer.starts_at - timedelta(hours=1)
    assert h.tasks_about(rose) == []


def test_outside_her_hours_the_text_waits_and_the_offer_stands_until_she_could_see_it(house):  # R19
    evenings = [{"day": day, "from": "18:00", "to": "19:00"} for day in range(7)]
    rose = h.woman(house, safe_hours=evenings)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    offer = h.held(rose)
    text = session.scalars(select(Text).where(Text.client_id == rose.id)).one()
    assert f"{clock.london(text.send_at):%a %H:%M}" == "Tue 18:00"
    assert f"{clock.london(offer.lapses_at):%a %H:%M}" == "Tue 19:00"


def test_what_could_not_stand_within_her_hours_is_not_offered(house):
    rose = h.woman(house, safe_hours=[{"day": 1, "from": "18:00", "to": "19:00"}], may_ring=False)
    h.waits(rose, house)
    h.freed(house.today[16])
    h.beat()
    assert h.offers() == []


@pytest.mark.parametrize("contact", [None, {"may_text": False}, {"proved_at": None}])
def test_without_a_text_a_person_gets_the_task_with_the_time_in_it(house, contact):  # R18
    rose = make.client(house.jo, house.centre)
    if contact is not None:
        make.safe_contact(rose, **contact)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.offers(rose) == [("Wed 14:00", "open")]
    assert h.texts(rose) == []
    task = session.scalars(select(Task).where(Task.client_id == rose.id)).one()
    assert (task.kind, task.owner_id, task.note) == ("offer_time", house.jo.id, "Wednesday 2 December, 14:00.")
    local = clock.london(h.held(rose).lapses_at)
    assert local.weekday() < 5
    assert 9 <= local.hour <= 17, "it counts while people work"


def test_nothing_is_offered_while_a_contact_may_have_put_her_at_risk(house):  # R47
    rose = h.woman(house, stopped_at=clock.now())
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.offers() == []


def test_three_offers_in_seven_days_and_no_more(house):
    rose = h.woman(house)
    h.waits(rose, house)
    for hour in (11, 12, 13, 14):
        h.freed(house.tomorrow[hour])
        h.beat()
        if h.held(rose):
            h.decline(own(rose), h.held(rose))
    assert [state for _, state in h.offers(rose)] == ["declined"] * 3
    assert not turns.in_turn(clock.now() + timedelta(days=6))
    wait = h.waits_of(rose)[0]
    with pytest.raises(Invalid), unit_of_work():
        offering.offer_by_hand(house.jo.actor, wait.id, starts_at=make.london(h.WEDNESDAY, "14:00"), now=clock.now())


def test_what_was_withdrawn_after_she_was_told_is_one_of_her_three(house):
    rose = h.woman(house)
    h.waits(rose, house)
    for hour in (11, 12, 13, 14):
        h.freed(house.tomorrow[hour])
        h.beat()
        offer = h.held(rose)
        if offer is not None:
            with unit_of_work():
                session.execute(update(Text).values(state="handed_over"))
                ending.withdraw(session.get(Offer, offer.id), actor=SYSTEM, now=clock.now())
    assert [kind for kind, _ in h.texts(rose)] == ["offer"] * 3


def test_one_offer_at_a_time_for_a_woman_on_two_lists(house):
    other = make.kind("Help with letters", house.centre, furthest_days=1)
    rose = h.woman(house)
    h.waits(rose, house)
    h.waits(rose, house, kind_id=other.id)
    h.freed(house.tomorrow[13])
    h.freed(house.tomorrow[14])
    h.beat()
    h.beat()
    assert len(h.offers(rose)) == 1


def test_what_booking_honours_is_honoured(house):  # R29, R43
    avoiding, apart, on_wheels = (h.woman(house) for _ in range(3))
    neighbour = book_of(house, 15)
    with unit_of_work():
        session.add(AvoidedWorker(client_id=avoiding.id, staff_id=house.jo.id))
        ids = sorted((apart.id, neighbour))
        session.add(KeptApart(one_id=ids[0], other_id=ids[1]))
        session.add(BookingNeeds(client_id=on_wheels.id, step_free=True, recorded_by=house.jo.id,
                                 recorded_at=clock.now()))  # fmt: skip
    for woman in (avoiding, apart, on_wheels):
        h.waits(woman, house)
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.offers() == []
    with unit_of_work():
        for room in session.scalars(select(Room)):
            room.step_free = True
    h.beat()
    assert h.offers(on_wheels) == [("Wed 14:00", "open")]


def book_of(house, hour: int) -> int:
    return session.scalar(select(Appointment.client_id).where(Appointment.id == house.tomorrow[hour].id))


def test_only_what_suits_her(house):
    rose = h.woman(house)
    h.waits(rose, house, suits="morning")
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.offers() == []
    h.freed(house.tomorrow[11])
    h.beat()
    assert h.offers(rose) == [("Wed 11:00", "open")]


def test_sooner_is_offered_only_where_it_is_usefully_sooner_with_her_own_worker(house):
    rose = h.woman(house)
    hers = book(house, "10:00", h.WEDNESDAY + timedelta(days=1), client=rose, actor=house.jo.actor)
    h.wants_sooner(rose, hers)
    h.freed(house.tomorrow[14])
    h.beat()
    assert h.offers() == [], "twenty hours sooner are not worth a change"
    h.freed(house.tomorrow[9])
    h.beat()
    assert h.offers(rose) == [("Wed 09:00", "open")]


def test_nobody_waits_then_a_beat_asks_one_question(house):
    asked = []
    engine = database.engine()
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    h.beat()
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) == 1


def test_many_who_wait_for_what_is_full_cost_few_questions(house):
    for _ in range(12):
        h.waits(h.woman(house), house)
    asked = []
    event.listen(database.engine(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    h.beat()
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) <= 14


def test_a_restart_between_holding_and_telling_leaves_nothing_half_done(house, monkeypatch):
    rose = h.woman(house)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    queue = outbox.queue
    monkeypatch.setattr(outbox, "queue", lambda *args, **values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        h.beat()
    assert h.offers() == []
    monkeypatch.setattr(outbox, "queue", queue)
    h.beat()
    assert h.offers(rose) == [("Wed 14:00", "open")]
    assert h.texts(rose) == [("offer", "waiting")]


def test_by_hand_a_time_is_held_for_half_an_hour_and_nothing_is_sent(house):
    rose = h.woman(house)
    wait = h.waits(rose, house)
    h.freed(house.tomorrow[14])
    starts_at = make.london(h.WEDNESDAY, "14:00")
    with unit_of_work():
        offer = offering.offer_by_hand(house.jo.actor, wait.id, starts_at=starts_at, now=clock.now())
    assert offer.lapses_at - clock.now() == timedelta(minutes=30)
    assert h.texts(rose) == h.tasks_about(rose) == []
    with pytest.raises(Stale), unit_of_work():
        offering.offer_by_hand(house.jo.actor, wait.id, starts_at=starts_at, now=clock.now())


def test_every_step_is_written_down(house):
    rose = h.woman(house)
    h.waits(rose, house)
    h.freed(house.tomorrow[14])
    h.beat()
    h.decline(own(rose), h.held(rose))
    session.rollback()
    log = session.scalars(select(AuditEntry.action).where(AuditEntry.client_id == rose.id).order_by(AuditEntry.id))
    assert [action for action in log if "offer" in action or "wait" in action] == [
        "wait_added", "time_offered", "offer_declined",
    ]  # fmt: skip
    assert session.scalar(select(Client.state).where(Client.id == rose.id)) == "open"
    assert session.scalars(select(Offer.answered_by_kind)).all() == ["client"]
