"""A keyworker asks a partner: pages, pressed twice, old pages, and the paper that says no more than was agreed."""

import re

import pytest

from portal.audit.models import AuditEntry
from portal.clients.reach_models import OutsideRestriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.help.models import Service
from portal.partners import rules, steps
from portal.partners.models import PartnerReferral
from portal.partners.staff_views import _FIELD_OF
from portal.worklist.models import Task
from tests.partners import asked
from tests.plan.plans import herself
from tests.support import make, sign_in
from tests.support.measures import statements


@pytest.fixture
def house(app, page_client, travel):
    centre = make.centre()
    jo = make.staff("keyworker", centre)
    client = make.client(jo, centre, called_name="Rosalind")
    make.safe_contact(client)
    sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}/partners")
    return type("House", (), {"jo": jo, "client": client, "list": f"/staff/clients/{client.id}/partners"})


def answers(*yes: str) -> dict[str, str]:
    return {_FIELD_OF[item]: "yes" for item in yes}


def test_from_the_first_word_to_the_paper_and_back(house, page_client):
    page = page_client.submit(house.list, kind="housing", name="Harbour Rooms", what_for="A room of her own")
    row = session.query(PartnerReferral).one()
    address = f"/staff/partners/{row.id}"
    assert page.address == address and "Rosalind" not in page.title and "Harbour" not in page.title  # R28
    assert not [field for field in page.find_all("input", type="radio") if field.get("checked") is not None]
    page = page_client.submit(f"{address}/agreement", how="in_person", **answers("ask_them", "name", "hear_back"))
    assert "Agreed, not sent" in page.text
    page = page_client.get(f"{address}/sheet")
    assert "A look ahead" in page.text and "no-print" in page.html
    page = page_client.submit(f"{address}/told")
    assert page.address == f"{address}/sheet" and page.title == "Sheet"  # R7
    assert "Call her Rosalind" in page.text and "You may tell us whether you can help" in page.text
    for hidden in ("A room of her own", "07700", "English", house.client.code_name):
        assert hidden not in page.text
    with unit_of_work():
        steps.withdraw(herself(house.client), row.id, now=clock.now())
    page = page_client.get(f"{address}/sheet")
    assert page.status == 409 and "It cannot be printed any more." in page.text
    assert "Rosalind" not in page.title


def test_opening_and_printing_stand_in_the_log(house, page_client):  # R30
    row = asked.sent(house.client)
    page_client.get(house.list)
    page_client.get(f"/staff/partners/{row.id}")
    page_client.get(f"/staff/partners/{row.id}/sheet")
    written = [(e.action, e.subject) for e in session.query(AuditEntry).filter_by(client_id=house.client.id)]
    assert ("client_read", "partners") in written and ("client_read", f"partner_referrals:{row.id}") in written
    assert written[-1] == ("partner_sheet_made", f"partner_referrals:{row.id}")


def test_pressed_twice_it_is_written_down_once(house, page_client):  # R38
    page = page_client.get(house.list)
    fields = {"kind": "work", "name": "Willow Work", "service_id": "0", "request_key": page.field("request_key")}
    first, second = (page_client.post(house.list, fields).location for _ in range(2))
    assert first == second and session.query(PartnerReferral).count() == 1


def test_faults_stand_at_their_field_and_nothing_typed_is_lost(house, page_client):
    page_client.get(house.list)
    page = page_client.submit(house.list, name="", what_for="Zephyrine words")
    assert page.status == 422 and "Say what for." in page.text and "Zephyrine words" in page.html
    page = page_client.submit(house.list, kind="work", name="")
    assert page.status == 422 and "Choose one from the directory, or write its name." in page.text


def test_who_must_not_know_is_refused_and_a_name_that_is_alike_is_asked_about(house, page_client):  # R29
    with unit_of_work():
        for name in ("Harbour Rooms", "Willow Debt"):
            session.add(OutsideRestriction(client_id=house.client.id, kind="partner", name=name,
                                           recorded_by=house.jo.id, since_at=clock.now()))  # fmt: skip
    page_client.get(house.list)
    page = page_client.submit(house.list, kind="housing", name="harbour-rooms")
    assert page.status == 422 and "must not know of her. Nothing was saved." in page.text
    page_client.get(house.list)
    page = page_client.submit(house.list, kind="work", name="Willow Work")
    assert page.status == 422 and "She says that this is another organisation" in page.text
    assert session.query(PartnerReferral).count() == 0
    page = page_client.submit(house.list, different="y")
    assert page.status == 200 and session.query(PartnerReferral).count() == 1


def test_an_old_page_is_met_with_how_it_stands_now_and_what_was_chosen(house, page_client):
    row = asked.drafted(house.client)
    address = f"/staff/partners/{row.id}"
    page_client.get(address)
    asked.said(house.client, row, "ask_them")
    page = page_client.submit(f"{address}/agreement", how="phone", **answers("language"))
    assert page.status == 409 and "This changed while your page was open." in page.text
    chosen = [f.get("name") for f in page.find_all("input", value="yes") if f.get("checked") is not None]
    assert set(chosen) == {_FIELD_OF["ask_them"], _FIELD_OF["language"]}, "hers of before, and what was chosen now"
    page = page_client.submit(f"{address}/agreement")
    assert page.status == 200
    assert asked.queries.asked(asked.fresh(row)).agreed == {"ask_them", "language"}


