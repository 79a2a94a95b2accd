"""One text to those who are booked in a group: who is in it, and who never shows."""

import re
from datetime import timedelta

import pytest

from portal.booking.models import Appointment
from portal.clients.models import Restriction
from portal.core.database import session, unit_of_work
from tests.support import make, sign_in


@pytest.fixture
def jo(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def browser(page_client, jo, travel):
    sign_in.as_staff(page_client, jo)
    return page_client


def book(jo, kind, client, starts_at, **values):
    with unit_of_work():
        session.add(
            Appointment(
                client_id=client.id, kind_id=kind.id, centre_id=jo.centre_ids[0], worker_id=jo.id, starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=60), booked_by_kind="staff", booked_by_id=jo.id,
                booked_at=starts_at - timedelta(days=3), **values,
            )
        )  # fmt: skip


def test_those_booked_in_a_group_are_ticked_and_nobody_else(browser, jo, travel):
    group, alone = make.kind("Cooking together", group=True), make.kind("Time with your worker")
    in_it, out_of_it, cancelled = (make.client(jo) for _ in range(3))
    for woman in (in_it, out_of_it, cancelled):
        make.safe_contact(woman)
    soon = travel.now + timedelta(days=2)
    book(jo, group, in_it, soon)
    book(jo, group, cancelled, soon, state="cancelled")
    book(jo, alone, out_of_it, soon)
    page = browser.get("/staff/messages/groups")
    assert "Cooking together" in page.text
    assert [field.get("value") for field in page.find_all("input", name="who")] == [str(in_it.id)]
    page = browser.get(f"/staff/messages/new-batch?who={in_it.id}")
    ticked = [box.get("value") for box in page.find_all("input", type="checkbox") if box.get("checked") is not None]
    assert ticked == [str(in_it.id)]


def test_who_must_not_know_of_her_does_not_find_her_group(browser, jo, travel):  # R29
    group, woman = make.kind("Cooking together", group=True), make.client(centre_=session.get(make.Centre, 1))
    book(jo, group, woman, travel.now + timedelta(days=2))
    assert "Cooking together" in browser.get("/staff/messages/groups").text
    with unit_of_work():
        session.add(Restriction(client_id=woman.id, staff_id=jo.id, since_at=travel.now))
    page = browser.get("/staff/messages/groups")
    assert "No group with women of yours" in page.text
    assert not re.search(r"Cooking", page.html)


def test_sessions_that_are_over_or_far_away_are_left_out(browser, jo, travel):
    group, woman = make.kind("Cooking together", group=True), make.client(jo)
    for days in (-1, 40):
        book(jo, group, woman, travel.now + timedelta(days=days))
    assert "Cooking" not in browser.get("/staff/messages/groups").text
