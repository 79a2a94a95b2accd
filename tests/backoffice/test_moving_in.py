"""Bringing current clients over: check, preview, one import, undo; and never a text to a number of the list."""

import io
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal.accounts import service as accounts
from portal.audit.models import AuditEntry
from portal.backoffice import merging, moving_back, moving_in
from portal.backoffice.moving_models import ClientImport, ImportedClient
from portal.booking.models import Appointment, Occupancy
from portal.clients import safe_contact as safe_contacts
from portal.clients.models import Client, Restriction, SafeContact
from portal.clients.queries import clients_with_number
from portal.core import clock, crypto, database
from portal.core.database import session, unit_of_work
from portal.core.errors import Stale
from portal.core.settings import Settings
from portal.diversion.models import Condition, Referral
from portal.jobs import tasks
from portal.messaging.models import Text
from portal.sms.gateway import gateway_for
from portal.worklist.models import Task
from portal.worklist.service import close_for_client
from tests.support import make, sign_in
from tests.support.fake_twilio import FakeTwilio

HEAD = "Called name,Phone,Language,Keyworker,Must not know,Appointment 1,Appointment 2,Sessions needed,Needed by\r\n"
ROSE = "Rose,07700 900501,English,Jo Example,nobody,03/12/2026 10:00,10/12/2026 10:00,2,31/01/2027\r\n"
NOOR = "نور,07700 900502,Arabic,Jo Example,,03/12/2026 12:00,,,\r\n"
BASIC = HEAD + ROSE + NOOR
ADDRESS = "/staff/start/clients"


@pytest.fixture
def house(either_database, app, travel):
    """A centre with a room, a kind, keyworker Jo, and the manager who brings the clients over."""
    centre = make.centre("Willow House")
    make.kind("Time with your worker", centre)
    make.staff("keyworker", centre, first_name="Jo")
    return make.staff("manager", centre, first_name="Frances")


@pytest.fixture
def browser(house, page_client):
    sign_in.staff_at(page_client, house, ADDRESS)
    return page_client


def upload(browser, text: str | bytes):
    page = browser.get(ADDRESS)
    data = text if isinstance(text, bytes) else text.encode()
    fields = {name: page.field(name) for name in ("csrf_token", "request_key")}
    fields["list"] = (io.BytesIO(data), "old list.csv")
    return browser.post(ADDRESS, fields, follow=True, content_type="multipart/form-data")


def bring_over(browser, text: str = BASIC, **ticked):
    page = upload(browser, text)
    assert page.h1 == "Check the list", page.text
    return browser.submit(f"{page.address}/import", **ticked)


@pytest.fixture
def later(new_page_client):
    """Another manager of the centre at the page of the first list, when the first one's session is over."""

    def later():
        browser = new_page_client()
        nell = make.staff("manager", session.get_one(make.Centre, 1), first_name="Nell")
        page = sign_in.staff_at(browser, nell, f"{ADDRESS}/1")
        assert page.h1 == "List brought over"
        return browser

    return later


def undo(browser):
    return browser.submit(f"{browser.page.address.partition('?')[0]}/undo")


def rows(model) -> list:
    session.remove()
    return list(session.scalars(select(model).order_by(model.id)))


def called() -> list[str]:
    return [client.called_name for client in rows(Client)]


def test_check_preview_import(browser, house):
    page = upload(browser, BASIC)
    assert "Nothing is made yet" in page.text and "نور" in page.text and "Thu 3 Dec" in page.text
    assert "For 1 nobody has said who must not know" in page.text
    assert called() == [] and rows(Appointment) == [] and rows(Task) == [], "nothing is half done"
    page = browser.submit(f"{page.address}/import")
    assert page.h1 == "List brought over" and "2 women are here now" in page.text
    assert called() == ["Rose", "نور"]
    rose, noor = rows(Client)
    assert [clock.london(at.starts_at).strftime("%d %H:%M") for at in rows(Appointment)] == [
        "03 10:00", "10 10:00", "03 12:00",
    ]  # fmt: skip
    condition, referral = rows(Condition)[0], rows(Referral)[0]
    assert (condition.client_id, condition.sessions_needed, str(condition.due_on)) == (rose.id, 2, "2027-01-31")
    assert referral.reporter_is_family, "nobody said, so others are told counts alone"  # R45
    asked = {task.client_id: task for task in rows(Task) if task.kind == "record_safe_contact"}
    assert set(asked) == {rose.id, noor.id} and {task.owner_id for task in asked.values()} == {rose.keyworker_id}
    assert "who must not know" in asked[noor.id].note and "who must not know" not in asked[rose.id].note  # R29
    assert asked[rose.id].due_at == make.london(clock.london_today(clock.now()) + timedelta(days=2), "10:00")


