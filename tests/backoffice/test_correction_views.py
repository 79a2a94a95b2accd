"""Correcting a woman's record: the name to call out, her language, what her sessions need."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core import locales
from portal.core.database import session, unit_of_work
from tests.support import make, sign_in


@pytest.fixture
def client(app, travel):
    preparation = {"access": "Step-free", "interpreter": "Tamil", "companion": "her sister"}
    return make.client(called_name="Rosamund", language="en", preparation=preparation)


@pytest.fixture
def page(page_client, client):
    """Her file's page for corrections, as her keyworker opens it."""
    jo = session.get_one(make.Staff, client.keyworker_id)
    file = sign_in.staff_at(page_client, jo, f"/staff/clients/{client.id}")
    page_client.get(file.links()["Correct this"])
    return page_client


def recorded(client) -> Client:
    session.remove()
    return session.get_one(Client, client.id)


def corrections(client) -> int:
    session.remove()
    rows = session.scalars(select(AuditEntry).where(AuditEntry.client_id == client.id))
    return sum(row.action == "client_corrected" for row in rows)


def test_what_is_wrong_is_put_right_and_the_rest_stays(page, client):
    done = page.submit(called_name="  Rosa   Munda ", language="ti", childcare="1 child", access="")
    assert done.address == f"/staff/clients/{client.id}" and "Saved." in done.html
    hers = recorded(client)
    assert (hers.called_name, hers.language, hers.code_name) == ("Rosa Munda", "ti", client.code_name)
    assert hers.preparation == {"childcare": "1 child", "interpreter": "Tamil", "companion": "her sister"}
    assert corrections(client) == 1
    assert "Tigrinya" in done.text and "Rosa Munda" in done.text


def test_saved_as_it_was_nothing_is_written(page, client):
    assert page.submit(f"/staff/clients/{client.id}/about").address == f"/staff/clients/{client.id}"
    assert corrections(client) == 0
    assert recorded(client).preparation == client.preparation


def test_her_own_choice_for_her_pages_stays_unless_it_is_the_same(page, client):
    with unit_of_work():
        session.get_one(Client, client.id).pages_language = "so"
    page.submit(language="ti")
    assert recorded(client).pages_language == "so"
    page.get(f"/staff/clients/{client.id}/about")
    page.submit(language="so")
    hers = recorded(client)
    assert (hers.language, hers.pages_language) == ("so", None)


def test_a_language_that_somebody_else_chose_for_her_pages_is_ended_by_staff(page, client):  # R48
    assert "pages_follow" not in page.page.html, "there is nothing to end"
    with unit_of_work():
        session.get_one(Client, client.id).pages_language = "ti"
    page.get(f"/staff/clients/{client.id}/about")
    assert "somebody chose Tigrinya" in page.page.text
    page.submit(pages_follow="y")
    assert recorded(client).pages_language is None and corrections(client) == 1


def test_a_record_that_was_joined_to_another_meanwhile_is_not_corrected(page, client):
    kept = make.client()
    with unit_of_work():
        session.get_one(Client, client.id).merged_into_id = kept.id
    assert page.submit(called_name="Rose").status in (404, 410)
    assert recorded(client).called_name == "Rosamund"


def test_a_language_that_is_not_offered_says_so_where_it_is_chosen(page, client, only_english):
    assert locales.offered() == ("en",)
    options = [option.text for option in page.get(f"/staff/clients/{client.id}/about").find_all("option")]
    assert any(text.startswith("Polish") and "English" in text for text in options)


@pytest.mark.parametrize(
    ("name", "said"),
    [("   ", "Fill this in."), ("Heron", "This name is in her code name."), ("x" * 10_000, "long")],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_changed(page, client, name, said):
    refused = page.submit(called_name=name, language="pl")
    assert refused.status == 422 and said in refused.text
    hers = recorded(client)
    assert (hers.called_name, hers.language) == ("Rosamund", "en") and corrections(client) == 0


def test_a_name_in_arabic_is_kept_as_it_is(page, client):
    page.submit(called_name="نور الهدى")
    assert recorded(client).called_name == "نور الهدى"


def test_of_two_at_once_the_second_is_told_and_overwrites_nothing(page, client):
    with unit_of_work():
        session.get_one(Client, client.id).called_name = "Rosalind"
    refused = page.submit(called_name="Rose", language="pl")
    assert refused.status == 422 and "Somebody corrected this record meanwhile." in refused.text
    hers = recorded(client)
    assert (hers.called_name, hers.language) == ("Rosalind", "en")


def test_pressed_twice_it_is_corrected_once(page, client):  # R38
    fields = {name: page.page.field(name) for name in ("request_key", "was", "interpreter", "access", "childcare")}
    fields |= {"called_name": "Rose", "language": "en"}
    first, second = (page.post(f"/staff/clients/{client.id}/about", fields) for _ in range(2))
    assert (first.status, second.status, first.location) == (303, 303, second.location)
    assert corrections(client) == 1


@pytest.mark.parametrize("role", ["receptionist", "admin", "referrer"])
def test_it_is_not_for_this_role(page_client, client, role):  # R28
    person = make.staff(role, session.get_one(make.Centre, client.centre_id))
    sign_in.staff_at(page_client, person, "/staff/today")
    assert page_client.get(f"/staff/clients/{client.id}/about").status in (403, 404)
    assert recorded(client).called_name == "Rosamund"
