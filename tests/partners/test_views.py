"""Her own page of who was asked: hers alone, behind her switch and passcode, taken back with one press."""

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.partners import steps
from portal.worklist.models import Task
from tests.partners import asked
from tests.plan.plans import herself
from tests.support import make, sign_in
from tests.support.measures import statements


def opened(browser, client):
    sign_in.as_client(browser, client)
    browser.get("/me/shared", follow=True)
    return sign_in.step_up(browser)


def test_with_the_switch_off_it_is_the_page_of_a_woman_for_whom_nobody_was_asked(page_client, new_page_client, travel):
    # R41
    client, plain = make.client(), make.client()
    row = asked.sent(client, "name")
    other = new_page_client()
    sign_in.as_client(page_client, client)
    sign_in.as_client(other, plain)
    one, two = page_client.get("/me/shared", follow=True), other.get("/me/shared", follow=True)
    assert one.html == two.html and one.address == two.address == "/me/shared"
    assert page_client.get("/me").html.count("/me/shared") == other.get("/me").html.count("/me/shared") == 0
    for browser in (page_client, other):
        assert browser.post(f"/me/shared/{row.id}").status == 404
    assert asked.fresh(row).state == "sent"


def test_behind_her_passcode_she_reads_all_they_were_told_and_takes_it_back_with_one_press(page_client, travel):  # R16
    client = make.client(report_online=True, called_name="Rosalind")
    make.safe_contact(client)
    row = asked.sent(client, "name", "reach", "hear_back")
    sign_in.as_client(page_client, client)
    assert page_client.get("/me").links()["Who we asked to help you"] == "/me/shared"
    assert page_client.get("/me/shared").location == "/step-up"
    page_client.get("/me/shared", follow=True)
    page = sign_in.step_up(page_client)
    assert page.address == "/me/shared"
    for words in ("Harbour Rooms", "We have asked them.", "Rosalind", "07700 900", "Never leave a message"):
        assert words in page.text, words
    page = page_client.submit(f"/me/shared/{row.id}")
    assert page.address == "/me/shared"
    assert "You do not want this any more." in page.text and "Your worker will tell them to stop." in page.text
    assert not [form for form in page.forms() if "/me/shared" in (form.get("action") or "")]
    session.rollback()
    assert session.query(Task).filter_by(kind="tell_partner").count() == 1


def test_after_five_minutes_the_press_asks_for_the_passcode_and_does_nothing(page_client, travel):  # R16
    client = make.client(report_online=True)
    row = asked.sent(client)
    opened(page_client, client)
    token = page_client.csrf_token()
    travel.forward(minutes=5)
    page = page_client.post(f"/me/shared/{row.id}", {"csrf_token": token})
    assert (page.location, asked.fresh(row).state) == ("/step-up", "sent")


def test_what_she_never_said_yes_to_is_not_there(page_client, travel):
    client = make.client(report_online=True)
    draft, refused = asked.drafted(client), asked.drafted(client, "Willow Work")
    asked.said(client, refused, no=("ask_them",))
    page = opened(page_client, client)
    assert "There is nothing to show here." in page.text
    for row in (draft, refused):
        assert page_client.post(f"/me/shared/{row.id}").status == 404


def test_another_womans_is_not_there(page_client, travel):
    client, other = make.client(report_online=True), make.client(report_online=True)
    row = asked.sent(other)
    page = opened(page_client, client)
    assert "Harbour" not in page.html
    for number in (row.id, 0, 999, 2**31):
        assert page_client.post(f"/me/shared/{number}").status == 404


def test_each_state_has_its_words(page_client, travel):
    client = make.client(report_online=True)
    asked.agreed(client, "name", name="Willow Work")
    for name, states in {"Birch Debt": ("not_taken",), "Elm Family": ("accepted", "first_seen", "outcome")}.items():
        row = asked.sent(client, name=name)
        for state in states:
            asked.stepped(client, row, state, reason={"not_taken": "full", "outcome": "partly"}.get(state, ""))
    text = opened(page_client, client).text
    for words in ("You said yes. We have not asked them yet.", "They cannot help now.", "This has ended.",
                  "You said yes to this:", "That we ask them to help you", "The name to call you by"):  # fmt: skip
        assert words in text, words


def test_taken_back_before_it_was_told_nobody_is_said_to_stop(page_client, travel):
    client = make.client(report_online=True)
    row = asked.agreed(client)
    with unit_of_work():
        steps.withdraw(herself(client), row.id, now=clock.now())
    text = opened(page_client, client).text
    assert "You do not want this any more." in text and "tell them to stop" not in text


def test_it_comes_in_arabic_from_right_to_left(page_client, travel):
    client = make.client(report_online=True, language="ar")
    asked.sent(client, "name")
    page = opened(page_client, client)
    assert page.find_all("html")[0].get("dir") == "rtl"


def test_her_page_asks_four_things_however_many_were_asked(page_client, travel):
    client = make.client(report_online=True)
    opened(page_client, client)
    asked.sent(client, "name")
    page_client.get("/me/shared")
    with statements() as few:
        page_client.get("/me/shared")
    for number in range(6):
        asked.sent(client, "name", name=f"Willow {number} Work")
    page_client.get("/me/shared")
    with statements() as many:
        page_client.get("/me/shared")
    assert len(many) == len(few) <= 6, many
