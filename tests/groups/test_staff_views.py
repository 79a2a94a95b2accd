"""Groups at the desk: making one, members, the register, one row on board and diary, the write-up, closing a day."""

import pytest
from sqlalchemy import select

from portal.booking import cancelling
from portal.booking.feeds import worker_events
from portal.booking.models import Appointment, Outcome
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.groups import queries
from portal.groups.models import Course, GroupSession
from portal.messaging.models import Text
from portal.worklist.models import Task
from tests.groups import courses as at
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    house = at.open_house()
    house.mia = make.client(house.jo, house.centre, called_name="Mia")
    return house


@pytest.fixture
def desk(page_client, house):
    sign_in.as_staff(page_client, house.sam)
    return page_client


@pytest.fixture
def worker(page_client, house):
    sign_in.as_staff(page_client, house.jo)
    return page_client


@pytest.fixture
def joined(house):
    """A course with Rose and Mia in it; gives the ids of its sessions."""
    course = at.course(house)
    at.join(course, house.rose)
    at.join(course, house.mia)
    house.course_id = course.id
    shown = queries.staff_course(house.sam.actor, course.id, clock.now())
    return [one.id for one in shown.sessions]


def standing(client) -> list[Appointment]:
    session.expire_all()
    statement = select(Appointment).where(Appointment.client_id == client.id, Appointment.state == "booked")
    return list(session.scalars(statement.order_by(Appointment.starts_at)))


def asked(house, **values) -> dict:
    facts = {"kind": house.kind.id, "centre": house.centre.id, "worker": house.jo.id, "room": house.room.id,
             "places": "6", "first_on": "2026-12-03", "local_at": "10:00", "every_weeks": "1",
             "times": "3"}  # fmt: skip
    return facts | values


def test_reception_makes_a_group_and_sees_beforehand_which_dates_cannot_be_had(desk, house):
    at.talk(house, at.THURSDAY, "10:30", worker=house.jo)
    page = desk.get("/staff/today")
    page = desk.get(page.links()["Groups"])
    desk.get(page.links()["Make a group"])
    page = desk.submit("/staff/groups/new", **asked(house))
    assert "Thu 3 Dec, 10:00: cannot be had, the worker is taken" in page.text
    assert session.scalars(select(Course)).all() == [], "seeing the dates holds nothing"
    page = desk.submit("/staff/groups/new", press=("make", "1"))
    assert page.h1.startswith("Group")
    assert len(session.scalars(select(GroupSession)).all()) == 2
    assert "0 of 6 taken" in desk.get("/staff/groups").text


def test_faults_of_a_new_group_are_said_at_their_field(desk, house):
    for wrong, words in (
        ({"places": "0"}, "from 1 to 60"),
        ({"first_on": "2026-12-05", "times": "1"}, "None of these dates can be had"),
        ({"first_on": "2020-01-01", "times": "1"}, "Choose a day to come"),
        ({"first_on": "0001-01-01"}, "Choose a day to come"),
        ({"room": ""}, "needs a room"),
        ({"worker": str(house.sam.id)}, "does not work at that centre"),
        ({"kind": str(house.talk.id)}, "does not offer this group"),
    ):
        desk.get("/staff/groups/new")
        page = desk.submit("/staff/groups/new", **asked(house, **wrong))
        assert (page.status, words in page.text) == (422, True), words
        assert "Make it of the dates" not in page.text
    assert session.scalars(select(Course)).all() == []


def test_a_woman_is_found_put_in_taken_out_and_back(desk, house):
    course = at.course(house)
    at.talk(house, at.THURSDAY, "10:00", worker=make.staff("keyworker", house.centre, first_name="Ana"))
    desk.get(f"/staff/groups/{course.id}")
    page = desk.submit(f"/staff/groups/{course.id}/find", name=house.rose.code_name)
    page = desk.get(page.links()["Rose"])
    assert "Thu 3 Dec" in page.text
    page = desk.submit(press=("course", str(course.id)))
    assert "She cannot come on Thu 3 Dec." in page.html
    assert len(standing(house.rose)) == 3
    desk.get(f"/staff/groups/{course.id}/members/{house.rose.id}/out")
    page = desk.submit(reason="")
    assert (page.status, "Say why." in page.text) == (422, True)
    page = desk.submit(reason="Moved away")
    assert "Leaves" in page.text
    assert len(standing(house.rose)) == 1
    desk.submit(f"/staff/groups/{course.id}/members/{house.rose.id}/back")
    assert len(standing(house.rose)) == 3


