"""She tells us what she thinks: from her pages or at a kiosk, and nothing that is written leads back to her."""

import json
import re
import sqlite3
from collections import Counter

import pytest

from portal.accounts import device_service
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.feedback.models import Feedback
from tests.support import make, sign_in


def database(environ) -> Counter:
    session.remove()
    with sqlite3.connect(environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///")) as connection:
        return Counter(connection.iterdump())


def test_what_she_sends_changes_one_row_in_the_whole_database_and_the_log(  # R10
    page_client, environ, travel, capfd
):
    client = make.client(called_name="Rosalind")
    sign_in.as_client(page_client, client)
    page = page_client.get(page_client.get("/me").links()["Tell us what you think"])
    travel.forward(minutes=2)
    capfd.readouterr()
    before, number = database(environ), client.id
    for _ in range(2):
        page_client.page = page
        done = page_client.submit("/feedback", listened="no", words="lanternwick", follow=False)
        assert (done.status, done.location) == (303, "/feedback/done")
    new = database(environ) - before
    assert len(new) == 1 and not before - database(environ), "her session is not even touched"
    (line,) = new
    assert line.startswith('INSERT INTO "feedback"')
    values = re.findall(r"'([^']*)'", line)
    assert "2026-12" in values and not [value for value in values if "12-01" in value or "10:" in value]
    assert "lanternwick" not in line and "Rosalind" not in line
    row = session.query(Feedback).one()
    assert (row.listened, row.words, row.id != number) == ("no", "lanternwick", True)
    out, err = capfd.readouterr()
    assert "feedback" not in out + err and "lanternwick" not in out + err


def test_the_form_holds_nothing_of_hers(page_client, new_page_client, travel):
    centre = make.centre()
    jo = make.staff("keyworker", centre)
    one, two = make.client(jo, centre, called_name="Rosalind"), make.client(jo, centre, called_name="Amal")
    pages = []
    for browser, client in ((page_client, one), (new_page_client(), two)):
        sign_in.as_client(browser, client)
        pages.append(browser.get("/feedback"))
    tickets = [page.field("ticket") for page in pages]
    assert tickets[0] != tickets[1]
    plain = [re.sub(r'value="[^"]*"', "", page.html) for page in pages]
    assert plain[0] == plain[1] and "Rosalind" not in plain[0]
    from base64 import urlsafe_b64decode

    held = tickets[0].split(".")[0]
    assert json.loads(urlsafe_b64decode(held + "=" * (-len(held) % 4)))[1:] == [centre.id]


def test_faults_are_said_and_nothing_is_lost(page_client, travel):
    sign_in.as_client(page_client, make.client())
    page_client.get("/feedback")
    page = page_client.submit("/feedback")
    assert page.status == 422 and "Answer one question, or write something." in page.text
    page = page_client.submit("/feedback", words="x" * 1001)
    assert page.status == 422 and "That is too long." in page.text and "x" * 1001 in page.html
    assert page_client.submit("/feedback", words="short").address == "/feedback/done"


def test_an_old_form_gives_her_words_back(page_client, travel):
    sign_in.as_client(page_client, make.client())
    page = page_client.get("/feedback")
    fields = {"ticket": page.field("ticket") + "x", "words": "lanternwick"}
    page = page_client.post("/feedback", fields)
    assert page.status == 409 and "lanternwick" in page.text and session.query(Feedback).count() == 0


def test_she_is_told_honestly_what_it_can_show(page_client, travel):
    sign_in.as_client(page_client, make.client())
    text = page_client.get("/feedback").text
    assert "Your own words can show who you are." in text
    assert not re.search("anonymous|safe|secure|untraceable", text, re.IGNORECASE), "nothing is promised"


def test_who_is_not_signed_in_is_told_how_else(page_client, travel):
    page = page_client.get("/feedback")
    assert page.status == 200 and "ask at the desk for the paper" in page.text
    assert not [form for form in page.forms() if form.get("action") == "/feedback"]
    assert page_client.post("/feedback", {"listened": "yes"}).status == 409


def test_at_a_kiosk_nobody_signs_in_and_the_centre_is_the_kiosks(page_client, travel):
    centre = make.centre()
    admin = make.staff("admin", centre)
    with unit_of_work():
        device = device_service.name_device(
            admin.actor, kind="kiosk", name="By the door", centre_id=centre.id, now=clock.now()
        )
        code = device_service.make_code(admin.actor, device.id, now=clock.now())
    centre_id = centre.id
    page_client.get("/staff/device")
    page_client.submit("/staff/device", code=code)
    page = page_client.get("/", follow=True)
    page = page_client.get(page.links()["Tell us what you think"])
    page = page_client.submit("/feedback", easy="partly")
    assert page.address == "/feedback/done" and page.links()["Go on"] == "/"
    session.remove()
    assert session.query(Feedback).one().centre_id == centre_id


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "admin", "referrer"])
def test_only_managers_read_it(page_client, travel, role):
    person = make.staff(role, make.centre())
    sign_in.staff_at(page_client, person, "/staff/feedback")
    assert page_client.page.status == 403


def test_a_manager_reads_quarters_that_are_over_of_her_centres(page_client, new_page_client, travel):
    centre, other = make.centre("Example House"), make.centre("Harbour Hall")
    frances, mo = make.staff("manager", centre), make.staff("manager", centre, first_name="Mo")
    clients = [make.client(centre_=centre) for _ in range(5)]
    for client in clients:
        browser = new_page_client()
        sign_in.as_client(browser, client)
        browser.get("/feedback")
        browser.submit("/feedback", welcome="yes", words=f"lanternwick{client.id}")
    page = sign_in.staff_at(page_client, frances, "/staff/feedback")
    assert "lanternwick" not in page.text, "the quarter is still running"
    travel.forward(days=31)
    page = sign_in.staff_at(new_page_client(), mo, "/staff/feedback")
    assert page.text.count("lanternwick") == 5 and "5 answers" in page.text
    assert "Harbour Hall" not in page.text and other.id


def test_the_paper_asks_the_same(page_client, travel):
    page = sign_in.staff_at(page_client, make.staff("receptionist", make.centre()), "/staff/feedback/paper")
    for words in ("Did we listen to you?", "Was it easy to get help from us?", "Do not write your name."):
        assert words in page.text


def test_it_comes_in_arabic_from_right_to_left(page_client, travel):
    sign_in.as_client(page_client, make.client(language="ar"))
    assert page_client.get("/feedback").find_all("html")[0].get("dir") == "rtl"
