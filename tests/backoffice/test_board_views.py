"""The day's board: what the desk sees and marks, and what it never sees (R28, R29)."""

from datetime import date, time, timedelta

import pytest

from portal.booking.models import Appointment
from portal.centres.models import OpeningHours
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.messaging import service as messaging
from portal.messaging.models import IncomingText, Text
from portal.plan.models import RiskNote
from portal.worklist.service import raise_task
from tests.backoffice import booked
from tests.diversion import referrals
from tests.plan import plans
from tests.support import make, sign_in
from tests.support.measures import statements

SECRET = ("lanternwick", "thistledown", "harrowmere", "quillfeather", "brambleknot", "sedgewarbler", "foxglovemoor",
          "900321", "marshmallowroot")  # fmt: skip
TODAY = date(2026, 12, 1)


@pytest.fixture
def centre(app, travel):
    return make.centre("Example House")


@pytest.fixture
def jo(centre):
    return make.staff("keyworker", centre, first_name="Jo")


@pytest.fixture
def reception(centre):
    return make.staff("receptionist", centre, first_name="Sam")


def at(wall_time: str, on: date = TODAY):
    return make.london(on, wall_time)


def restrict(client, person) -> None:
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=person.id, since_at=clock.now()))


def with_secrets(jo):
    """A woman booked today about whom reception must learn nothing but what R28 names."""
    client = make.client(
        jo, called_name="Rosamunde", preparation={"access": "Step-free", "childcare": "1 child", "notes": SECRET[8]}
    )
    plans.action(client, plans.goal(client, "abuse", f"{SECRET[0]} goal"), f"{SECRET[1]} step")
    plans.words(client, f"{SECRET[1]} own words")
    referrals.referral(client)
    make.safe_contact(client, number="+447700900321", who_else_sees=SECRET[6])
    row = booked.appointment(client, at("11:00"), answer="call", answered_at=clock.now(), end_reason=SECRET[0])
    with unit_of_work():
        session.add(RiskNote(client_id=client.id, note=SECRET[2], noted_by=jo.id, noted_at=clock.now()))
        messaging.write_message(jo.actor, client.id, body=SECRET[3], request_key="secret", now=clock.now())
        session.add(
            IncomingText(
                gateway_sid="SM1", number="+447700900321", number_index="x", body=SECRET[5], received_at=clock.now(),
                interpreted_at=clock.now(), client_id=client.id, meaning="call",
            )
        )  # fmt: skip
        session.add(
            Text(
                client_id=client.id, kind="written", once="secret", body=SECRET[5], number="+447700900321",
                state="not_delivered", send_at=clock.now(), wanted_at=clock.now(),
            )
        )  # fmt: skip
        raise_task("ring_at_desk", now=clock.now(), client_id=client.id, centre_id=client.centre_id, note=SECRET[5])
    return client, row


def test_the_desk_sees_who_when_where_and_what_to_prepare(page_client, jo, reception):
    with_secrets(jo)
    page = sign_in.staff_at(page_client, reception, "/staff/today")
    assert page.address == "/staff/today"
    for words in ("11:00", "Rosamunde", "Jo", "Step-free", "1 child", "Ring her"):
        assert words in page.text
    assert page.title == "Tuesday 1 December"


def test_the_next_day_at_a_glance_is_the_next_one_on_which_the_centre_is_open(page_client, centre, reception, travel):
    travel.to("2026-12-24 10:00")
    centre_id = centre.id
    page = sign_in.staff_at(page_client, reception, "/staff/today")
    assert "Prepare for Tue 29 Dec" in page.text
    with unit_of_work():
        session.add(
            OpeningHours(
                centre_id=centre_id, weekday=5, local_from=time(10), local_until=time(12), only_on=date(2026, 12, 26)
            )
        )
    page = page_client.get("/staff/today")
    assert "Prepare for Sat 26 Dec" in page.text


def test_the_desk_never_sees_why_plan_risk_partner_messages_or_the_state_of_a_text(page_client, jo, reception):  # R28
    client, row = with_secrets(jo)
    sign_in.staff_at(page_client, reception, "/staff/today")
    addresses = ["/staff/today", f"/staff/today?day={TODAY}", "/staff/diary", f"/staff/appointments/{row.id}",
                 f"/staff/appointments/{row.id}/card", f"/staff/appointments/{row.id}/cancel",
                 f"/staff/clients/{client.id}/caller", "/staff/find",
                 "/staff/walk-in", "/staff/worklist", f"/staff/clients/{client.id}/appointments/new"]  # fmt: skip
    seen = [page_client.get(address) for address in addresses]
    page_client.get("/staff/walk-in")
    seen.append(page_client.submit("/staff/walk-in", name="Rosamunde"))
    for words in ("Rosamunde", "0321"):
        seen.append(page_client.post("/staff/find", {"q": words}))
    assert not [secret for secret in SECRET if secret in page_client.client.get("/staff/today/news").text]
    for page in seen:
        assert page.status == 200, page.address
        for secret in (*SECRET, "not delivered", "Not delivered", "held", "abuse"):
            assert secret not in page.html, f"{secret} on {page.address}"
        assert "Rosamunde" not in page.title
    assert sum("Rosamunde" in page.html for page in seen) > 5