def test_a_full_group_is_said_to_staff(desk, house):
    course = at.course(house, places=1)
    at.join(course, house.mia)
    at.talk(house, at.THURSDAY, "14:00", worker=house.jo)
    assert "This group is full." in desk.get(f"/staff/clients/{house.rose.id}/groups").text
    page = desk.post(f"/staff/clients/{house.rose.id}/groups", {"course": course.id, "request_key": "k1"})
    assert (page.status, "This group is full." in page.text) == (409, True)


def test_the_board_shows_a_group_as_one_row_and_the_register_marks_each_woman(desk, house, joined, travel):
    at.later(travel, "2026-12-03 09:55")
    board = desk.get("/staff/today")
    assert "0 of 2 here" in board.text
    assert "Rose" not in board.text and "Mia" not in board.text
    page = desk.get(board.links()["Register"])
    assert page.text.index("Mia") < page.text.index("Rose")
    mia = standing(house.mia)[0].id
    page = desk.submit(f"/staff/appointments/{mia}/attendance", press=("attendance", "arrived"))
    assert page.h1 == "Register" and "1 of 2 here" in page.text
    at.later(travel, "2026-12-03 10:20")
    rose = standing(house.rose)[0].id
    desk.get(f"/staff/groups/sessions/{joined[0]}")
    page = desk.submit(f"/staff/appointments/{rose}/attendance", press=("attendance", "late"))
    assert "2 of 2 here" in page.text and "Came late" in page.text
    assert "2 of 2 here" in desk.get("/staff/today").text
    assert [one.attendance for one in (standing(house.rose)[0], standing(house.mia)[0])] == ["late", ""]


def test_reception_reads_neither_what_the_group_is_nor_names_that_are_hidden(desk, house, joined):  # R28
    for address in (f"/staff/groups/sessions/{joined[0]}", "/staff/today?day=2026-12-03", "/staff/diary?on=2026-12-03"):
        assert "Cooking" not in desk.get(address).text
    for address in (f"/staff/groups/sessions/{joined[0]}?hide=1", f"/staff/groups/{house.course_id}?hide=1"):
        page = desk.get(address)
        assert "Rose" not in page.html and "Mia" not in page.html
    assert "Rose" in desk.get(f"/staff/groups/sessions/{joined[0]}").text
    assert "Rose" not in desk.get(f"/staff/groups/sessions/{joined[2]}").text, "more than 7 days ahead"


def test_the_diary_shows_a_group_once_by_worker_and_by_room(worker, house, joined):
    for by in ("worker", "room"):
        for view in ("day", "week"):
            page = worker.get(f"/staff/diary?on=2026-12-03&by={by}&view={view}")
            assert page.text.count("Group: Cooking") == 1
            assert "0 of 2 here" in page.text
            assert "Rose" not in page.text


def test_an_empty_group_still_stands_in_the_diary(worker, house):
    at.course(house)
    assert "0 of 0 here" in worker.get("/staff/diary?on=2026-12-03").text


def test_who_must_not_know_of_a_woman_sees_a_smaller_group(page_client, house, joined):  # R29
    ana = make.staff("keyworker", house.centre, first_name="Ana")
    with unit_of_work():
        session.add(Restriction(client_id=house.rose.id, staff_id=ana.id, since_at=clock.now()))
    sign_in.as_staff(page_client, ana)
    page = page_client.get(f"/staff/groups/{house.course_id}")
    assert "1 of 5 places taken" in page.text and "Rose" not in page.html
    page = page_client.submit(f"/staff/groups/{house.course_id}/places", places="5")
    assert session.get(Course, house.course_id, populate_existing=True).places == 6
    page = page_client.get(f"/staff/groups/sessions/{joined[0]}")
    assert "0 of 1 here" in page.text and "Rose" not in page.html
    assert "0 of 1 here" in page_client.get("/staff/diary?on=2026-12-03").text