def test_numbers_are_kept_sealed_and_are_no_way_to_reach_her(browser):  # R18
    bring_over(browser)
    rose = rows(Client)[0]
    assert rose.listed_number == "+447700900501"
    assert rose.listed_number_index == crypto.keyring().index("phone", "+447700900501")
    assert rows(SafeContact) == [], "nobody asked her"
    assert clients_with_number("+447700900501") == []
    page = browser.get(f"/staff/clients/{rose.id}")
    assert "900501" not in page.html.replace(" ", ""), "nor does anybody see a number to ring"  # R26


def test_zero_texts_go_to_a_list_whatever_the_worker_does_for_weeks(house, page_client, environ, travel):
    """Import, then the worker with the real client and a Twilio server, until the appointments are over (R18, R27)."""
    with FakeTwilio() as twilio:
        settings = Settings.from_env(
            {**environ, "PORTAL_SMS_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": twilio.account_sid,
             "TWILIO_AUTH_TOKEN": twilio.auth_token, "TWILIO_FROM": "+447700900999",
             "TWILIO_API_BASE_URL": twilio.base_url}
        )  # fmt: skip
        sign_in.staff_at(page_client, house, ADDRESS)
        bring_over(page_client)
        gateway = gateway_for(settings)
        for _ in range(24):
            tasks.every_minute(settings, gateway)
            travel.forward(hours=12)
        assert [path for path in twilio.requests if path.startswith("POST")] == []
    assert {text.state for text in rows(Text)} <= {"held", "skipped"}
    assert not [text for text in rows(Text) if text.kind == "appointment_booked"], "she knows of it already"
    kinds = {task.kind for task in rows(Task)}
    assert {"record_safe_contact"} <= kinds


def test_faults_of_all_lines_are_shown_at_once_and_nothing_is_kept(browser):
    page = upload(browser, HEAD + "Rose,12,English,Jo Example,,,,,\r\n,,,Nobody,,x,,,\r\n")
    assert page.status == 422
    for words in ("Line 2, Phone", "Line 3, Called name", "Line 3, Keyworker", "Line 3, Appointment 1"):
        assert words in page.text
    assert rows(ClientImport) == [] and called() == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04zip", b"\x00\x01\x02", b"x" * 300_000])
def test_what_is_no_list_is_refused_in_words(browser, data):
    page = upload(browser, data)
    assert page.status == 422 and page.find_all("div", role="alert")
    assert rows(ClientImport) == []


def test_a_file_too_large_to_be_read_is_refused_in_words(browser):
    page = upload(browser, b"x" * 600_000)
    assert page.status == 413 and "too large: at most 256 kilobytes" in page.text


def test_pressed_twice_the_women_are_made_once(browser):
    page = upload(browser, BASIC)
    address = page.address
    fields = {name: page.field(name) for name in ("csrf_token", "request_key")}
    first = browser.post(f"{address}/import", fields)
    second = browser.post(f"{address}/import", fields)
    third = browser.post(f"{address}/import", fields | {"request_key": "another"})
    assert {page.status for page in (first, second, third)} == {303}
    assert called() == ["Rose", "نور"] and len(rows(Appointment)) == 3


