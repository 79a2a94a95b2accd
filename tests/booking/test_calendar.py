"""Hours of single dates, one-off hours and bank holidays: every reader of when a centre is open says the same."""

from datetime import date, time, timedelta

import pytest

from portal.booking import diary_queries, offers, openings, service
from portal.booking.outside import outside
from portal.booking.rules import ClosedThatDay, SlotTaken
from portal.centres import bank_holidays, dated_hours, queries
from portal.centres.models import Closure, OpeningHours
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.staff import one_offs
from portal.staff.models import WorkingHours
from tests.booking import desk as at_desk
from tests.booking.desk import THURSDAY, book
from tests.support import make, sign_in
from tests.support.measures import statements

CHRISTMAS = date(2026, 12, 25)
SATURDAY = date(2026, 12, 5)


@pytest.fixture
def desk(either_database, app, travel):
    return at_desk.open_desk()


@pytest.fixture
def small_desk(app, travel):
    return at_desk.open_desk()


@pytest.fixture
def admin(small_desk):
    return make.staff("admin", first_name="Alex").actor


def opened(centre_id: int, on: date, *spans: tuple[int, int]) -> None:
    with unit_of_work():
        for opens, closes in spans:
            session.add(
                OpeningHours(
                    centre_id=centre_id, weekday=on.weekday(), local_from=time(opens), local_until=time(closes),
                    only_on=on,
                )
            )  # fmt: skip


def works(staff_id: int, centre_id: int, on: date, opens: int, closes: int) -> None:
    with unit_of_work():
        session.add(
            WorkingHours(
                staff_id=staff_id, centre_id=centre_id, weekday=on.weekday(), local_from=time(opens),
                local_until=time(closes), only_on=on,
            )
        )  # fmt: skip


def starts(desk, on: date, *, worker_id: int | None = None, one_day: bool = False) -> list[str]:
    """The London times that she is offered on a day, asked for four weeks or for that day alone."""
    session.rollback()
    at = offers.place(
        desk.client, desk.kind.id, desk.centre.id, worker_id=worker_id, by_staff=True, on=on if one_day else None
    ).with_starts_every(30)
    free = offers.free_times(at, now=clock.now(), from_on=on, days=1)
    return [f"{clock.london(each.starts_at):%H:%M}" for each in free]


def test_windows_of_a_date_replace_the_weekly_ones_for_offers_and_for_booking(desk):
    opened(desk.centre.id, THURSDAY, (10, 12), (14, 15))
    assert starts(desk, THURSDAY) == starts(desk, THURSDAY, one_day=True) == ["10:00", "10:30", "11:00", "14:00"]
    with pytest.raises(SlotTaken):
        book(desk, "12:30")
    assert book(desk, "14:00").id
    assert len(starts(desk, THURSDAY + timedelta(days=7))) > 10, "a week later the weekly hours hold"
    opened(desk.centre.id, SATURDAY, (10, 13))
    assert starts(desk, SATURDAY) == [], "nobody works then"
    works(desk.jo.id, desk.centre.id, SATURDAY, 11, 13)
    assert starts(desk, SATURDAY) == starts(desk, SATURDAY, one_day=True) == ["11:00", "11:30", "12:00"]
    assert book(desk, "11:00", SATURDAY).worker_id == desk.jo.id


def test_on_a_bank_holiday_a_centre_is_shut_unless_it_was_opened_on_purpose(desk, travel):
    assert starts(desk, CHRISTMAS) == []
    with pytest.raises(ClosedThatDay):
        book(desk, "10:00", CHRISTMAS)
    opened(desk.centre.id, CHRISTMAS, (10, 11))
    assert starts(desk, CHRISTMAS) == starts(desk, CHRISTMAS, one_day=True) == ["10:00"]
    assert book(desk, "10:00", CHRISTMAS).id
    with unit_of_work():
        session.add(Closure(centre_id=desk.centre.id, starts_on=CHRISTMAS, ends_on=CHRISTMAS))
    with pytest.raises(ClosedThatDay):
        book(desk, "10:00", CHRISTMAS, client=make.client(desk.jo))


def test_one_off_hours_replace_her_week_at_every_centre_and_nobody_elses(desk):
    other = make.centre()
    elsewhere = make.kind("Time with your worker", other)
    bea = make.staff("keyworker", desk.centre, other, first_name="Bea")
    works(bea.id, other.id, THURSDAY, 10, 11)
    assert starts(desk, THURSDAY, worker_id=bea.id) == [] == starts(desk, THURSDAY, worker_id=bea.id, one_day=True)
    assert len(starts(desk, THURSDAY, worker_id=desk.jo.id)) > 10
    with pytest.raises(SlotTaken):
        book(desk, "10:00", worker_id=bea.id)
    booked = book(desk, "10:00", worker_id=bea.id, kind_id=elsewhere.id, centre_id=other.id)
    assert booked.worker_id == bea.id
    assert len(starts(desk, THURSDAY + timedelta(days=1), worker_id=bea.id)) > 10


