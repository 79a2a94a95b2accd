"""Calendar files: folded, escaped, neutral; a worker's feed can be revoked; hers only if she wants it (R44)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.booking import ical
from portal.booking.models import CalendarFeed
from portal.clients.models import Client, Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from tests.booking import desk as at_desk
from tests.booking.desk import book, cancel
from tests.support import make, sign_in
from tests.support.measures import without_tokens

AT = datetime(2026, 12, 3, 10, tzinfo=UTC)


@pytest.fixture
def desk(app, travel):
    return at_desk.open_desk(called_name="Rosamunde")


def unfolded(file: bytes) -> list[str]:
    return file.replace(b"\r\n ", b"").decode().split("\r\n")


@given(st.text(max_size=400))
def test_whatever_the_title_every_line_is_short_whole_and_gives_it_back(title):
    file = ical.calendar([ical.Event("one", AT, AT + timedelta(minutes=50), title, AT)])
    assert all(len(line) <= ical.LONGEST_LINE for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    for line in file.split(b"\r\n"):
        line.decode()  # no letter is cut in two
    lines = unfolded(file)
    assert (lines.count("BEGIN:VEVENT"), lines[0], lines[-2]) == (1, "BEGIN:VCALENDAR", "END:VCALENDAR")
    written = next(line for line in lines if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    assert written == ical.escaped(title)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("two\nlines", "two\\nlines"),
        ("two\r\nlines", "two\\nlines"),
        ("bell\x07", "bell"),
    ],
)
def test_signs_with_a_meaning_are_escaped(text, written):
    assert ical.escaped(text) == written


@pytest.mark.parametrize(
    ("at", "written"),
    [("2027-03-28T00:30:00+00:00", "20270328T003000Z"), ("2026-10-25T01:30:00+01:00", "20261025T003000Z")],
)
def test_instants_are_written_in_utc_on_both_clock_changes(at, written):
    starts_at = datetime.fromisoformat(at)
    file = ical.calendar([ical.Event("one", starts_at, starts_at + timedelta(hours=1), "Booked", starts_at)])
    assert f"DTSTART:{written}" in unfolded(file)


def address_on(page) -> str:
    (node,) = page.find_all("dd", class_="address")
    return "/calendar/" + "".join(node.itertext()).strip().rpartition("/calendar/")[2]


def test_a_worker_makes_reads_and_ends_her_feed(page_client, new_page_client, desk):
    book(desk, "10:00")
    gone = book(desk, "14:00", client=make.client(desk.jo))
    cancel(gone, actor=desk.jo.actor, reason="ill")
    kind, client, centre = desk.kind.names["en"], desk.client, desk.centre
    secrets = ("Rosamunde", client.code_name, kind, centre.name, "Jo")
    sign_in.as_staff(page_client, desk.jo)
    page_client.get("/staff/calendar")
    address = address_on(page_client.submit("/staff/calendar", press=("do", "make")))
    assert address not in page_client.get("/staff/calendar").html, "shown once"
    answer = new_page_client().client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.get_data(as_text=True)
    assert text.count("BEGIN:VEVENT") == 1 and "DTSTART:20261203T100000Z" in text and "SUMMARY:Booked" in text
    assert not [secret for secret in secrets if secret in text]
    assert "LOCATION" not in text and "DESCRIPTION" not in text
    page_client.get("/staff/calendar")
    page_client.submit("/staff/calendar", press=("do", "end"))
    assert new_page_client().client.get(address).status_code == 404


def test_a_new_address_ends_the_old_one_and_only_its_index_is_kept(page_client, desk):
    sign_in.as_staff(page_client, desk.jo)
    page_client.get("/staff/calendar")
    first = address_on(page_client.submit("/staff/calendar", press=("do", "make")))
    page_client.get("/staff/calendar")
    second = address_on(page_client.submit("/staff/calendar", press=("do", "make")))
    assert (page_client.client.get(first).status_code, page_client.client.get(second).status_code) == (404, 200)
    session.remove()
    kept = session.scalars(select(CalendarFeed)).all()
    assert len(kept) == 2 and all(row.token_index not in second for row in kept)


def test_whom_she_must_not_know_is_not_in_it_and_who_left_has_none(page_client, desk):  # R29
    book(desk, "10:00")
    jo_id = desk.jo.id
    sign_in.as_staff(page_client, desk.jo)
    page_client.get("/staff/calendar")
    address = address_on(page_client.submit("/staff/calendar", press=("do", "make")))
    with unit_of_work():
        session.add(Restriction(client_id=desk.client.id, staff_id=jo_id, since_at=clock.now()))
    assert "VEVENT" not in page_client.client.get(address).get_data(as_text=True)
    with unit_of_work():
        session.get_one(make.Staff, jo_id).active = False
    assert page_client.client.get(address).status_code == 404


def test_guessing_is_stopped_and_reception_has_no_feed(page_client, new_page_client, desk):
    stranger = new_page_client()
    answers = [stranger.client.get(f"/calendar/guess{number}.ics").status_code for number in range(40)]
    assert answers[0] == 404 and answers[-1] == 429
    assert stranger.client.get("/calendar/" + "x" * 5000 + ".ics").status_code in (404, 429)
    sign_in.as_staff(page_client, desk.reception)
    assert page_client.get("/staff/calendar").status == 403


def turn(client_id: int, **values) -> None:
    with unit_of_work():
        row = session.get_one(Client, client_id)
        for name, value in values.items():
            setattr(row, name, value)


class TestHers:
    def test_it_is_off_by_default_and_leaves_no_trace(self, page_client, desk):  # R41, R44
        number = book(desk, "10:00").id
        sign_in.as_client(page_client, desk.client)
        page = page_client.get(f"/appointments/{number}")
        assert "calendar" not in without_tokens(page.html)
        assert page_client.get(f"/appointments/{number}/calendar").status == 404

    def test_it_carries_her_cover_and_no_place(self, page_client, desk):  # R44
        make.safe_contact(desk.client, wording="cover", cover_phrase="Library book")
        number, client_id, centre = book(desk, "10:00").id, desk.client.id, desk.centre.name
        turn(client_id, calendar_online=True)
        sign_in.as_client(page_client, desk.client)
        page_client.get(f"/appointments/{number}")
        assert f"/appointments/{number}/calendar" in page_client.page.links().values()
        answer = page_client.client.get(f"/appointments/{number}/calendar")
        text = answer.get_data(as_text=True)
        assert "SUMMARY:Library book" in text and centre not in text and "LOCATION" not in text
        assert answer.headers["Content-Disposition"] == 'attachment; filename="time.ics"'  # R7
        assert answer.headers["Cache-Control"] == "no-store"

    def test_without_a_cover_its_name_is_neutral_and_others_times_are_not_there(self, page_client, desk):
        other = book(desk, "12:00", client=make.client(desk.jo)).id
        number = book(desk, "10:00").id
        turn(desk.client.id, calendar_online=True)
        sign_in.as_client(page_client, desk.client)
        text = page_client.client.get(f"/appointments/{number}/calendar").get_data(as_text=True)
        assert "SUMMARY:My Week" in text
        for odd in (other, 0, 2**31, "x"):
            assert page_client.get(f"/appointments/{odd}/calendar").status == 404