def test_answers_and_steps_with_faults_are_said(house, page_client):
    row = asked.drafted(house.client)
    address = f"/staff/partners/{row.id}"
    page_client.get(address)
    page = page_client.submit(f"{address}/agreement", **answers("name"))
    assert page.status == 422 and "Say how you asked her." in page.text
    assert any(f.get("name") == _FIELD_OF["name"] and f.get("checked") is not None
               for f in page.find_all("input", value="yes")), "what was chosen stays"  # fmt: skip
    assert page_client.post(f"{address}/agreement", {"how": "phone", "revision": "x"}).status == 422
    assert page_client.post(f"{address}/agreement", {"how": "phone", "revision": "1", "item-0": "maybe"}).status == 422
    row = asked.sent(house.client, name="Willow Work")
    address = f"/staff/partners/{row.id}"
    page_client.get(address)
    page = page_client.submit(f"{address}/step", state="not_taken", happened_on="2026-12-01", not_taken="")
    assert page.status == 422 and "Say why." in page.text
    page = page_client.submit(f"{address}/step", state="accepted", happened_on="2027-01-01")
    assert page.status == 422 and "That day is still to come." in page.text
    page = page_client.submit(f"{address}/step", state="accepted", happened_on="2026-12-01")
    assert page.status == 200 and "Tue 1 Dec 2026: Accepted, by Jo" in page.text
    page = page_client.submit(f"{address}/withdraw")
    assert page.status == 422 and "Say why." in page.text
    page = page_client.submit(f"{address}/withdraw", reason="not_needed")
    assert "Withdrawn" in page.text and not page.find_all("form", action=f"{address}/withdraw")


def test_the_paper_never_says_more_than_was_agreed_for_any_two_answers(house, page_client):
    """A sheet of each pair of answers, as it is printed: no fact stands there that was not agreed to."""
    facts = {"name": "Rosalind", "reach": "07700", "language": "English", "what_for": "lanternwick"}
    for one in facts:
        row = asked.drafted(house.client, what_for="lanternwick")
        asked.said(house.client, row, "ask_them", one)
        text = page_client.get(f"/staff/partners/{row.id}/sheet").text
        assert {item for item, words in facts.items() if words in text} == {one}


def test_other_women_and_numbers_are_not_there(house, page_client):
    row = asked.sent(make.client())
    for number in (row.id, 0, 999999, 2**31):
        for path in ("", "/sheet"):
            assert page_client.get(f"/staff/partners/{number}{path}").status == 404
        for path in ("/agreement", "/told", "/step", "/withdraw"):
            assert page_client.post(f"/staff/partners/{number}{path}").status == 404


def test_a_partner_of_the_directory_is_named_as_it_is_there(house, page_client, app):
    with unit_of_work():
        service = Service(key="willow", name="Willow Advice", helps_with="Debt", needs=["debt"], boroughs=[],
                          languages=[], access=[], source="x", status="verified", published=True)  # fmt: skip
        session.add(service)
    page_client.get(house.list)
    page = page_client.submit(house.list, kind="debt", service_id=str(service.id), name="")
    assert "Willow Advice" in page.text
    assert session.query(PartnerReferral).one().service_id == service.id


def test_every_item_has_a_field_whose_name_says_nothing():  # R7
    assert set(_FIELD_OF) == set(rules.ITEMS)
    assert all(re.fullmatch(r"item-\d+", name) for name in _FIELD_OF.values())


def test_whoever_must_not_know_from_now_on_is_taken_back_and_told_by_a_person(house, page_client):  # R29
    number, other = asked.sent(house.client).id, asked.sent(house.client, name="Willow Work").id
    page_client.get(f"/staff/clients/{house.client.id}/must-not-know")
    page = page_client.submit(
        f"/staff/clients/{house.client.id}/must-not-know/outside", kind="partner", name="The Harbour-Rooms"
    )
    assert "Partners of that name that were asked: 1." in page.html
    session.remove()
    states = {row.id: row.state for row in session.query(PartnerReferral)}
    assert states == {number: "withdrawn", other: "sent"}
    (task,) = session.query(Task).filter_by(kind="tell_partner")
    page = page_client.get(f"/staff/worklist/{task.id}")
    assert page.links()["What they were told"] == f"/staff/partners/{number}"


def test_the_page_of_one_request_asks_few_things_of_the_database_however_many_answers(house, page_client):
    row = asked.sent(house.client)
    page_client.get(f"/staff/partners/{row.id}")
    with statements() as few:
        page_client.get(f"/staff/partners/{row.id}")
    for item in rules.ITEMS:
        asked.said(house.client, row, item)
    page_client.get(f"/staff/partners/{row.id}")
    with statements() as many:
        page_client.get(f"/staff/partners/{row.id}")
    assert len(many) == len(few) <= 20


def test_what_she_agreed_to_later_is_said_to_be_untold_and_is_not_printed(house, page_client):
    row = asked.sent(house.client, "name")
    asked.said(house.client, row, "language")
    page = page_client.get(f"/staff/partners/{row.id}")
    assert "She agreed to more since: language. They were not told that." in page.text
    assert "English" not in page_client.get(f"/staff/partners/{row.id}/sheet").text
