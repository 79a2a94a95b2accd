"""All notes on one page: written, narrowed, corrected by a new one beside the old."""

from datetime import timedelta

import pytest

from portal.audit.models import AuditEntry
from portal.backoffice import notes
from portal.booking.desk_models import SessionNote
from portal.clients.note_models import StaffNote
from portal.core import clock
from portal.core.database import session, unit_of_work
from tests.backoffice import booked
from tests.support import make, sign_in


@pytest.fixture
def house(app, page_client, travel):
    jo = make.staff("keyworker", make.centre())
    client = make.client(jo, called_name="Rosalind")
    page = f"/staff/clients/{client.id}/notes"
    appointment = booked.appointment(client, travel.now - timedelta(days=1))
    with unit_of_work():
        session.add(SessionNote(client_id=client.id, appointment_id=appointment.id, note="Before marks",
                                written_by=jo.id, written_at=travel.now - timedelta(days=1)))  # fmt: skip
    sign_in.staff_at(page_client, jo, page)
    return type("House", (), {"jo": jo, "client": client, "page": page})


def test_written_read_and_corrected(house, page_client):
    page = page_client.page
    assert "Rosalind" not in page.title and "Before marks" in page.text and "nobody said which" in page.text  # R28
    assert not [f for f in page.find_all("input") if f.get("checked") is not None], "nothing is chosen beforehand"
    page = page_client.submit(house.page, body="Her son <b>starts</b> school", is_opinion="fact")
    assert page.address == house.page and "Her son <b>starts</b> school" in page.text
    number = session.query(StaffNote).one().id
    page = page_client.get(f"{house.page}?correct=n{number}")
    assert "This stays as it is" in page.text
    page = page_client.submit(house.page, body="Her daughter starts school", is_opinion="fact", third_party="y")
    assert "Her son" in page.text and "Her daughter" in page.text and "Corrected Tue 1 Dec" in page.text
    assert f"?correct=n{number}" not in page.html, "a note that was corrected is corrected further by its correction"
    read = [e.subject for e in session.query(AuditEntry).filter_by(client_id=house.client.id, action="client_read")]
    assert read.count("notes") >= 3  # R30


def test_a_note_of_a_session_is_corrected_in_the_same_way(house, page_client):
    number = session.query(SessionNote).one().id
    page_client.get(f"{house.page}?correct=s{number}")
    page = page_client.submit(house.page, body="It was otherwise", is_opinion="opinion")
    assert "Corrected Tue 1 Dec" in page.text
    row = session.query(StaffNote).one()
    assert (row.corrects_session_id, row.corrects_id) == (number, None)
    assert row.appointment_id == session.query(SessionNote).one().appointment_id


def test_narrowed_by_what_stands_in_the_address(house, page_client):
    page_client.submit(house.page, body="A fact of hers", is_opinion="fact", safe_to_show="y")
    page_client.submit(house.page, body="A thought", is_opinion="opinion", third_party="y", safe_to_show="y")
    for show, seen in {
        "all": {"A fact of hers", "A thought", "Before marks"}, "fact": {"A fact of hers"}, "opinion": {"A thought"},
        "not_said": {"Before marks"}, "session": {"Before marks"}, "others": {"A thought"}, "show": {"A fact of hers"},
        "<script>": {"A fact of hers", "A thought", "Before marks"},
    }.items():  # fmt: skip
        text = page_client.get(f"{house.page}?show={show}").text
        assert {words for words in ("A fact of hers", "A thought", "Before marks") if words in text} == seen, show


def test_faults_keep_what_was_typed_and_what_it_corrects(house, page_client):
    number = session.query(SessionNote).one().id
    page_client.get(f"{house.page}?correct=s{number}")
    page = page_client.submit(house.page, body="kept words")
    assert page.status == 422 and "a fact or your opinion" in page.text and "kept words" in page.html
    page = page_client.submit(house.page, is_opinion="fact")
    assert page.status == 200 and session.query(StaffNote).one().corrects_session_id == number
    page = page_client.submit(house.page, body="", is_opinion="fact")
    assert page.status == 422 and "Write something." in page.text


def test_pressed_twice_it_is_kept_once(house, page_client):  # R38
    fields = {"body": "once", "is_opinion": "fact", "request_key": page_client.page.field("request_key")}
    for _ in range(2):
        assert page_client.post(house.page, fields).location == house.page
    assert session.query(StaffNote).count() == 1


@pytest.mark.parametrize("key", ["n999", "s999", "n", "x1", "n-1", "n²", "s99999999999", "n1 OR 1"])
def test_what_is_not_there_is_not_corrected(house, page_client, key):
    assert page_client.get(f"{house.page}?correct={key}").status == 404
    fields = {"body": "x", "is_opinion": "fact", "corrects": key, "request_key": "k"}
    assert page_client.post(house.page, fields).status == 404
    assert session.query(StaffNote).count() == 0


def test_another_womans_note_is_not_corrected_here(house, page_client):
    other = make.client(house.jo)
    with unit_of_work():
        notes.write(house.jo.actor, other.id, body="x", is_opinion=False, third_party=False, safe_to_show=False,
                    corrects="", now=clock.now())  # fmt: skip
    number = session.query(StaffNote).one().id
    assert page_client.get(f"{house.page}?correct=n{number}").status == 404


def test_many_come_page_by_page_and_none_is_lost(house, page_client, travel):
    with unit_of_work():
        session.add_all(
            StaffNote(client_id=house.client.id, body=f"note-{number}.", is_opinion=False, third_party=False,
                      safe_to_show=False, written_by=house.jo.id, written_at=travel.now - timedelta(hours=9 * number))
            for number in range(250)
        )  # fmt: skip
    seen, address = set(), house.page
    for _ in range(6):
        page = page_client.get(address)
        found = {number for number in range(250) if f"note-{number}." in page.text}
        assert not found & seen, "no note comes twice"
        seen |= found
        if "Older notes" not in page.links():
            break
        address = house.page + page.links()["Older notes"]
    assert seen == set(range(250))
    assert page_client.get(f"{house.page}?before=nonsense").status == 404


def test_the_file_shows_the_newest_and_leads_there(house, page_client):
    page = page_client.get(f"/staff/clients/{house.client.id}")
    assert "Before marks" in page.text
    assert page.links()["All notes, and writing one"] == house.page
    assert page.links()["Who was asked to help her"] == f"/staff/clients/{house.client.id}/partners"