def test_who_comes_for_one_date_is_offered_at_that_centre_until_it_is_over(small_desk, travel):
    desk, guest = small_desk, make.staff("keyworker", first_name="Guest")
    works(guest.id, desk.centre.id, THURSDAY, 9, 11)
    assert starts(desk, THURSDAY, worker_id=guest.id) == ["09:00", "09:30", "10:00"]
    offered = [centre.id for centre in openings.centres_offering(desk.client.id, desk.kind.id, guest.id)]
    assert offered == [desk.centre.id] and guest.id in openings.workers_by_id()
    travel.to("2026-12-04 09:00")
    assert openings.centres_offering(desk.client.id, desk.kind.id, guest.id) == []
    assert guest.id not in openings.workers_by_id()


def many_dates(desk) -> None:
    """A month in which everything happens."""
    opened(desk.centre.id, THURSDAY, (10, 12))
    opened(desk.centre.id, SATURDAY, (9, 14))
    opened(desk.centre.id, date(2026, 12, 28), (9, 12), (13, 15))
    works(desk.jo.id, desk.centre.id, SATURDAY, 10, 12)
    works(desk.jo.id, desk.centre.id, date(2026, 12, 8), 12, 20)
    with unit_of_work():
        session.add(Closure(centre_id=desk.centre.id, starts_on=date(2026, 12, 10), ends_on=date(2026, 12, 12)))


@pytest.mark.parametrize("around", [date(2026, 12, 1), date(2027, 3, 24), date(2026, 10, 20)])
def test_free_times_diary_and_calendar_agree_on_every_day(desk, travel, around):
    """Across Christmas, Easter with the clock going forward, and the clock going back."""
    travel.to(f"{around} 06:00")
    many_dates(desk)
    for sunday in (date(2027, 3, 28), date(2026, 10, 25)):
        opened(desk.centre.id, sunday, (0, 4))
        works(desk.jo.id, desk.centre.id, sunday, 0, 4)
    session.rollback()
    diary = diary_queries.days(desk.jo.actor, desk.centre.id, around, 30, by="worker")
    calendar = queries.calendars([desk.centre.id], around)[desk.centre.id]
    seen_open = 0
    for day in diary:
        session.rollback()
        week = openings.week(desk.client.id, desk.centre.id, day.on)
        assert list(week.centre.on(day.on)) == list(calendar.on(day.on)), day.on
        assert day.is_open is bool(calendar.on(day.on)), day.on
        offered = starts(desk, day.on)
        assert offered == starts(desk, day.on, one_day=True), day.on
        free = {
            f"{clock.london(begins + timedelta(minutes=30 * step)):%H:%M}"
            for column in day.columns
            for begins, ends in column.free
            for step in range(48)
            if begins + timedelta(minutes=30 * step + desk.kind.minutes) <= ends
        }
        assert set(offered) <= free and bool(offered) == bool(free), day.on
        seen_open += day.is_open
    assert 15 < seen_open < 25


def test_it_all_takes_one_query_however_many_dates_there_are(small_desk, travel):
    jo, centre, client = small_desk.jo.id, small_desk.centre.id, small_desk.client.id
    counts = []
    for number in (0, 20):
        for step in range(number):
            opened(centre, SATURDAY + timedelta(weeks=step), (9, 12))
            works(jo, centre, SATURDAY + timedelta(weeks=step), 9, 12)
        session.rollback()
        with statements() as asked:
            openings.week(client, centre)
        counts.append(len(asked))
    assert counts == [1, 1]


def test_dates_that_are_over_are_not_read_again(small_desk, travel):
    desk = small_desk
    opened(desk.centre.id, THURSDAY, (9, 12))
    travel.to("2026-12-04 09:00")
    assert openings.week(desk.client.id, desk.centre.id).dated == {}
    assert list(openings.week(0, desk.centre.id, since=THURSDAY).centre.on(THURSDAY)) == [(time(9), time(12))]


