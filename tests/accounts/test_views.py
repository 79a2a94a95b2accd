"""Her signing in, set-up and signing out, as she meets them."""

from portal.accounts import service
from portal.core.database import unit_of_work
from tests.support import make, sign_in


def test_she_sets_her_passcode_with_the_one_time_code_and_signs_in_with_it(page_client, travel):
    client = make.client()
    worker = make.session.get(make.Staff, client.keyworker_id)
    with unit_of_work():
        code = service.make_setup_code(worker.actor, client, now=travel.now)
    page_client.get("/set-up")
    page = page_client.submit("/set-up", code_name=client.code_name.upper(), code=code, passcode="867 530")
    assert page.address == "/today"
    page_client.get("/today")
    assert page_client.post("/sign-out").location == "/"
    assert page_client.get("/today").location == "/sign-in"
    assert sign_in.as_client(page_client, client, "867530").address == "/today"


def test_the_one_time_code_works_once_and_for_24_hours(page_client, travel):
    client = make.client()
    worker = make.session.get(make.Staff, client.keyworker_id)
    with unit_of_work():
        code = service.make_setup_code(worker.actor, client, now=travel.now)
    travel.forward(hours=24)
    page_client.get("/set-up")
    assert page_client.submit("/set-up", code_name=client.code_name, code=code, passcode="867530").status == 422


def test_after_ten_idle_minutes_she_is_signed_out(page_client, travel):  # R15
    sign_in.as_client(page_client, make.client())
    travel.forward(minutes=9)
    assert page_client.get("/today").status == 200
    travel.forward(minutes=10)
    assert page_client.get("/today").location == "/sign-in"
