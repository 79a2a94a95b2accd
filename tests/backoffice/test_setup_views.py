"""Her set-up code, made anew after a check that it is her (R48)."""

import pytest
from sqlalchemy import delete, select

from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode, SetupCode
from portal.accounts.secrets import hash_secret
from portal.clients.models import Restriction
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.worklist.models import Task
from tests.backoffice.booked import appointment
from tests.backoffice.test_clients_views import audited
from tests.support import make, sign_in


@pytest.fixture
def jo(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def client(jo):
    found = make.client(jo, called_name="Rose")
    appointment(found, make.london(make.monday(), "10:00"))
    return found


@pytest.fixture
def sam(jo):
    return make.staff("receptionist", make.session.get(make.Centre, jo.centre_ids[0]), first_name="Sam")


def address(client) -> str:
    return f"/staff/clients/{client.id}/setup-code"


def codes() -> int:
    with make.session() as reading:
        return len(reading.scalars(select(SetupCode)).all())


def with_code_word(client, word: str = "teapot") -> None:
    make.safe_contact(client, code_word_hash=hash_secret("code_word", word))


def test_the_desk_makes_a_code_after_the_right_code_word(page_client, client, sam):
    with_code_word(client)
    sign_in.staff_at(page_client, sam, address(client))
    page = page_client.submit(address(client), code_word="kettle")
    assert page.status == 422
    assert "That is not her code word." in page.text
    assert codes() == 0
    assert "kettle" not in page.html
    assert [entry.client_id for entry in audited("code_word_wrong")] == [client.id]
    page = page_client.submit(address(client), code_word=" TeaPot ")
    assert page.address == f"{address(client)}/card"
    assert codes() == 1
    assert page_client.get(f"{address(client)}/card").status == 410


def test_after_ten_wrong_code_words_even_the_right_one_is_refused(page_client, client, sam, travel):  # R14
    with_code_word(client)
    sign_in.staff_at(page_client, sam, address(client))
    for _ in range(10):
        page_client.submit(address(client), code_word="kettle")
    assert page_client.submit(address(client), code_word="teapot").status == 422
    assert codes() == 0
    travel.forward(minutes=14)
    page_client.get(address(client))
    travel.forward(minutes=1)
    page_client.get(address(client))
    assert page_client.submit(address(client), code_word="teapot").address == f"{address(client)}/card"


def test_without_a_code_word_the_desk_can_only_ask_her_keyworker(page_client, client, sam, jo):
    sign_in.staff_at(page_client, sam, address(client))
    page = page_client.post(
        address(client),
        {"code_word": "teapot", "in_person": "y", "request_key": "a", "csrf_token": page_client.csrf_token()},
    )
    assert page.status == 422
    assert codes() == 0
    page_client.get(address(client))
    page_client.submit(f"{address(client)}/ask")
    assert "Her keyworker has a task for it." in page_client.page.html
    with make.session() as reading:
        task = reading.scalars(select(Task).where(Task.kind == "new_setup_code")).one()
    assert (task.owner_id, task.client_id) == (jo.id, client.id)


def test_a_keyworker_makes_one_when_she_is_there_in_person(page_client, client, jo):
    sign_in.staff_at(page_client, jo, address(client))
    assert "Say how you know that it is her." in page_client.submit(address(client)).text
    assert page_client.submit(address(client), in_person="y").address == f"{address(client)}/card"
    assert codes() == 1
    assert audited("setup_code_made")


def test_pressed_twice_it_makes_one_code(page_client, client, jo):  # R38
    sign_in.staff_at(page_client, jo, address(client))
    fields = {"in_person": "y", "request_key": page_client.page.field("request_key")}
    assert page_client.post(address(client), fields).status == 303
    assert page_client.post(address(client), fields).status == 303
    assert codes() == 1


def test_a_card_is_not_shown_under_another_woman(page_client, client, jo):
    other = make.client(jo)
    sign_in.staff_at(page_client, jo, address(client))
    page_client.submit(address(client), in_person="y", follow=False)
    assert page_client.get(f"{address(other)}/card").status == 410
    assert page_client.get(f"{address(client)}/card").status == 410


@pytest.mark.parametrize("client_id", [0, 999, 2**40])
def test_an_id_that_is_not_there_is_not_found(page_client, jo, client_id):
    sign_in.staff_at(page_client, jo, "/staff/clients")
    assert page_client.get(f"/staff/clients/{client_id}/setup-code").status == 404


def test_the_service_makes_no_code_before_somebody_checked_that_it_is_her(client, jo, sam, travel):  # R48
    with_code_word(client)
    workers, client_id = (jo.actor, sam.actor), client.id
    for worker in workers:
        for how in ("", "by_voice", "birthday"):
            with pytest.raises(Invalid), unit_of_work():
                accounts.make_setup_code(worker, make.session.get_one(make.Client, client_id), how=how, now=travel.now)
    assert codes() == 0
    with unit_of_work():
        accounts.make_setup_code(
            workers[0], make.session.get_one(make.Client, client_id), how="code_word", now=travel.now
        )
    assert [entry.reason for entry in audited("setup_code_made")] == ["code_word"], "how it was checked is on record"


def test_a_code_word_alone_asks_for_the_check_and_a_new_record_does_not(jo, travel):  # R48
    new = make.client(jo)
    with unit_of_work():
        make.session.execute(delete(ClientPasscode))
    with unit_of_work():
        accounts.make_setup_code(jo.actor, new, now=travel.now)
    with_code_word(new)
    with pytest.raises(Invalid), unit_of_work():
        accounts.make_setup_code(jo.actor, new, now=travel.now)


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "manager"])
def test_who_must_not_know_of_her_makes_no_code_for_her(client, jo, travel, role):  # R29
    other = make.staff(role, make.session.get(make.Centre, jo.centre_ids[0]))
    with unit_of_work():
        make.session.add(Restriction(client_id=client.id, staff_id=other.id, since_at=travel.now))
    with pytest.raises(NotFound), unit_of_work():
        accounts.make_setup_code(other.actor, client, how="in_person", now=travel.now)


def test_a_keyworker_of_another_centre_makes_no_code_for_her(client, travel):
    stranger = make.staff("keyworker", make.centre())
    with pytest.raises(NotFound), unit_of_work():
        accounts.make_setup_code(stranger.actor, client, how="in_person", now=travel.now)