def test_the_page_of_a_bank_holiday_says_that_we_are_closed(page_client, small_desk):
    desk = small_desk
    sign_in.as_client(page_client, desk.client)
    asked = {"kind": desk.kind.id, "centre": desk.centre.id, "starts_at": "2026-12-25T10:00:00Z"}
    page_client.get(f"/appointments/new?kind={desk.kind.id}&centre={desk.centre.id}")
    page = page_client.post("/appointments", {**asked, "request_key": "k1"})
    assert page.status == 409
    assert "We are closed that day" in page.text
    assert page.find_all("button", name="starts_at"), "the nearest times can be taken in one press"


def test_when_hours_get_shorter_whoever_is_booked_outside_is_shown_and_nobody_is_moved(page_client, small_desk, travel):
    desk = small_desk
    early, late = book(desk, "09:00"), book(desk, "15:00", client=make.client(desk.jo))
    late_id, early_id = late.id, early.id
    frances = make.staff("manager", desk.centre, first_name="Frances")
    sign_in.staff_at(page_client, frances, f"/staff/centres/{desk.centre.id}/dates")
    page_client.submit(f"/staff/centres/{desk.centre.id}/dates", on=f"{THURSDAY}", windows="9-12")
    page = page_client.page
    assert page.address == f"/staff/centres/{desk.centre.id}/dates/{THURSDAY}"
    assert "The centre is open 09:00-12:00." in page.text
    links = page.links().values()
    assert f"/staff/appointments/{late_id}" in links and f"/staff/appointments/{early_id}" not in links
    assert page_client.get(f"/staff/appointments/{late_id}").status == 200
    session.rollback()
    assert session.get_one(type(late), late_id).stands


def test_a_new_bank_holiday_names_everybody_booked_on_it_and_where_the_day_is_closed(page_client, small_desk, travel):
    desk = small_desk
    appointment_id = book(desk, "09:00").id
    frances = make.staff("manager", desk.centre, first_name="Frances")
    with unit_of_work():
        bank_holidays.add(frances.actor, THURSDAY, "Coronation", now=travel.now)
    sign_in.staff_at(page_client, frances, f"/staff/centres/{desk.centre.id}/dates/{THURSDAY}")
    page = page_client.page
    assert "The centre is closed. bank holiday" in page.text
    assert {f"/staff/appointments/{appointment_id}", "/staff/closing"} <= set(page.links().values())


def test_of_whom_somebody_must_not_know_nothing_is_listed_or_counted(small_desk, admin, travel):  # R29
    desk = small_desk
    book(desk, "15:00")
    sam = desk.reception.actor
    opened(desk.centre.id, THURSDAY, (9, 12))
    found = outside(sam, desk.centre.id, THURSDAY, travel.now)
    assert (len(found.listed), found.hidden) == (1, 0)
    # An admin sees no client of any centre, so she gets the number alone.
    found = outside(admin, desk.centre.id, THURSDAY, travel.now)
    assert (found.listed, found.hidden) == ([], 1)
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=sam.id, since_at=travel.now))
    found = outside(sam, desk.centre.id, THURSDAY, travel.now)
    assert (found.listed, found.hidden) == ([], 0)


def test_whoever_is_booked_outside_a_workers_one_off_hours_is_shown_too(small_desk, admin, travel):
    desk = small_desk
    late = book(desk, "15:00")
    with unit_of_work():
        one_offs.set_on(
            desk.jo.actor, desk.jo.id, desk.centre.id, THURSDAY, [(time(9), time(12))], now=travel.now
        )  # fmt: skip
    found = outside(desk.jo.actor, desk.centre.id, THURSDAY, travel.now)
    assert [one.appointment.id for one in found.listed] == [late.id]


def test_an_appointment_moves_away_from_a_day_that_became_a_bank_holiday(small_desk, admin, travel):
    desk = small_desk
    appointment = book(desk, "10:00")
    with unit_of_work():
        bank_holidays.add(admin, THURSDAY, "Coronation", now=travel.now)
    with unit_of_work():
        moved = service.change(
            desk.jo.actor, appointment.id, starts_at=make.london(THURSDAY + timedelta(days=1), "10:00"),
            request_key="k9", now=travel.now,
        )  # fmt: skip
    assert clock.london_today(moved.starts_at) == THURSDAY + timedelta(days=1)


def test_setting_the_hours_of_a_date_twice_keeps_the_second_and_leaves_the_week_alone(small_desk, admin, travel):
    desk = small_desk
    for spans in ([(time(9), time(10))], [(time(11), time(12)), (time(13), time(14))]):
        with unit_of_work():
            dated_hours.set_on(admin, desk.centre.id, THURSDAY, spans, now=travel.now)
    session.rollback()
    centre = queries.centre(desk.centre.id)
    assert centre.dated == {THURSDAY: [(time(11), time(12)), (time(13), time(14))]}
    assert len(centre.weekly) == 5
