"""The dead-man alarm: whoever stands still for ten minutes is named to operators and on every staff page."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import alarm, warnings
from portal.jobs.models import Heartbeat
from portal.messaging.models import SendingStop
from tests.support import make, sign_in
from tests.support.measures import statements

TOKEN = "metrics-token-of-this-test"


@pytest.fixture
def environ(environ):
    return environ | {"PORTAL_METRICS_TOKEN": TOKEN}


@pytest.fixture
def running(app):
    """Every duty has just ended well."""
    for duty in alarm.WATCHED:
        age(duty, 0)


def age(duty: str, seconds: float) -> None:
    with unit_of_work():
        session.merge(Heartbeat(duty=duty, beat_at=clock.real_now() - timedelta(seconds=seconds)))


def metrics(app) -> list[str]:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.get_data(as_text=True).splitlines()


@pytest.mark.parametrize("duty", ["sending", "planning", "answers"])
def test_a_duty_that_stands_still_for_ten_minutes_is_named(app, running, duty):
    age(duty, 599)
    answer = app.test_client().get("/ready")
    assert (answer.status_code, "late" in answer.json) == (503, False), "two minutes late, not ten"
    assert f'portal_duty_late{{duty="{duty}"}} 0.0' in metrics(app)
    age(duty, 601)
    answer = app.test_client().get("/ready")
    assert (answer.status_code, answer.json["late"]) == (503, [duty])
    assert f'portal_duty_late{{duty="{duty}"}} 1.0' in metrics(app)
    assert len([line for line in metrics(app) if line.startswith("portal_duty_late{") and line.endswith(" 1.0")]) == 1


def test_where_no_duty_ever_ran_all_are_late(app):
    assert app.test_client().get("/ready").json["late"] == ["sending", "planning", "answers"]
    assert 'portal_duty_late{duty="sending"} 1.0' in metrics(app)


@pytest.fixture
def woman(app, travel):
    return make.client()


@pytest.fixture
def staff(app, woman, new_page_client):
    browser = new_page_client()
    sign_in.as_staff(browser, session.get_one(make.Staff, woman.keyworker_id))
    return browser


def alerts(page) -> str:
    return " ".join(" ".join(node.itertext()) for node in page.find_all("div", role="alert"))


PAGES = ("/staff/today", "/staff/inbox", "/staff/worklist", "/staff/clients")


@pytest.mark.parametrize("address", PAGES)
def test_every_staff_page_says_since_when_texts_stand_still(running, staff, travel, address):
    assert alerts(staff.get(address)) == ""
    age("sending", 13 * 60 + 30)
    shown = alerts(staff.get(address))
    assert "Texts are not being sent since 09:46." in shown
    assert "ring women who must know" in shown
    assert "Reminders" not in shown


def test_where_nothing_ever_ran_staff_are_told(staff):
    shown = alerts(staff.get("/staff/today"))
    for words in ("Texts are not being sent: the worker has not run yet.", "Reminders are not being planned"):
        assert words in shown


def test_a_stop_of_all_sending_shows_on_every_page_who_when_and_why_and_once(running, staff, woman, travel):  # R27
    with unit_of_work():
        session.add(SendingStop(stopped_at=travel.now, stopped_by=woman.keyworker_id, why="a <fault> at Twilio"))
    for address in (*PAGES, f"/staff/clients/{woman.id}/messages"):
        page = staff.get(address)
        assert "All sending is stopped since 10:00 by Jo Example: a <fault> at Twilio" in alerts(page)
        assert page.html.count("All sending is stopped since") == 1


def test_nobody_who_is_not_signed_in_is_told(app, page_client):
    for address in ("/staff/sign-in", "/now", "/sign-in"):
        assert "not being sent" not in page_client.get(address).html


def test_it_costs_one_query_a_page(running):
    with statements() as asked:
        assert warnings.warnings() == []
    assert len(asked) == 1


def test_the_portals_shifted_clock_makes_nobody_late(running, staff, travel):
    travel.to("2031-01-01 10:00")
    assert alarm.late(alarm.beats(), clock.real_now()) == []


def test_its_query_runs_on_both_databases(either_database, environ, travel):
    from portal.app import create_app
    from portal.core import database

    create_app(Settings.from_env(environ))
    for duty in alarm.WATCHED:
        age(duty, 700 if duty == "planning" else 0)
    person = make.staff("manager")
    with unit_of_work():
        session.add(SendingStop(stopped_at=travel.now, stopped_by=person.id, why="trouble"))
    assert [line.split(" since")[0] for line in warnings.warnings()] == [
        "All sending is stopped", "Reminders are not being planned",
    ]  # fmt: skip
    database.disconnect()