def test_the_feed_has_one_neutral_event_for_a_group(house, joined):
    assert [event.title for event in worker_events(house.jo.id, clock.now())] == ["Booked"] * 3


def test_the_worker_writes_up_the_whole_group_on_one_page(worker, house, joined, travel):
    at.later(travel, "2026-12-03 12:00")
    rose, mia = standing(house.rose)[0].id, standing(house.mia)[0].id
    page = worker.get("/staff/outcomes")
    page = worker.get(page.links()["The group"])
    address = f"/staff/groups/sessions/{joined[0]}/outcomes"
    page = worker.submit(address, **{f"attendance-{rose}": "yes", f"attendance-{mia}": "no"})
    assert (page.status, "Say whose reason it was." in page.text) == (422, True)
    assert session.scalars(select(Outcome)).all() == [], "all of it or nothing"
    answers = {f"attendance-{rose}": "yes", f"attendance-{mia}": "no", f"reason_class-{mia}": "service"}
    page = worker.submit(address, **answers, **{f"offered-{mia}": "a_call"})
    assert page.h1 == "Register"
    kept = {one.client_id: (one.happened, one.reason_class) for one in session.scalars(select(Outcome))}
    assert kept == {house.rose.id: (True, ""), house.mia.id: (False, "service")}
    assert "Every past appointment has its outcome." in worker.get("/staff/outcomes").text


def test_without_a_reminder_the_reason_can_only_be_ours(worker, house, joined, travel):  # R46
    at.later(travel, "2026-12-03 12:00")
    mia = standing(house.mia)[0].id
    address = f"/staff/groups/sessions/{joined[0]}/outcomes"
    page = worker.get(address)
    assert "Hers, no reason known" not in page.text
    token = page.field("request_key")
    fields = {f"attendance-{mia}": "no", f"reason_class-{mia}": "hers_not", f"offered-{mia}": "a_call"}
    page = worker.post(address, fields | {"request_key": token})
    assert (page.status, "so the reason is ours" in page.text) == (422, True)


def test_a_session_is_cancelled_on_its_page_and_the_list_says_whom_to_ring(desk, house, joined):
    make.safe_contact(house.rose)
    desk.get(f"/staff/groups/sessions/{joined[0]}/cancel")
    page = desk.submit(reason="")
    assert page.status == 422
    page = desk.submit(reason="No heating")
    assert page.h1 == "Whom a group's change hits"
    assert "A text goes" in page.text and "Ring her" in page.text
    assert len(standing(house.rose)) == 2
    assert "Cancelled" in desk.get(f"/staff/groups/sessions/{joined[0]}").text
    assert "a group with Jo" in desk.get("/staff/closing").text


def test_a_session_moves_on_its_page_and_to_no_time_that_is_taken(desk, house, joined):
    at.talk(house, at.THURSDAY, "15:00", worker=house.jo)
    desk.get(f"/staff/groups/sessions/{joined[0]}/move")
    page = desk.submit(first_on="2026-12-03", local_at="15:00")
    assert (page.status, "is taken then" in page.text) == (422, True)
    page = desk.submit(first_on="2026-12-05", local_at="15:00")
    assert (page.status, "closed then" in page.text) == (422, True)
    desk.submit(first_on="2026-12-04", local_at="15:00")
    assert f"{clock.london(standing(house.mia)[0].starts_at):%d %H:%M}" == "04 15:00"


def test_a_colleague_stands_in_on_the_page(desk, house, joined):
    ana = make.staff("keyworker", house.centre, first_name="Ana")
    desk.get(f"/staff/groups/sessions/{joined[0]}/give")
    page = desk.submit(worker=str(ana.id))
    assert "with Ana" in page.text
    assert standing(house.mia)[0].worker_id == ana.id
    assert "with Ana" in desk.get(f"/staff/groups/{house.course_id}").text


def test_a_group_ends_on_its_page(desk, house, joined):
    desk.get(f"/staff/groups/{house.course_id}/end")
    desk.submit(reason="Jo leaves")
    assert standing(house.rose) == standing(house.mia) == []
    assert house.course_id not in [one.course.id for one in queries.offered(house.rose, clock.now())]
    assert "There is no group yet." in desk.get("/staff/groups").text
    assert "Cooking" in desk.get("/staff/groups?over=1").text


