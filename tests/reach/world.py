"""Six women with a row in every table, in and beyond the reach of one member of staff of each role, built once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from portal.booking.desk_models import HitByClosing, WalkIn
from portal.booking.models import Appointment
from portal.centres.models import CentreKind, Kind
from portal.clients.merge_models import ClientMerge
from portal.clients.models import Client, KeptApart, Restriction
from portal.clients.queries import safe_contact
from portal.clients.reach_models import BrokenGlass, OutsideRestriction
from portal.core import clock, crypto, database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.groups.models import GroupSession, Place
from portal.messaging.models import IncomingText, Text, TextBatch
from portal.partners.models import PartnerReferral
from portal.plan.answer_models import PlanVersion
from portal.plan.models import Action, Goal, OwnWords
from portal.plan.risk_models import RiskAssessment
from portal.staff.models import Staff
from portal.waiting.models import Offer, Wait
from portal.worklist.models import Task
from tests.backoffice import two_records
from tests.support import databases, make, sign_in
from tests.support.pages import PageClient
from tests.support.travel import Travel

OWN, SAME, ELSEWHERE, RESTRICTED, CLOSED, MERGED = "own", "same", "elsewhere", "restricted", "closed", "merged"
WOMEN = (OWN, SAME, ELSEWHERE, RESTRICTED, CLOSED, MERGED)
"""Jo's own; a colleague's at Jo's centre; one at another centre; one at Jo's centre of whom Jo, reception and the
manager must not know; a closed record of Jo's; one that goes on in Jo's own."""
ROLES = ("keyworker", "receptionist", "manager", "admin", "referrer")

OF_A_WOMAN: dict[str, type] = {
    "appointment_id": Appointment, "action_id": Action, "goal_id": Goal, "task_id": Task, "text_id": Text,
    "incoming_id": IncomingText, "wait_id": Wait, "offer_id": Offer, "hit_id": HitByClosing, "walk_in_id": WalkIn,
    "words_id": OwnWords, "version_id": PlanVersion, "glass_id": BrokenGlass, "assessment_id": RiskAssessment,
    "partner_referral_id": PartnerReferral, "referral_id": Referral, "condition_id": Condition,
    "excused_id": ExcusedSession, "report_id": PoliceReport,
}  # fmt: skip
"""Ids in addresses that name a row of one woman's."""


@dataclass
class World:
    """Who there is; `ids[name]` are the ids that stand in addresses about one of the women."""

    app: Flask
    database: Path
    kept: Path
    travel: Travel
    staff: dict[str, int] = field(default_factory=dict)
    women: dict[str, int] = field(default_factory=dict)
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, PageClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    jars: dict[str, dict] = field(default_factory=dict)

    def back(self) -> None:
        """Everything as it was, everybody signed in as she was."""
        session.remove()
        copy(self.kept, self.database)
        for who, browser in self.browsers.items():
            browser.client._cookies = dict(self.jars[who])

    def keep(self) -> None:
        """This is how everything was."""
        session.remove()
        copy(self.database, self.kept)
        self.jars = {who: dict(browser.client._cookies) for who, browser in self.browsers.items()}

    def actor(self, role: str):
        """The member of staff of a role, as one who acts."""
        return session.get_one(Staff, self.staff[role]).actor

    def send(self, who: str, method: str, address: str, **data: Any) -> Any:
        """One request by somebody with her own token; gives the answer."""
        client = self.browsers[who].client
        if method == "GET":
            return client.get(address)
        return client.post(address, data={"csrf_token": self.tokens[who], **data})


@contextmanager
def built(folder: Path) -> Iterator[World]:
    """The whole world in a database of its own."""
    database_file = databases.make_sqlite(folder / "portal.db")
    settings = Settings.from_env({"PORTAL_DATABASE_URL": f"sqlite:///{database_file}", "PORT": "8000"})
    with pytest.MonkeyPatch.context() as patch:
        app = create_app(settings)
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        world = World(app, database_file, folder / "kept.db", Travel(patch, clock))
        try:
            fill(world)
            world.keep()
            for role in ROLES:
                _sign_in(world, role)
            world.keep()
            yield world
        finally:
            database.disconnect()


