"""England's bank holidays: the list that comes with the database, filled by the worker, corrected by staff."""

import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from portal.audit.models import AuditEntry
from portal.centres import bank_holidays, england
from portal.centres.models import bank_holidays as table
from portal.core import clock, database
from portal.core.access import SYSTEM, Actor, Role
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.jobs import migrations, tasks, warnings
from tests.support import make, sign_in

ADMIN = Actor("staff", 1, Role.ADMIN)


@pytest.fixture
def admin(page_client, travel):
    sign_in.staff_at(page_client, make.staff("admin", first_name="Alex"), "/staff/centres/bank-holidays")
    return page_client


def listed() -> list[date]:
    session.rollback()
    return list(session.scalars(select(table.c.on).order_by(table.c.on)))


def actions() -> set[str]:
    session.rollback()
    return set(session.scalars(select(AuditEntry.action)))


def shorten(until: date) -> None:
    with unit_of_work():
        session.execute(delete(table).where(table.c.on > until))


def test_the_list_that_comes_with_the_database_is_that_of_the_package(app):
    migration = Path(migrations.FOLDER) / "versions" / "0006_calendar.py"
    spec = importlib.util.spec_from_file_location("calendar_migration", migration)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert list(module.BANK_HOLIDAYS) == england.bank_holidays(2026, 2029)
    assert [f"{on}" for on in listed()] == [on for on, _ in module.BANK_HOLIDAYS]


@pytest.mark.parametrize(
    ("now", "until"),
    [("2028-11-20 10:00", 2029), ("2028-12-01 10:00", 2031), ("2029-12-31 23:30", 2032), ("2035-06-01 09:00", 2038)],
)
def test_the_worker_fills_three_years_ahead_as_soon_as_13_months_are_left(either_database, app, travel, now, until):
    travel.to(now)
    before = listed()
    tasks.fill_bank_holidays()
    after = listed()
    assert after[-1].year == until and set(before) <= set(after)
    tasks.fill_bank_holidays()
    assert listed() == after, "a second time changes nothing"
    for year in range(max(2030, clock.london_today(travel.now).year), until + 1):
        assert date(year, 12, 25) in after and len([on for on in after if on.year == year]) >= 8


def test_two_workers_at_once_fill_it_once(either_database, app, travel):
    travel.to("2029-06-01 10:00")

    def fill(_) -> None:
        try:
            tasks.fill_bank_holidays()
        finally:
            database.session.remove()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(fill, range(2)))
    found = listed()
    assert found[-1] == date(2032, 12, 27) or found[-1].year == 2032
    assert len(found) == len(set(found))


def test_what_staff_took_off_the_list_does_not_come_back(app, travel):
    travel.to("2028-12-20 10:00")
    with unit_of_work():
        bank_holidays.remove(ADMIN, date(2029, 5, 7), now=travel.now)
    tasks.fill_bank_holidays()
    assert date(2029, 5, 7) not in listed() and date(2031, 12, 25) in listed()


def test_a_far_day_that_staff_added_does_not_hide_that_the_list_ends(app, travel):
    with unit_of_work():
        bank_holidays.add(ADMIN, date(2035, 6, 1), "Jubilee", now=travel.now)
    travel.to("2029-11-01 10:00")
    assert bank_holidays.ends_soon(bank_holidays.filled_until(), date(2029, 11, 1))
    tasks.fill_bank_holidays()
    assert date(2032, 12, 25) in listed() and date(2035, 6, 1) in listed()


