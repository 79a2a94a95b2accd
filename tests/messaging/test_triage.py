"""Texts that we could not place: whose they were, after a check, or nobody's; and the one text that duty may read."""

from datetime import time

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.clients.models import ClientState, Restriction
from portal.core.database import session, unit_of_work
from portal.core.week import LAST_MINUTE
from portal.messaging import inbox
from portal.messaging.models import IncomingText
from portal.staff.rota_models import DutyShift
from portal.worklist.models import Task
from tests.support import make, sign_in

NUMBER = "+447700900001"


@pytest.fixture
def jo(app, travel):
    return make.staff("keyworker", make.centre())


@pytest.fixture
def two(jo):
    """Rose and Ida, whose records hold one number."""
    women = [make.client(jo, called_name=name) for name in ("Rose", "Ida")]
    for woman in women:
        make.safe_contact(woman, number=NUMBER)
    return women


def come_in(body, now, number=NUMBER) -> int:
    with unit_of_work():
        inbox.receive(f"SM{body}{number}", number, body, now)
        inbox.interpret_waiting(now)
    return session.scalars(select(IncomingText.id).order_by(IncomingText.id.desc())).first()


def tasks() -> list[tuple]:
    session.rollback()
    return [(task.kind, task.client_id, task.done) for task in session.scalars(select(Task).order_by(Task.id))]


def incoming(number: int) -> IncomingText:
    session.rollback()
    return session.get_one(IncomingText, number)


def test_after_a_check_it_stands_in_her_thread_and_her_worker_answers(page_client, jo, two, travel):  # R23
    rose, ida = two
    number = come_in("can we do thursday", travel.now)
    page = sign_in.staff_at(page_client, jo, f"/staff/inbox/{number}")
    assert "Was it Rose?" in page.text and "Was it Ida?" in page.text
    page = page_client.post(f"/staff/inbox/{number}/place", {"client_id": ida.id}, follow=True)
    assert "Say how you checked that it was her." in page.html
    assert incoming(number).client_id is None
    fields = {"client_id": ida.id, "how": "checked_by_voice"}
    page = page_client.post(f"/staff/inbox/{number}/place", fields, follow=True)
    assert "It stands in her thread now." in page.html
    assert (incoming(number).client_id, incoming(number).meaning) == (ida.id, "words")
    assert tasks() == [("incoming_text", None, "placed"), ("incoming_text", ida.id, "")]
    assert "can we do thursday" in page_client.get(f"/staff/clients/{ida.id}/messages").text
    assert "can we do thursday" not in page_client.get(f"/staff/clients/{rose.id}/messages").text
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "text_placed")).all()
    assert [(entry.client_id, entry.reason) for entry in entries] == [(ida.id, "checked_by_voice")]
    again = page_client.post(f"/staff/inbox/{number}/place", fields | {"client_id": rose.id}, follow=True)
    assert "Somebody settled this text before." in again.html
    assert incoming(number).client_id == ida.id


def test_a_risk_keeps_its_task_and_it_becomes_hers(page_client, jo, two, travel):  # R25
    number = come_in("he's here", travel.now)
    sign_in.staff_at(page_client, jo, f"/staff/inbox/{number}")
    page_client.post(f"/staff/inbox/{number}/place", {"client_id": two[0].id, "how": "checked_code_word"})
    assert tasks() == [("risk_text", two[0].id, "")]
    assert incoming(number).meaning == "risk"


def test_a_wrong_number_closes_its_task_but_never_a_risk(page_client, jo, two, travel):  # R25
    plain, risky = come_in("is this the florist", travel.now), come_in("he's here", travel.now)
    sign_in.staff_at(page_client, jo, f"/staff/inbox/{plain}")
    for number in (plain, risky):
        page_client.get(f"/staff/inbox/{number}")
        page_client.submit(f"/staff/inbox/{number}/wrong-number")
    assert tasks() == [("incoming_text", None, "wrong_number"), ("risk_text", None, "")]
    assert "Somebody settled" in page_client.post(f"/staff/inbox/{plain}/wrong-number", follow=True).html


def test_it_is_never_put_with_a_woman_of_another_number_or_a_closed_record(page_client, jo, two, travel):  # R23
    other, closed = make.client(jo), two[1]
    with unit_of_work():
        session.merge(closed).state = ClientState.CLOSED
    number = come_in("hello", travel.now, number="+447700900001")
    sign_in.staff_at(page_client, jo, "/staff/inbox")
    for client in (other, closed):
        fields = {"client_id": client.id, "how": "checked_by_voice"}
        assert page_client.post(f"/staff/inbox/{number}/place", fields).status == 404
    for odd in (0, 2**31, 999):
        assert page_client.post(f"/staff/inbox/{odd}/place", {"client_id": other.id, "how": "x"}).status == 404
        assert page_client.post(f"/staff/inbox/{odd}/wrong-number").status == 404
    assert page_client.post(f"/staff/inbox/{number}/place", {"client_id": "x", "how": "x"}).status == 404


def test_who_must_not_know_one_of_the_women_settles_nothing(page_client, jo, two, travel):  # R29
    number = come_in("hello", travel.now)
    with unit_of_work():
        session.add(Restriction(client_id=two[0].id, staff_id=jo.id, since_at=travel.now))
    sign_in.staff_at(page_client, jo, "/staff/inbox")
    assert page_client.get(f"/staff/inbox/{number}").status == 404
    fields = {"client_id": two[1].id, "how": "checked_by_voice"}
    assert page_client.post(f"/staff/inbox/{number}/place", fields).status == 404
    assert page_client.post(f"/staff/inbox/{number}/wrong-number").status == 404


def test_on_duty_from_another_centre_she_reads_the_one_text_and_nothing_else(page_client, jo, travel):  # R23, R25
    rose = make.client(jo, called_name="Rose")
    make.safe_contact(rose, number=NUMBER)
    earlier, number = come_in("see you on thursday", travel.now), come_in("he's here", travel.now)
    dee = make.staff("keyworker", make.centre(), first_name="Dee")
    sign_in.staff_at(page_client, dee, "/staff/worklist")
    assert "Nothing to do." in page_client.page.text
    assert page_client.get(f"/staff/inbox/{number}").status == 404
    with unit_of_work():
        session.add(DutyShift(staff_id=dee.id, weekday=1, local_from=time(0), local_until=LAST_MINUTE, position=1))
    assert "Read this text now" in page_client.get("/staff/worklist").text
    page = page_client.get(f"/staff/inbox/{number}")
    assert "he's here" in page.text and "thursday" not in page.text and "Was it" not in page.text
    assert page_client.get(f"/staff/inbox/{earlier}").status == 404
    assert page_client.get(f"/staff/clients/{rose.id}/messages").status == 404
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "triage_read")).all()
    assert [(entry.client_id, entry.actor_id) for entry in entries] == [(rose.id, dee.id)]  # R30
    with unit_of_work():
        session.add(Restriction(client_id=rose.id, staff_id=dee.id, since_at=travel.now))
    assert page_client.get(f"/staff/inbox/{number}").status == 404  # R29
    assert "Nothing to do." in page_client.get("/staff/worklist").text