def fill(world: World) -> None:
    """Make everybody and everything."""
    here, there = make.centre("Example House"), make.centre("Harbour Hall", borough="Southwark")
    jo, priya = make.staff("keyworker", here), make.staff("keyworker", here, first_name="Priya")
    tess = make.staff("keyworker", there, first_name="Tess")
    people = {
        "keyworker": jo,
        "receptionist": make.staff("receptionist", here, first_name="Sam"),
        "manager": make.staff("manager", here, first_name="Frances"),
        "admin": make.staff("admin", first_name="Alex"),
        "referrer": make.staff("referrer", first_name="Dana"),
        "colleague": priya,
        "stranger": tess,
        "far_manager": make.staff("manager", there, first_name="Mo"),
    }
    world.staff = {role: person.id for role, person in people.items()}
    keyworkers = {OWN: jo, SAME: priya, ELSEWHERE: tess, RESTRICTED: priya, CLOSED: jo, MERGED: jo}
    for day, (name, keyworker) in enumerate(keyworkers.items()):
        client = make.client(keyworker, called_name=f"{name.title()}lantern", preparation={"access": f"{name}needs"})
        world.women[name] = client.id
        two_records.live(client, day=day % 5)
        _in_a_group(client, day)
        _further(client, day)
    _shared(world, here)
    with unit_of_work():
        kinds, offered = session.scalars(select(Kind.id)).all(), session.scalars(select(CentreKind.kind_id)).all()
        session.add_all(
            CentreKind(centre_id=centre.id, kind_id=kind)
            for kind in set(kinds) - set(offered)
            for centre in (here, there)
        )
        for offer in session.scalars(select(Offer)):
            offer.state, offer.lapses_at = "open", clock.now() + timedelta(days=1)
        for role in ("keyworker", "receptionist", "manager", "admin", "referrer"):
            session.add(
                Restriction(client_id=world.women[RESTRICTED], staff_id=world.staff[role], since_at=clock.now())
            )
        session.add(KeptApart(one_id=world.women[SAME], other_id=world.women[CLOSED]))
        session.add_all(
            Restriction(client_id=client_id, staff_id=people["far_manager"].id, since_at=clock.now())
            for client_id in world.women.values()
        )
        session.get_one(Client, world.women[CLOSED]).state = "closed"
        merged = session.get_one(Client, world.women[MERGED])
        merged.state, merged.merged_into_id = "closed", world.women[OWN]
        merge = ClientMerge(kept_id=world.women[OWN], merged_id=merged.id, moved={}, merged_by=people["manager"].id,
                            merged_at=clock.now())  # fmt: skip
        session.add(merge)
    for name, client_id in world.women.items():
        world.ids[name] = _ids_of(client_id) | {"merge_id": merge.id}


def _in_a_group(client: Client, day: int) -> None:
    place = session.scalars(select(Place).where(Place.client_id == client.id)).one()
    starts_at = make.london(make.monday() + timedelta(days=day % 5), "15:00")
    with unit_of_work():
        sitting = GroupSession(course_id=place.course_id, worker_id=client.keyworker_id, starts_at=starts_at,
                               ends_at=starts_at + timedelta(hours=1))  # fmt: skip
        session.add(sitting)
        session.flush()
        first = session.scalars(select(Appointment).where(Appointment.client_id == client.id)).first()
        session.add(
            Appointment(client_id=client.id, kind_id=first.kind_id, centre_id=client.centre_id,
                        worker_id=client.keyworker_id, session_id=sitting.id, starts_at=starts_at,
                        ends_at=sitting.ends_at, booked_by_kind="staff", booked_by_id=client.keyworker_id,
                        booked_at=clock.now())
        )  # fmt: skip


