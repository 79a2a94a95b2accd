"""The log and the switch that stops all sending."""

import pytest
from sqlalchemy import select, update

from portal.audit import append_only
from portal.audit import service as audit
from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import tasks
from portal.messaging import outbox, stops
from portal.messaging.models import SendingStop, Text
from portal.sms.gateway import gateway_for
from tests.support import make, sign_in


@pytest.fixture
def manager(app, travel):
    return make.staff("manager", make.centre(), first_name="Frances")


@pytest.fixture
def minute(app, environ):
    """What the worker does each minute."""
    settings = Settings.from_env(environ)
    return lambda: tasks.every_minute(settings, gateway_for(settings))


def noted(person, action: str, **facts) -> None:
    with unit_of_work():
        audit.record(person, action, now=clock.now(), **facts)


def wanted(client, once: str) -> None:
    with unit_of_work():
        outbox.queue(client.id, "test", once=once, now=clock.now())


def states() -> list[str]:
    session.remove()
    return [text.state for text in session.scalars(select(Text).order_by(Text.id))]


def test_the_log_says_who_did_what_to_which_record_newest_first(page_client, manager):
    client = make.client(called_name="Rosamunde")
    noted(manager.actor, "client_read", client_id=client.id, subject="file")
    noted(SYSTEM, "help_imported")
    page = sign_in.staff_at(page_client, manager, "/staff/audit")
    assert page.text.index("help imported") < page.text.index("client read")
    assert "Frances Example" in page.text
    assert "Rosamunde" not in page.html, "records by number only"


def test_the_log_is_without_a_woman_whom_the_reader_must_not_know(page_client, manager):  # R29
    hidden, other = make.client(), make.client()
    with unit_of_work():
        session.add(Restriction(client_id=hidden.id, staff_id=manager.id, since_at=clock.now()))
    noted(SYSTEM, "marker_hidden", client_id=hidden.id)
    noted(SYSTEM, "marker_other", client_id=other.id)
    page = sign_in.staff_at(page_client, manager, "/staff/audit")
    assert "marker other" in page.text and "marker hidden" not in page.text


def test_older_entries_are_a_press_away(page_client, manager):
    with unit_of_work():
        for number in range(130):
            audit.record(SYSTEM, f"entry_{number}", now=clock.now())
    page = sign_in.staff_at(page_client, manager, "/staff/audit")
    assert "system entry 129 " in page.text and "system entry 20 " not in page.text
    page = page_client.get(page.links()["Older"])
    assert "system entry 20 " in page.text and "system entry 129 " not in page.text


@pytest.mark.parametrize("before", ["x", "-1", "0", "99999999999999999999999", ""])
def test_odd_places_in_the_log_give_the_newest(page_client, manager, before):
    noted(SYSTEM, "marker_entry")
    sign_in.staff_at(page_client, manager, "/staff/audit")
    assert "marker entry" in page_client.get(f"/staff/audit?before={before}").text


def test_a_changed_log_is_said_so_on_the_page(page_client, manager):
    for number in range(3):
        noted(SYSTEM, f"entry_{number}")
    with unit_of_work():
        audit.seal()
    sign_in.staff_at(page_client, manager, "/staff/audit")
    assert "The chain is broken" not in page_client.page.text
    assert f"The log ends at entry 3 with {audit.head().chain_hash}" in page_client.page.text
    with unit_of_work(), append_only.opened(session.connection()):
        session.execute(update(AuditEntry).where(AuditEntry.position == 2).values(actor_id=99))
    assert "The chain is broken at entry 2" in page_client.get("/staff/audit").text


def test_who_looks_at_the_log_is_in_the_log(page_client, manager):  # R30
    sign_in.staff_at(page_client, manager, "/staff/audit")
    page_client.get("/staff/audit?before=40")
    looks = session.execute(
        select(AuditEntry.actor_id, AuditEntry.subject).where(AuditEntry.action == "audit_read").order_by(AuditEntry.id)
    )
    assert [tuple(look) for look in looks] == [(manager.id, ""), (manager.id, "before:40")]


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "referrer"])
@pytest.mark.parametrize("address", ["/staff/audit", "/staff/switches"])
def test_log_and_switches_are_for_managers_and_admins(page_client, app, travel, role, address):
    sign_in.staff_at(page_client, make.staff(role, make.centre()), "/staff/today")
    assert page_client.get(address).status == 403
    page_client.get("/language")
    assert page_client.post("/staff/switches/sending", {"to": "stop", "why": "x"}).status == 403
    assert session.query(SendingStop).count() == 0


def test_one_switch_stops_all_sending_and_one_starts_it_again(page_client, manager, minute):  # R27
    client = make.client()
    make.safe_contact(client)
    wanted(client, "before")
    minute()
    assert states() == ["reached"]
    sign_in.staff_at(page_client, manager, "/staff/switches")
    page = page_client.submit("/staff/switches/sending", why="A wrong template", press=("to", "stop"))
    assert "Stopped by Frances Example" in page.text and "A wrong template" in page.text
    wanted(client, "meanwhile")
    minute()
    minute()
    assert states() == ["reached", "waiting"]
    assert "1 texts wait" in page_client.get("/staff/switches").text or "1 text waits" in page_client.page.text
    page = page_client.submit("/staff/switches/sending", press=("to", "send"))
    assert "Running" in page.text and "A wrong template" in page.text, "it stands under the earlier ones"
    minute()
    assert states() == ["reached", "reached"]
    actions = [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert [action for action in actions if action.startswith("sending_")] == ["sending_stopped", "sending_resumed"]


@pytest.mark.parametrize("why", ["", "   ", "x" * 10_000, "\x00"])
def test_stopping_needs_a_short_reason(either_database, page_client, manager, why):
    sign_in.staff_at(page_client, manager, "/staff/switches")
    page = page_client.post("/staff/switches/sending", {"to": "stop", "why": why})
    assert page.status == 422
    assert page.links().get("Say why." if len(why) < 5 else "That is too long. Write at most 200 letters.") == "#why"
    assert session.query(SendingStop).count() == 0


def test_what_was_typed_is_still_there(page_client, manager):
    sign_in.staff_at(page_client, manager, "/staff/switches")
    page = page_client.post("/staff/switches/sending", {"to": "stop", "why": "🙂" * 300})
    assert page.field("why") == "🙂" * 300


@pytest.mark.parametrize("to", ["", "start", "STOP", None])
def test_a_press_that_says_neither_changes_nothing(page_client, manager, to):
    sign_in.staff_at(page_client, manager, "/staff/switches")
    page_client.submit("/staff/switches/sending", why="A wrong template", press=("to", "stop"))
    page = page_client.post("/staff/switches/sending", {} if to is None else {"to": to})
    assert page.status == 422
    assert stops.current_stop() is not None


def test_stopped_or_started_twice_is_said_so(page_client, manager):
    sign_in.staff_at(page_client, manager, "/staff/switches")
    assert page_client.post("/staff/switches/sending", {"to": "send"}).status == 409
    page_client.get("/staff/switches")
    assert page_client.post("/staff/switches/sending", {"to": "stop", "why": "x"}).status == 303
    page_client.get("/staff/switches")
    assert page_client.post("/staff/switches/sending", {"to": "stop", "why": "x"}).status == 409
    assert session.query(SendingStop).count() == 1


def test_two_stops_of_one_moment_end_with_one_press(manager):
    with unit_of_work():
        for why in ("one", "two"):
            session.add(SendingStop(stopped_at=clock.now(), stopped_by=manager.id, why=why))
    with unit_of_work():
        stops.resume_sending(manager.actor, now=clock.now())
    assert stops.current_stop() is None