def test_what_collides_or_lies_outside_hours_is_listed_not_booked_and_somebodys_task(browser):
    text = HEAD + ROSE
    text += "Sana,,,Jo Example,nobody,03/12/2026 10:30,05/12/2026 10:00,,\r\n"
    text += "Lily,,,Jo Example,nobody,01/11/2026 10:00,03/12/2026 22:00,,\r\n"
    page = upload(browser, text)
    for words in ("her keyworker or every room is taken", "the centre is closed on that day", "it is over"):
        assert words in page.text
    browser.submit(f"{page.address}/import")
    assert len(rows(Appointment)) == 2
    notes = [task.note for task in rows(Task) if task.kind == "appointment_not_brought_over"]
    assert [note[-17:] for note in notes] == ["03/12/2026 10:30.", "05/12/2026 10:00.", "03/12/2026 22:00."]


def test_who_may_be_here_already_is_left_out_unless_ticked(browser, house):
    bring_over(browser)
    again = HEAD + ROSE.replace("Rose", "Rosie") + NOOR.replace("900502", "900503") + "Sana,,,Jo Example,,,,,\r\n"
    page = upload(browser, again)
    assert "the same number as Rose, who is here already" in page.text
    assert "the same name and keyworker as نور" in page.text
    assert "2 may be here already" in page.text
    address = page.address
    browser.submit(f"{address}/import")
    assert called() == ["Rose", "نور", "Sana"]
    page = upload(browser, HEAD + "Sana,,,Jo Example,,,,,\r\nAda,07700 900600,,Jo Example,,,,,\r\n" * 1)
    boxes = [box.get("value") for box in page.find_all("input", name="line")]
    assert boxes == ["2"]
    browser.post(f"{page.address}/import", {"request_key": page.field("request_key"), "line": "2"}, follow=True)
    assert called() == ["Rose", "نور", "Sana", "Sana", "Ada"]


def test_two_lines_that_look_like_one_woman_are_doubted(browser):
    page = upload(browser, HEAD + ROSE + ROSE.replace("Rose", "Rosie") + ROSE)
    assert page.text.count("bring her over all the same") == 2
    assert "the same number as line 2" in page.text


def test_a_list_learns_nothing_of_women_whom_the_importer_must_not_know(browser, house):  # R29, R42
    bring_over(browser)
    for client in rows(Client):
        with unit_of_work():
            session.add(Restriction(client_id=client.id, staff_id=house.id, since_at=clock.now()))
    assert "may be here already" not in upload(browser, BASIC).text
    assert "Rose" not in browser.get(f"{ADDRESS}/1").text


def test_undo_takes_back_exactly_what_was_made(browser, house, travel, later):
    other = make.client(session.get_one(make.Staff, house.id - 1), called_name="Olive")
    before = {model: len(rows(model)) for model in (Client, Appointment, Occupancy, Task, Referral, Condition)}
    bring_over(browser)
    travel.forward(hours=23)
    page = undo(browser := later())
    assert "Nobody of the list is here any more" in page.text
    after = {model: len(rows(model)) for model in before}
    assert after == before and called() == ["Olive"]
    assert session.get(Client, other.id) is not None
    assert rows(ImportedClient) == []
    assert len([entry for entry in rows(AuditEntry) if entry.action == "client_taken_back"]) == 2
    assert bring_over(browser).text.count("2 women are here now") == 1, "the same list can come again"


def worked_on_in_some_way(how: str, rose: Client, house) -> None:
    keyworker = session.get_one(make.Staff, rose.keyworker_id).actor
    if how == "task":
        close_for_client(rose.id, ["record_safe_contact"], done="could_not_reach", actor=keyworker, now=clock.now())
    elif how == "appointment":
        session.scalars(select(Appointment).where(Appointment.client_id == rose.id)).first().attendance = "yes"
    elif how == "name":
        session.get_one(Client, rose.id).called_name = "Rosa"
    elif how == "passcode":
        code = accounts.make_setup_code(house.actor, session.get_one(Client, rose.id), now=clock.now())
        accounts.set_passcode(rose.id, code, "hash", now=clock.now())
    elif how == "new appointment":
        session.add(
            Appointment(client_id=rose.id, kind_id=1, centre_id=rose.centre_id, worker_id=rose.keyworker_id,
                        starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1), booked_by_kind="staff",
                        booked_by_id=1, booked_at=clock.now())
        )  # fmt: skip