def _further(client: Client, day: int) -> None:
    """A past time without an outcome, a cancelled one to come, a text of hers that nobody has placed."""
    with unit_of_work():
        first = session.scalars(select(Appointment).where(Appointment.client_id == client.id)).first()
        for starts_at, facts in (
            (clock.now() - timedelta(days=1, hours=day), {"attendance": "yes"}),
            (first.starts_at + timedelta(hours=3), {"state": "cancelled", "ended_at": clock.now()}),
        ):
            session.add(
                Appointment(client_id=client.id, kind_id=first.kind_id, centre_id=client.centre_id,
                            worker_id=client.keyworker_id, starts_at=starts_at,
                            ends_at=starts_at + timedelta(minutes=50), booked_by_kind="staff",
                            booked_by_id=client.keyworker_id, booked_at=clock.now() - timedelta(days=9), **facts)
            )  # fmt: skip
        number = safe_contact(client.id).number
        session.add(
            IncomingText(gateway_sid=f"UN{client.id}", number=number,
                         number_index=crypto.keyring().index("phone", number),
                         body="Which of us", received_at=clock.now(), interpreted_at=clock.now(), meaning="triage")
        )  # fmt: skip


def _shared(world: World, here) -> None:
    """What is nobody's: a batch of texts, a kind; and the number of each address part that names no woman."""
    with unit_of_work():
        batch = TextBatch(made_by=world.staff["keyworker"], made_at=clock.now(), body="See you", left_out={})
        session.add(batch)
    room = here.rooms[0].id
    world.other = {
        "centre_id": str(here.id), "staff_id": str(world.staff["colleague"]), "kind_id": "1", "room_id": str(room),
        "batch_id": str(batch.id), "on": make.monday().isoformat(), "language": "so",
        "token": "x" * 43, "service_id": "1",
        "absence_id": "1", "closure_id": "1", "template_id": "1", "phrase_id": "1", "shift_id": "1",
        "restriction_id": "1", "pair_id": "1", "device_id": "1", "passkey_id": "1", "session_id": "999",
        "number": "1", "part": "helps", "disposal_id": "1", "referral_id": "999",
    }  # fmt: skip


def _ids_of(client_id: int) -> dict[str, int]:
    found = {"client_id": client_id, "other_id": client_id}
    for name, model in OF_A_WOMAN.items():
        found[name] = session.scalars(select(model.id).where(model.client_id == client_id).order_by(model.id)).first()
    place = session.scalars(select(Place).where(Place.client_id == client_id)).one()
    found["course_id"] = place.course_id
    hers = select(Appointment.id).where(Appointment.client_id == client_id)
    found["outside_id"] = session.scalars(
        select(OutsideRestriction.id).where(OutsideRestriction.client_id == client_id)
    ).first()
    found["restriction_id"] = session.scalars(
        select(Restriction.id).where(Restriction.client_id == client_id).order_by(Restriction.id)
    ).first()
    found["past_id"] = session.scalars(hers.where(Appointment.attendance == "yes")).first()
    found["cancelled_id"] = session.scalars(hers.where(Appointment.state == "cancelled")).first()
    found["unplaced_id"] = session.scalars(
        select(IncomingText.id).where(IncomingText.gateway_sid == f"UN{client_id}")
    ).first()
    found["session_id"] = session.scalars(
        select(GroupSession.id).where(GroupSession.course_id == place.course_id)
    ).first()
    found["closed_day_id"] = session.scalars(
        select(HitByClosing.closed_day_id).where(HitByClosing.client_id == client_id)
    ).first()
    return found


def _sign_in(world: World, role: str) -> None:
    browser = PageClient(world.app)
    sign_in.as_staff(browser, session.get_one(Staff, world.staff[role]))
    world.browsers[role] = browser
    world.tokens[role] = browser.csrf_token()
    session.remove()


def copy(source: Path, target: Path) -> None:
    """Make a database a copy of another."""
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
