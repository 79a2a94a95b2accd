"""R29: for who must not know of her, every page is the page of a portal in which she never was, byte for byte."""

import re
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.booking.models import Appointment
from portal.clients.models import Client, KeptApart, SafeContact
from portal.core import clock, crypto
from portal.core.database import Base, session, unit_of_work
from portal.messaging.models import IncomingText, Text
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.reach import world as worlds
from tests.reach.table import ABOUT_A_WOMAN, ABOUT_NOBODY
from tests.reach.test_the_walk import address, granted
from tests.reach.world import copy
from tests.support import make

HER = "Hidden Otter 77"
HER_NUMBER = "07700 900777"
FEED: list[str] = []
"""The address of a calendar feed, which reads itself without anybody signed in."""


@pytest.fixture(scope="module")
def two_worlds(built, tmp_path_factory):
    """The world with her in it, entangled with everybody, and the same world without a row of hers."""
    built.back()
    entangle(built)
    FEED[:] = [feed_of(built)]
    session.remove()
    folder = tmp_path_factory.mktemp("worlds")
    with_her, without = folder / "with.db", folder / "without.db"
    copy(built.database, with_her)
    forget(built)
    copy(built.database, without)
    yield built, with_her, without
    built.back()


def entangle(world) -> None:
    """Whoever must not know of her had to do with her in every way that leaves a trace on some page."""
    her, own = world.women[worlds.RESTRICTED], world.women[worlds.OWN]
    jo, today = world.staff["keyworker"], clock.london_today(clock.now())
    index = crypto.keyring().index
    with unit_of_work():
        client = session.get_one(Client, her)
        client.code_name, client.called_name = HER, "Hiddenlantern"
        client.code_name_index = index("code_name", "hiddenotter77")
        contact = session.scalars(select(SafeContact).where(SafeContact.client_id == her)).one()
        contact.number = "+447700900777"
        contact.number_index, contact.number_end_index = index("phone", "+447700900777"), index("phone_end", "0777")
        first = session.scalars(select(Appointment).where(Appointment.client_id == her)).first()
        for starts_at in (
            make.london(today, "14:00"),
            make.london(today, "09:00") - timedelta(days=1),
            first.starts_at,
        ):
            session.add(
                Appointment(client_id=her, kind_id=first.kind_id, centre_id=first.centre_id, worker_id=jo,
                            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50), booked_by_kind="client",
                            booked_by_id=her, booked_at=clock.now(), answer="late")
            )  # fmt: skip
        session.add(KeptApart(one_id=min(own, her), other_id=max(own, her)))
        for kind in ("ring_her", "incoming_text", "new_setup_code", "ring_at_desk", "risk_text", "look_after_her"):
            for owner in (jo, world.staff["manager"], None):
                raise_task(kind, now=clock.now(), client_id=her, owner_id=owner, centre_id=first.centre_id,
                           once=f"{kind}{owner}")  # fmt: skip
        session.execute(
            update(Task)
            .where(Task.client_id == her)
            .values(second_id=world.staff["manager"], taken_by=jo, taken_at=clock.now())
        )
        unplaced = session.get_one(IncomingText, world.ids[worlds.RESTRICTED]["unplaced_id"])
        unplaced.number, unplaced.number_index = "+447700900777", contact.number_index
        session.add(
            IncomingText(gateway_sid="hers", number="+447700900777", number_index=contact.number_index, body="Help",
                         received_at=clock.now(), interpreted_at=clock.now(), meaning="words", client_id=her)
        )  # fmt: skip
        text = session.scalars(select(Text).where(Text.client_id == her)).first()
        text.written_by, text.batch_id = jo, int(world.other["batch_id"])


def feed_of(world) -> str:
    """The address of Jo's calendar feed, made anew."""
    world.send("keyworker", "POST", "/staff/calendar", do="make")
    page = world.send("keyworker", "GET", "/staff/calendar").get_data(as_text=True)
    return re.search(r"/calendar/[\w-]+\.ics", page)[0]


def forget(world) -> None:
    """Take every row of hers away, as if she had never been there."""
    session.remove()
    her = world.women[worlds.RESTRICTED]
    unplaced = world.ids[worlds.RESTRICTED]["unplaced_id"]
    with sqlite3.connect(world.database) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(
            "DELETE FROM occupancies WHERE resource = ? OR appointment_id IN"
            " (SELECT id FROM appointments WHERE client_id = ?)", (f"client:{her}", her)
        )  # fmt: skip
        # A course in which she has a place is that much smaller for who must not know, or it would promise her place.
        db.execute(
            "UPDATE courses SET places = places - 1 WHERE id IN"
            " (SELECT course_id FROM course_places WHERE client_id = ? AND left_at IS NULL)", (her,)
        )  # fmt: skip
        guards = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        ).fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM kept_apart WHERE one_id = ? OR other_id = ?", (her, her))
        db.execute("DELETE FROM incoming_texts WHERE id = ?", (unplaced,))
        for table in Base.metadata.sorted_tables:
            if "client_id" in table.columns:
                db.execute(f"DELETE FROM {table.name} WHERE client_id = ?", (her,))
        db.execute("DELETE FROM clients WHERE id = ?", (her,))
        for _, statement in guards:
            db.execute(statement)