def test_filling_never_loads_the_package_into_the_process_that_asks(environ):
    """The worker's limit is 75 MB, and the package would stay."""
    asking = (
        "import sys; from portal.centres.bank_holidays import of_england;"
        "assert len(of_england(range(2030, 2031))) >= 8; assert 'holidays' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_where_the_package_cannot_answer_nothing_changes_and_staff_are_told(admin, travel, monkeypatch):
    shorten(date(2026, 12, 31))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(bank_holidays.CannotRead):
        bank_holidays.of_england(range(2027, 2028))
    page = admin.get("/staff/centres/bank-holidays")
    assert "The list ends on Monday 28 December 2026. Fill it" in page.text
    admin.submit("/staff/centres/bank-holidays/fill")
    assert "could not be filled" in admin.page.html
    assert listed()[-1] == date(2026, 12, 28)


def test_staff_fill_it_with_a_button(admin, travel):
    shorten(date(2026, 12, 31))
    admin.get("/staff/centres/bank-holidays")
    admin.submit("/staff/centres/bank-holidays/fill")
    assert "Filled until the end of 2029." in admin.page.html
    assert listed()[-1] == date(2029, 12, 26) and "bank_holidays_filled" in actions()
    admin.submit("/staff/centres/bank-holidays/fill")
    assert "Nothing to fill" in admin.page.html


def test_a_single_one_is_added_once_and_taken_off(admin, travel):
    make.centre("Example House")
    admin.get("/staff/centres/bank-holidays")
    fields = {"on": "2027-05-10", "name": "  A <coronation> ", "request_key": admin.page.field("request_key")}
    for _ in range(2):
        assert admin.post("/staff/centres/bank-holidays", fields).status == 303
    page = admin.get("/staff/centres/bank-holidays")
    for words in ("Monday 10 May 2027", "A &lt;coronation&gt;", "added here"):
        assert page.html.count(words) >= 1, words
    assert date(2027, 5, 10) in listed() and "bank_holiday_added" in actions()
    admin.submit("/staff/centres/bank-holidays/2027-05-10/remove")
    assert date(2027, 5, 10) not in listed() and "bank_holiday_removed" in actions()
    for on in ("2027-05-10", "9999-12-31", "0001-01-01", "monday"):
        assert admin.post(f"/staff/centres/bank-holidays/{on}/remove").status == 404, on
    assert admin.post("/staff/centres/bank-holidays/tomorrow/remove").status == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"on": "2026-11-30", "name": "Yesterday"}, "Choose today or a day to come."),
        ({"on": "2026-12-25", "name": "Again"}, "This day is a bank holiday already."),
        ({"on": "2027-02-30", "name": "Never"}, "Not a valid date"),
        ({"on": "2027-05-10", "name": "  "}, "Fill this in."),
        ({"on": "2027-05-10", "name": "x" * 10000}, "Write at most 60 letters."),
    ],
)
def test_one_that_cannot_be_is_refused(admin, typed, words):
    before = listed()
    admin.get("/staff/centres/bank-holidays")
    page = admin.submit("/staff/centres/bank-holidays", **typed)
    assert (page.status, listed()) == (422, before)
    assert words in page.text


def test_only_who_manages_centres_may(app, travel, new_page_client):
    jo = make.staff("keyworker", make.centre())
    browser, actor = new_page_client(), jo.actor
    sign_in.as_staff(browser, jo)
    assert browser.get("/staff/centres/bank-holidays").status == 403
    for refused in (
        lambda: bank_holidays.add(actor, date(2027, 5, 10), "No", now=travel.now),
        lambda: bank_holidays.remove(actor, date(2026, 12, 25), now=travel.now),
        lambda: bank_holidays.fill(actor, [], now=travel.now),
    ):
        with pytest.raises(NotAllowed), unit_of_work():
            refused()
    with pytest.raises(NotFound), unit_of_work():
        bank_holidays.remove(SYSTEM, date(2027, 5, 10), now=travel.now)
    with pytest.raises(Invalid), unit_of_work():
        bank_holidays.add(SYSTEM, date(2026, 12, 25), "Again", now=travel.now)


@pytest.mark.parametrize(("now", "warned"), [("2029-06-26 10:00", False), ("2029-06-27 10:00", True)])
def test_staff_are_warned_on_every_page_when_six_months_are_left(either_database, app, travel, now, warned):
    travel.to(now)
    words = "The list of bank holidays ends on 26 December 2029: a manager or an admin fills it under Centres."
    assert (words in warnings.warnings()) is warned


def test_an_empty_list_is_warned_of_too(either_database, app, travel, new_page_client):
    with unit_of_work():
        session.execute(delete(table))
    assert any("The list of bank holidays is empty" in words for words in warnings.warnings())
    browser = new_page_client()
    sign_in.as_staff(browser, make.staff("manager", make.centre(), first_name="Frances"))
    page = browser.get("/staff/centres")
    assert "The list of bank holidays is empty. Fill it" in page.text
    assert browser.get("/staff/centres/bank-holidays").status == 200


def test_the_commands_say_until_when_and_fill(app, travel):
    run = app.test_cli_runner().invoke
    done = run(args=["calendar", "check"])
    assert (done.exit_code, done.output) == (0, "Bank holidays are listed until 2029-12-26.\n")
    travel.to("2029-10-01 10:00")
    assert run(args=["calendar", "check"]).exit_code == 1
    assert run(args=["calendar", "fill"]).exit_code == 0
    assert run(args=["calendar", "check"]).output == "Bank holidays are listed until 2032-12-28.\n"
    session.rollback()
    assert session.scalar(select(func.count()).select_from(table).where(~table.c.by_rule)) == 0