@pytest.mark.parametrize(
    "address",
    ["/staff/clients", "/staff/clients/{}", "/staff/clients/{}/plan", "/staff/clients/{}/messages",
     "/staff/clients/{}/safe-contact", "/staff/inbox", "/staff/audit", "/staff/switches"],
)  # fmt: skip
def test_the_desk_opens_no_file(page_client, jo, reception, address):  # R28
    client, _ = with_secrets(jo)
    sign_in.staff_at(page_client, reception, "/staff/today")
    page = page_client.get(address.format(client.id))
    assert page.status == 403
    assert not [secret for secret in SECRET if secret in page.html]


def test_the_neutral_card_names_neither_her_nor_a_place(page_client, jo, reception):
    _, row = with_secrets(jo)
    sign_in.staff_at(page_client, reception, "/staff/today")
    page = page_client.get(f"/staff/appointments/{row.id}/card")
    assert "Tuesday 1 December" in page.text and "11:00" in page.text
    assert "Rosamunde" not in page.html and "Example House" not in page.html and "Jo" not in page.text


@pytest.mark.parametrize(
    ("marks", "words", "counts"),
    [(["arrived"], "Waiting 0 min", "1 waiting 0 with a worker 0 gone"),
     (["arrived", "in"], "With Jo since 10:12", "0 waiting 1 with a worker 0 gone"),
     (["arrived", "in", "gone"], "Came, gone 10:12", "0 waiting 0 with a worker 1 gone"),
     (["here_late"], "Late, waiting 0 min", "1 waiting"), (["no"], "Did not come", "1 did not come"),
     (["arrived", "undo"], "Not here yet", "0 waiting"), (["no", "undo"], "Not here yet", "0 waiting"),
     (["arrived", "in", "undo"], "Waiting 0 min", "1 waiting")],
)  # fmt: skip
def test_marks_are_one_press_each_and_show_at_once(page_client, jo, reception, travel, marks, words, counts):
    row = booked.appointment(make.client(jo), at("10:00"))
    sign_in.staff_at(page_client, reception, "/staff/today")
    travel.forward(minutes=12)
    page_client.get("/staff/today")
    for mark in marks:
        page = page_client.submit(f"/staff/appointments/{row.id}/attendance", press=("attendance", mark))
        assert page.address.startswith("/staff/today"), page.text
    assert words in page.text and counts in page.text


def test_one_key_hides_every_name_and_they_stay_hidden_wherever_she_goes(page_client, centre, jo, reception):  # R28
    other = make.centre("Sample Yard")
    manager = make.staff("manager", centre, other)
    _, row = with_secrets(jo)
    sign_in.staff_at(page_client, manager, "/staff/today")
    hide = next(link for link in page_client.page.find_all("a") if link.get("accesskey") == "h")
    page = page_client.get(hide.get("href"))
    links = {words: address for words, address in page.links().items() if address.startswith("/staff/today?")}
    assert {"Example House", "Sample Yard", "Only mine", "Everybody's"} <= set(links)
    for words, address in links.items():
        shown = page_client.get(address)
        assert ("Rosamunde" in shown.html) is (words == "Show names F8"), words
    page_client.get(page.address)
    page = page_client.submit(f"/staff/appointments/{row.id}/attendance", press=("attendance", "arrived"), follow=False)
    marked = page_client.client.post(
        f"/staff/appointments/{row.id}/attendance",
        data={"attendance": "undo", "csrf_token": page_client.csrf_token()},
        headers={"Referer": "http://localhost/staff/today?hide=1"},
    )
    assert marked.location == "/staff/today?hide=1"


def test_a_woman_who_must_not_be_known_is_neither_shown_nor_counted(page_client, centre, jo, reception):  # R29
    client, row = with_secrets(jo)
    booked.appointment(client, at("11:00", TODAY + timedelta(days=1)))
    booked.appointment(make.client(jo, called_name="Maybelline"), at("12:00"))
    restrict(client, reception)
    page = sign_in.staff_at(page_client, reception, "/staff/today")
    assert "1 booked 0 waiting 0 with a worker 0 gone" in page.text and "Wed 2 Dec: 0 booked" in page.text
    assert "Nothing waits." in page.text, "her task neither"
    for address in ("/staff/today", "/staff/diary", "/staff/worklist"):
        page = page_client.get(address)
        assert page.status == 200
        assert "Rosamunde" not in page.html, address
    for words in ("Rosamunde", client.code_name, "0321"):
        assert "Nobody with this name" in page_client.post("/staff/find", {"q": words}).text, words
    for address in (f"/staff/appointments/{row.id}", f"/staff/appointments/{row.id}/card"):
        assert page_client.get(address).status == 404
    page_client.get("/staff/today")
    assert page_client.post(f"/staff/appointments/{row.id}/attendance", {"attendance": "arrived"}).status == 404
    session.remove()
    assert session.get_one(Appointment, row.id).arrived_at is None