def shown(world, database, role: str, asked: list[tuple[str, str, dict]]) -> dict[str, tuple[int, bytes]]:
    """What somebody gets at some addresses in one of the two worlds, tokens and keys of forms aside."""
    found = {}
    session.remove()
    copy(database, world.database)
    world.browsers[role].client._cookies = dict(world.jars[role])
    for method, at, fields in asked:
        got = world.send(role, method, at, **fields)
        assert got.status_code < 500 and "sign-in" not in got.headers.get("Location", ""), (at, got.status_code)
        body = re.sub(rb'name="(csrf_token|request_key)" value="[^"]*"', b"", got.get_data())
        # A page that opens a new record proposes a code name by chance.
        body = re.sub(rb'(code_name" required type="text" value="|For example: )[^"<]*', b"", body)
        found[f"{method} {at} {fields}"] = (got.status_code, body)
    return found


def pages(world, role: str) -> list[tuple[str, str, dict]]:
    """Every page and export that a role can ask for: about nobody, and about women whom she may see, or not."""
    asked = [
        ("GET", address(world, one.split(" ")[1], worlds.OWN), {})
        for one, permission in ABOUT_NOBODY.items()
        # A new secret for one's own app is another each time.
        if one.startswith("GET") and granted(role, permission) and one != "GET /staff/me/app"
    ]
    if role == "keyworker":
        asked.append(("GET", FEED[0], {}))
    for method, rule, permission, *_ in ABOUT_A_WOMAN:
        if method == "GET" and granted(role, permission):
            asked += [("GET", address(world, rule, woman), {}) for woman in (worlds.OWN, worlds.SAME)]
    return asked


def searches(world) -> list[tuple[str, str, dict]]:
    """Every form that takes a name, a number or words and says whom it found."""
    own = f"/staff/clients/{world.women[worlds.OWN]}"
    course = world.ids[worlds.OWN]["course_id"]
    why = {"reason": "danger", "words": "She rang"}
    asked = []
    for typed in (HER, "Hiddenlantern", HER_NUMBER, "0777"):
        asked += [
            ("POST", "/staff/find", {"q": typed}),
            ("POST", "/staff/inbox/search", {"words": typed, "q": typed}),
            ("POST", "/staff/clients/open", {"typed": typed, "request_key": "o1", **why}),
            ("POST", f"{own}/must-not-meet", {"typed": typed, "request_key": "m1"}),
            ("POST", f"{own}/merge", {"code_name": typed}),
            ("POST", "/staff/walk-in", {"name": typed}),
            ("POST", f"/staff/groups/{course}/find", {"name": typed}),
        ]
    return asked


def differing(one: dict, other: dict) -> list[str]:
    wrong = []
    for at, (status, body) in one.items():
        if other[at] != (status, body):
            lines = [line for line in body.splitlines() if line not in other[at][1].splitlines()]
            wrong.append(f"{at}: {status} {other[at][0]} {b' '.join(lines)[:400]!r}")
    return wrong


@pytest.mark.parametrize("role", worlds.ROLES)
def test_every_page_is_that_of_a_portal_without_her(two_worlds, role):
    world, with_her, without = two_worlds
    asked = pages(world, role)
    wrong = differing(shown(world, with_her, role, asked), shown(world, without, role, asked))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["keyworker", "receptionist", "manager"])
def test_no_search_finds_her(two_worlds, role):
    world, with_her, without = two_worlds
    asked = searches(world)
    here, gone = shown(world, with_her, role, asked), shown(world, without, role, asked)
    wrong = differing(here, gone)
    assert not wrong, "\n".join(wrong)


def test_whoever_may_know_of_her_sees_her_on_the_same_pages(two_worlds):
    """Else the comparison would prove nothing: to a colleague who may know she is everywhere."""
    world, with_her, _ = two_worlds
    copy(with_her, world.database)
    session.remove()
    with sqlite3.connect(world.database) as db:
        db.execute("DELETE FROM restrictions WHERE client_id = ?", (world.women[worlds.RESTRICTED],))
    seen = {}
    for at in ("/staff/today", "/staff/clients", "/staff/worklist", "/staff/inbox", "/staff/diary", "/staff/waiting"):
        seen[at] = "Hiddenlantern" in world.send("keyworker", "GET", at).get_data(as_text=True)
    assert all(seen.values()), seen
    found = world.send("keyworker", "POST", "/staff/find", q=HER).get_data(as_text=True)
    assert "Hiddenlantern" in found