@pytest.mark.parametrize(
    ("how", "why"),
    [("task", "a task about her was taken or done"), ("appointment", "made, changed or marked"),
     ("name", "her record was changed"), ("passcode", "she has signed in"), ("new appointment", "an appointment")],
)  # fmt: skip
def test_a_woman_on_whom_somebody_worked_stays_and_is_listed_with_why(browser, house, how, why):
    bring_over(browser)
    rose = rows(Client)[0]
    with unit_of_work():
        worked_on_in_some_way(how, rose, house)
    page = undo(browser)
    assert why in page.text and len(called()) == 1


def test_what_the_worker_did_by_itself_is_no_work_on_her(browser, environ, travel, later):
    bring_over(browser)
    settings = Settings.from_env(environ)
    for _ in range(4):
        tasks.every_minute(settings, gateway_for(settings))
        travel.forward(hours=5)
    assert "Nobody of the list" in undo(later()).text
    assert called() == []


def test_a_card_that_nobody_used_does_not_keep_her(browser):
    bring_over(browser)
    page = browser.get("/staff/start/cards")
    browser.post("/staff/start/cards", {"request_key": page.field("request_key"), "client": str(rows(Client)[0].id)})
    browser.get(f"{ADDRESS}/1")
    assert "Nobody of the list" in undo(browser).text


def test_after_a_day_there_is_no_undo_and_nothing_of_the_list_is_kept(browser, house, environ, travel, later):
    bring_over(browser)
    upload(browser, HEAD + "Sana,,,Jo Example,,,,,\r\n")
    travel.forward(hours=24, minutes=1)
    settings = Settings.from_env(environ)
    tasks.every_minute(settings, gateway_for(settings))
    assert [batch.content for batch in rows(ClientImport)] == [None], "the one never brought over is gone"
    page = later().page
    assert "Undo" not in page.text and "Rose" in page.text
    with pytest.raises(Stale), unit_of_work():
        moving_back.undo(house.actor, rows(ClientImport)[0], now=clock.now())


def test_nothing_of_the_file_stands_in_clear_in_the_database(browser, environ):  # R32
    upload(browser, HEAD + "Rosamunde,07700 900599,,Jo Example,,,,,REF-LANTERN\r\n".replace(",REF-LANTERN", ","))
    bring_over(browser, HEAD + "Thistledown,07700 900598,,Jo Example,,,,,\r\n")
    session.remove()
    if not environ["PORTAL_DATABASE_URL"].startswith("sqlite"):
        return
    database.disconnect()
    path = environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///")
    for name in (path, f"{path}-wal"):
        data = Path(name).read_bytes() if Path(name).exists() else b""
        for secret in (b"Rosamunde", b"Thistledown", b"7700900599", b"7700900598"):
            assert secret not in data


def test_recording_safe_contact_uses_the_number_and_forgets_the_list(browser, house):
    bring_over(browser)
    rose = rows(Client)[0]
    page = browser.get(f"/staff/clients/{rose.id}/safe-contact")
    assert "ends in 501" in page.text and "07700 900501" not in page.html
    answers = safe_contacts.ContactAnswers(
        may_text=False, may_ring=True, whose_phone="own", text_language="en", voice_language="en",
        check_again_on=clock.london_today(clock.now()) + timedelta(days=90), may_leave_message=False,
        may_say_who=False, stable_phone=True, stable_home=True, may_post=False, may_email=False,
    )  # fmt: skip
    with unit_of_work():
        safe_contacts.record_safe_contact(house.actor, rose.id, answers, banned_words=(), now=clock.now())
    rose, contact = rows(Client)[0], rows(SafeContact)[0]
    assert (contact.number, contact.proved_at, rose.listed_number) == ("+447700900501", None, None)