def test_places_and_further_dates_on_the_page(desk, house, joined):
    address = f"/staff/groups/{house.course_id}"
    desk.get(address)
    page = desk.submit(f"{address}/places", places="1")
    assert (page.status, "2 places are taken" in page.text) == (422, True)
    desk.get(address)
    desk.submit(f"{address}/places", places="2")
    desk.get(address)
    page = desk.submit(f"{address}/dates", first_on="2026-12-03", local_at="10:00")
    assert page.status == 422
    desk.get(address)
    desk.submit(f"{address}/dates", first_on="2026-12-04", local_at="14:00")
    assert len(standing(house.mia)) == 4


def test_a_woman_who_cancelled_one_time_comes_after_all(desk, house, joined):
    with unit_of_work():
        cancelling.cancel(house.sam.actor, standing(house.mia)[0].id, reason="ill", now=clock.now())
    at.settle()
    page = desk.get(f"/staff/groups/sessions/{joined[0]}")
    assert "0 of 1 here" in page.text
    page = desk.submit(f"/staff/groups/sessions/{joined[0]}/members/{house.mia.id}")
    assert "0 of 2 here" in page.text


def test_reception_puts_her_into_a_group_but_does_not_read_what_those_are_that_she_is_in(desk, house):  # R28
    course = at.course(house)
    address = f"/staff/clients/{house.rose.id}/groups"
    at.talk(house, at.THURSDAY, "15:00", worker=house.jo)
    assert "Cooking" in desk.get(address).text
    at.join(course, house.rose)
    page = desk.get(address).text
    assert "She is in" in page
    assert "Cooking" not in page


def test_reception_does_not_read_for_ever_who_was_in_a_group_that_is_over(desk, house, joined, travel):  # R28
    address = f"/staff/groups/{house.course_id}"
    at.later(travel, "2026-12-22 10:00")
    assert "Mia" in desk.get(address).text
    at.later(travel, "2026-12-30 10:00")
    assert "Mia" not in desk.get(address).text


def test_closing_a_day_names_its_groups_and_is_settled_on_their_pages(desk, house, joined):
    desk.get("/staff/closing")
    page = desk.submit("/staff/closing", centre=str(house.centre.id), worker_id="", on="2026-12-03")
    assert "Groups on this day" in page.text and "2 booked" in page.text
    assert "Nobody else was booked" in page.text
    closed = page.address
    page = desk.get(f"/staff/groups/sessions/{joined[0]}/cancel")
    page = desk.submit(reason="Flood")
    assert page.address == closed
    assert "Groups on this day" not in page.text
    assert "Mia" in page.text and "Rose" in page.text
    rung = session.scalars(select(Task.client_id).where(Task.kind == "ring_about_closing")).all()
    assert sorted(rung) == sorted([house.rose.id, house.mia.id])


def test_pages_of_another_centre_are_not_there(page_client, house, joined):
    sign_in.as_staff(page_client, make.staff("receptionist", make.centre(), works=False))
    for address in (f"/staff/groups/{house.course_id}", f"/staff/groups/sessions/{joined[0]}", "/staff/groups/0",
                    f"/staff/groups/sessions/{joined[0]}/cancel", f"/staff/groups/{2**31}"):  # fmt: skip
        assert page_client.get(address).status == 404


def test_an_appointment_of_a_group_is_moved_nowhere_alone(desk, house, joined):
    mia = standing(house.mia)[0].id
    assert desk.get(f"/staff/appointments/{mia}/change").status == 409
    page = desk.get(f"/staff/appointments/{mia}")
    assert "She cannot come this time" in page.text and "Move" not in page.links()
    page = desk.post(
        f"/staff/appointments/{mia}/move", {"to": f"{house.jo.id}@2026-12-03T15:00:00Z", "request_key": "k"}
    )
    assert page.status == 409
    assert session.scalars(select(Text.kind).where(Text.client_id == house.mia.id)).all() == ["appointment_booked"]