def test_the_desk_of_another_centre_sees_nothing_of_her(page_client, jo):
    with_secrets(jo)
    elsewhere = make.staff("receptionist", make.centre("Sample Yard"))
    page = sign_in.staff_at(page_client, elsewhere, "/staff/today")
    assert "Rosamunde" not in page.html and "Nobody is booked on this day." in page.text


@pytest.mark.parametrize("role", ["admin", "referrer"])
def test_the_board_is_not_for_everybody(page_client, centre, role):
    sign_in.staff_at(page_client, make.staff(role, centre), "/staff/today")
    assert page_client.get("/staff/today").status == 403


def test_a_keyworker_narrows_the_board_to_her_own_day(page_client, centre, jo):
    other = make.staff("keyworker", centre, first_name="Priya")
    booked.appointment(make.client(jo, called_name="Rosamunde"), at("11:00"))
    booked.appointment(make.client(other, called_name="Maybelline"), at("12:00"))
    page = sign_in.staff_at(page_client, jo, "/staff/today")
    assert "Maybelline" in page.html
    page = page_client.get(page.links()["Only mine"])
    assert "Rosamunde" in page.html and "Maybelline" not in page.html
    assert "Maybelline" in page_client.get(page.links()["Everybody's"]).html


@pytest.mark.parametrize("answer", ["coming", "change", "call", "late", "cannot_come"])
def test_her_answer_shows_as_a_state(page_client, jo, reception, answer):  # R28
    booked.appointment(make.client(jo), at("16:00"), answer=answer)
    page = sign_in.staff_at(page_client, reception, "/staff/today")
    words = {"coming": "Coming", "change": "Wants to change", "call": "Ring her", "late": "Will be late",
             "cannot_come": "Cannot come"}  # fmt: skip
    assert words[answer] in page.text


@pytest.mark.parametrize(
    "query",
    ["day=", "day=tomorrow", "day=2026-13-45", "day=0001-01-01", "day=9999-12-31", "day=%00", "centre=x", "centre=-1",
     "centre=99999999999999999999999", "centre=", "mine=&hide=", "day=2026-12-01&day=2026-12-02", "day=" + "9" * 5000,
     "centre=%F0%9F%99%82"],
)  # fmt: skip
def test_odd_days_and_centres_give_the_board(page_client, jo, reception, query):
    booked.appointment(make.client(jo), at("11:00"))
    sign_in.staff_at(page_client, reception, "/staff/today")
    page = page_client.get(f"/staff/today?{query}")
    assert page.status == 200
    assert page.h1 == "Tuesday 1 December"


@pytest.mark.parametrize("on", [date(2026, 10, 25), date(2027, 3, 28)])
def test_a_day_of_a_clock_change_holds_all_its_hours(page_client, jo, on):
    for hour in ("00:30", "12:00", "23:30"):
        booked.appointment(make.client(jo, called_name=f"At{hour.replace(':', '')}"), at(hour, on))
    for near in (on - timedelta(days=1), on + timedelta(days=1)):
        booked.appointment(make.client(jo, called_name="Near"), at("12:00", near))
    sign_in.staff_at(page_client, jo, "/staff/today")
    page = page_client.get(f"/staff/today?day={on}")
    assert [name for name in ("At0030", "At1200", "At2330", "Near") if name in page.html] == [
        "At0030", "At1200", "At2330",
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "shown"), [(-7, True), (7, True), (8, False), (-8, False)])
def test_reception_reads_names_within_seven_days_only(page_client, jo, reception, days, shown):  # R28
    on = TODAY + timedelta(days=days)
    row = booked.appointment(make.client(jo, called_name="Farawaya"), at("12:00", on))
    sign_in.staff_at(page_client, reception, "/staff/today")
    for address in (f"/staff/today?day={on}", f"/staff/diary?on={on}"):
        page = page_client.get(address)
        assert "12:00" in page.text
        assert ("Farawaya" in page.html) is shown, address
    assert (page_client.get(f"/staff/appointments/{row.id}").status == 200) is shown


def test_fifty_bookings_ask_the_database_as_little_as_five(page_client, centre, jo, reception):
    women = [make.client(jo) for _ in range(50)]
    for number in range(5):
        booked.appointment(women[number], at("11:00"))
    sign_in.staff_at(page_client, reception, "/staff/today")
    page_client.get("/staff/today")
    with statements() as few:
        page_client.get("/staff/today")
    for number in range(5, 50):
        booked.appointment(women[number], at("11:00"))
        with unit_of_work():
            raise_task("ring_at_desk", now=clock.now(), client_id=women[number].id, centre_id=centre.id)
    with statements() as many:
        page = page_client.get("/staff/today")
    assert "50 booked" in page.text
    assert len(many) == len(few) <= 16, many