def test_once_she_was_asked_in_a_record_joined_with_hers_the_lists_number_is_not_offered(browser, house):  # R18
    bring_over(browser)
    rose = rows(Client)[0]
    asked = make.client(session.get_one(make.Staff, rose.keyworker_id), called_name="Rose")
    make.safe_contact(asked, number=None, whose_phone="none", may_text=False, may_ring=False)
    with unit_of_work():
        session.execute(update(SafeContact).values(_number=None, number_index=None, number_end_index=None))
    actor, kept_id, merged_id = house.actor, rose.id, asked.id
    with unit_of_work():
        merging.merge(actor, kept_id, merged_id, now=clock.now())
    page = browser.get(f"/staff/clients/{kept_id}/safe-contact")
    assert page.status == 200 and "501" not in page.text, "an empty field would be refused: it takes no number any more"


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "admin", "referrer"])
def test_only_managers_bring_lists_over(page_client, app, travel, role):
    sign_in.staff_at(page_client, make.staff(role, make.centre()), "/staff/today")
    assert page_client.get(ADDRESS).status == 403
    assert page_client.get(f"{ADDRESS}/list.csv").status == 403
    assert page_client.get("/staff/start/cards").status == 403


def test_a_list_that_is_not_brought_over_is_its_makers_alone_and_can_be_thrown_away(browser, house, new_page_client):
    page = upload(browser, BASIC)
    other = new_page_client()
    sign_in.staff_at(other, make.staff("manager", session.get_one(make.Centre, 1), first_name="Nell"), "/staff/today")
    assert other.get(page.address).status == 404
    browser.get(page.address)
    browser.submit(f"{page.address}/drop")
    assert rows(ClientImport) == []


def test_a_keyworker_who_left_between_check_and_import_stops_all_of_it_in_words(browser):
    page = upload(browser, BASIC)
    with unit_of_work():
        session.scalars(select(make.Staff).where(make.Staff.role == "keyworker")).one().active = False
    page = browser.submit(f"{page.address}/import")
    assert page.status == 422 and "Something changed in the portal since the check" in page.text
    assert called() == [] and rows(Appointment) == []


def test_two_imports_of_one_moment_make_the_women_once(browser, house, environ):
    page = upload(browser, BASIC)
    assert page.h1 == "Check the list"
    actor = house.actor
    session.remove()

    def press(number: int) -> str:
        try:
            with unit_of_work():
                found = moving_in.batch_for(actor, 1, now=clock.now(), lock=True)
                session.refresh(found)
                moving_in.bring_over(actor, found, (), now=clock.now())
            return "made"
        except Stale:
            return "stale"
        finally:
            session.remove()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(press, range(2))) == ["made", "stale"]
    assert called() == ["Rose", "نور"]


def test_two_lists_of_one_moment_that_name_the_same_women_make_them_once(browser, house, environ, monkeypatch):
    assert upload(browser, BASIC).h1 == "Check the list"
    nell = make.staff("manager", session.get_one(make.Centre, 1), first_name="Nell").actor
    with unit_of_work():
        moving_in.keep(nell, session.get_one(ClientImport, 1).content["rows"], {}, now=clock.now())
    looked, doubts, actors = threading.Barrier(2), moving_in.doubts, [house.actor, nell]
    session.remove()

    def doubts_of_both(*asked):
        found = doubts(*asked)
        with suppress(threading.BrokenBarrierError):
            looked.wait(1)
        return found

    monkeypatch.setattr(moving_in, "doubts", doubts_of_both)

    def press(number: int) -> None:
        with unit_of_work():
            found = moving_in.batch_for(actors[number], number + 1, now=clock.now(), lock=True)
            moving_in.bring_over(actors[number], found, (), now=clock.now())
        session.remove()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(press, range(2)))
    assert called() == ["Rose", "نور"]


@pytest.mark.parametrize("line", ["9" * 5000, "²", "x"])
def test_nonsense_for_a_line_is_no_fault(browser, line):
    page = upload(browser, BASIC)
    fields = {name: page.field(name) for name in ("csrf_token", "request_key")}
    page = browser.post(f"{page.address}/import", fields | {"line": [line]}, follow=True)
    assert page.status == 200 and called() == ["Rose", "نور"]


LOADED = """
import portal.staff_pages
from portal.core.database import Base
loaded = set(Base.metadata.tables)
import portal.jobs.tables
missing = [name for name, table in Base.metadata.tables.items() if "client_id" in table.c and name not in loaded]
assert not missing, missing
"""


def test_the_process_that_undoes_knows_every_table_that_can_hold_work_on_her():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
