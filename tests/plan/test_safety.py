"""Her safety plan: hers, behind switch and passcode, read by whom she lets, gone when she takes it back."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import Client
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.core.errors import NotAllowed, NotFound, Stale
from portal.messaging.models import Text
from portal.plan import safety
from portal.plan.safety_models import SafetyPlan
from portal.plan.together import BothChanged
from tests.plan import plans
from tests.support import make, sign_in

WORDS = "Lanternwick"


@pytest.fixture
def client(app, travel):
    """A woman whose switch is on."""
    client = make.client(safety_plan_online=True)
    plans.goal(client)
    plans.state(client)
    return client


def write(actor, client, now, made_from: int = 0, **parts) -> SafetyPlan:
    with unit_of_work():
        return safety.write(actor, client.id, parts, made_from=made_from, language="en", now=now)


def opened(browser, client):
    sign_in.as_client(browser, client)
    browser.get("/plan/own", follow=True)
    return sign_in.step_up(browser)


def bare(page) -> str:
    html = re.sub(r'name="(csrf_token|request_key)" value="[^"]+"', r'name="\1"', page.html)
    return re.sub(r"(/plan/goals/|/plan/words\?goal=|id=\"g)\d+", r"\1N", html)


def test_switched_off_every_answer_is_that_of_a_woman_without_one(page_client, new_page_client, client, travel):  # R41
    write(plans.herself(client), client, travel.now, helps=WORDS)
    with unit_of_work():
        session.get_one(Client, client.id).safety_plan_online = False
    plain = make.client()
    plans.goal(plain)
    plans.state(plain)
    other = new_page_client()
    for browser, who in ((page_client, client), (other, plain)):
        sign_in.as_client(browser, who)
    for stepped_up in (False, True):
        for address in ("/plan", "/plan/own", "/today", "/me", "/plan/own/helps", "/plan/own/worker", "/plan/own/back"):
            one, two = page_client.get(address), other.get(address)
            assert (one.status, one.location) == (two.status, two.location), address
            assert bare(one) == bare(two), address
            assert WORDS not in one.html and "My own notes" not in page_client.get("/plan").html
        for address in ("/plan/own/helps", "/plan/own/worker", "/plan/own/back"):
            fields = {"words": "x", "revision": "0", "may": "1"}
            page_client.get("/plan"), other.get("/plan")
            one, two = page_client.post(address, fields), other.post(address, fields)
            assert (one.status, bare(one)) == (two.status, bare(two)) and one.status == 404
        if not stepped_up:
            for browser in (page_client, other):
                browser.get("/step-up")
                sign_in.step_up(browser)
    assert safety.current(client.id).parts == {"helps": WORDS}


def test_it_asks_for_her_passcode_and_stands_nowhere_else(page_client, client, travel):  # R16
    write(plans.herself(client), client, travel.now, helps=WORDS)
    sign_in.as_client(page_client, client)
    assert page_client.get("/plan/own").location == "/step-up"
    assert WORDS not in page_client.get("/today").html + page_client.get("/plan").html
    page_client.get("/plan/own", follow=True)
    page = sign_in.step_up(page_client)
    assert page.address == "/plan/own" and WORDS in page.text
    travel.forward(minutes=6)
    assert page_client.get("/plan/own").location == "/step-up"
    assert page_client.get("/plan/own/helps").location == "/step-up"


def test_she_writes_one_part_and_is_asked_who_may_read_it(page_client, client):
    opened(page_client, client)
    page_client.get("/plan/own/ring")
    page = page_client.submit("/plan/own/ring", words=f"My sister {WORDS}")
    assert page.address == "/plan/own/worker"
    page = page_client.submit("/plan/own/worker", press=("may", "0"))
    assert "Your worker cannot read this." in page.text and WORDS in page.text
    page_client.get("/plan/own/go")
    assert page_client.submit("/plan/own/go", words="Next door").address == "/plan/own"
    assert safety.current(client.id).parts == {"ring": f"My sister {WORDS}", "go": "Next door"}


def test_her_worker_reads_it_only_if_she_lets(page_client, new_page_client, client, travel):
    address = f"/staff/clients/{client.id}/safety-plan"
    row = write(plans.herself(client), client, travel.now, helps=WORDS)
    assert row.worker_may_read is None, "nobody asked her yet, so no"
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page = page_client.get(address)
    assert "She keeps hers to herself" in page.text and WORDS not in page.html
    assert not page.find_all("textarea")
    with pytest.raises(NotAllowed):
        write(plans.keyworker(client), client, travel.now, helps="Mine")
    hers = new_page_client()
    opened(hers, client)
    hers.get("/plan/own/worker")
    hers.submit("/plan/own/worker", press=("may", "1"))
    assert WORDS in page_client.get(address).text
    looks = session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "safety_plan_read")).all()
    assert looks == ["not_shown", ""]  # R30


def test_staff_record_what_she_says_about_reading(page_client, client, travel):  # R48
    write(plans.herself(client), client, travel.now, helps=WORDS)
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page_client.get(f"/staff/clients/{client.id}/safety-plan")
    page = page_client.submit(f"/staff/clients/{client.id}/safety-plan/reading")
    assert page.status in (200, 422)
    page = page_client.submit(f"/staff/clients/{client.id}/safety-plan/reading", press=("may", "1"))
    assert WORDS in page.text
    page = page_client.submit(f"/staff/clients/{client.id}/safety-plan/reading", press=("may", "0"))
    assert WORDS not in page.html


def test_a_worker_writes_only_with_her(page_client, client):
    address = f"/staff/clients/{client.id}/safety-plan"
    sign_in.as_staff(page_client, session.get(make.Staff, client.keyworker_id))
    page_client.get(address)
    page = page_client.submit(address, notice=WORDS)
    assert page.status == 422
    assert WORDS in page.html and safety.current(client.id) is None
    page = page_client.submit(address, together=True)
    assert WORDS in page.text
    row = safety.current(client.id)
    assert (row.written_by_kind, row.worker_may_read) == ("staff", True)


def test_both_at_once_in_different_parts_stand_and_in_one_part_it_is_said(page_client, client, travel):
    first = write(plans.keyworker(client), client, travel.now, helps="A walk", go="Next door")
    opened(page_client, client)
    page_client.get("/plan/own/helps")
    second = write(plans.keyworker(client), client, travel.now, made_from=first.id, go="My aunt")
    page_client.submit("/plan/own/helps", words="A bath")
    assert safety.current(client.id).parts == {"helps": "A bath", "go": "My aunt"}
    page_client.get("/plan/own/go")
    third = safety.current(client.id)
    write(plans.keyworker(client), client, travel.now, made_from=third.id, go="The library")
    page = page_client.submit("/plan/own/go", words="Rosa's")
    assert page.status == 409 and "The library" in page.text and "Rosa's" in page.text
    page_client.submit("/plan/own/go", keep_words="both")
    assert safety.current(client.id).parts["go"] == "The library\nRosa's"
    assert second.version == 2


def test_many_at_once_make_one_chain_of_versions(either_database, app, travel):
    client = make.client(safety_plan_online=True)
    her, client_id = plans.herself(client), client.id

    def add(part: str) -> str:
        try:
            with unit_of_work():
                safety.write(her, client_id, {part: part}, made_from=0, language="en", now=travel.now)
            return "done"
        except BothChanged:
            return "both"
        finally:
            database.session.remove()

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(add, ["notice", "helps", "ring", "go", "take"]))
    session.expire_all()
    assert found == ["done"] * 5
    assert len(safety.current(client_id).parts) == 5
    assert sorted(session.scalars(select(SafetyPlan.version))) == [1, 2, 3, 4, 5]


def test_taken_back_it_is_gone_with_every_version(page_client, client, travel):
    row = write(plans.herself(client), client, travel.now, helps=WORDS)
    write(plans.herself(client), client, travel.now, made_from=row.id, go=WORDS)
    opened(page_client, client)
    page_client.get("/plan/own/back")
    page = page_client.submit("/plan/own/back")
    assert WORDS not in page.text
    assert [row.parts for row in session.scalars(select(SafetyPlan))] == [{}, {}]
    with pytest.raises(Stale):
        write(plans.keyworker(client), client, travel.now, made_from=row.id, go="x")


def test_a_part_typed_for_longer_than_five_minutes_is_not_lost(page_client, client, travel):  # R16, R38
    opened(page_client, client)
    page_client.get("/plan/own/helps")
    travel.forward(minutes=6)
    page = page_client.submit("/plan/own/helps", words=f"{WORDS} and many more words that she typed slowly")
    assert page.address == "/step-up" and WORDS not in page.html
    sign_in.step_up(page_client)
    page_client.submit("/plan/own/helps")
    assert safety.current(client.id).parts["helps"].startswith(WORDS)


def test_nobody_else_comes_near_and_no_text_is_made(client, travel):  # R28
    write(plans.herself(client), client, travel.now, helps=WORDS)
    colleague = make.staff("keyworker", session.get(make.Centre, client.centre_id))
    for actor in (colleague.actor, plans.herself(make.client(safety_plan_online=True))):
        with pytest.raises((NotFound, NotAllowed)):
            safety.read_by_staff(actor, client.id, now=travel.now)
        with pytest.raises((NotFound, NotAllowed)):
            write(actor, client, travel.now, helps="x")
    assert not session.scalars(select(Text)).all()


def test_what_she_had_typed_goes_with_the_switch(page_client, new_page_client, client, travel):  # R41
    opened(page_client, client)
    page_client.get("/plan/own/helps")
    travel.forward(minutes=6)
    page_client.submit("/plan/own/helps", words=f"{WORDS} and many more words that she typed slowly")
    staff = new_page_client()
    sign_in.staff_at(staff, session.get_one(make.Staff, client.keyworker_id), f"/staff/clients/{client.id}")
    staff.submit(f"/staff/clients/{client.id}/switches", on=[])
    assert not session.get_one(Client, client.id).safety_plan_online
    assert page_client.get("/kept").location == "/today"
