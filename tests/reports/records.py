"""Records of many women in one quarter, made through the real tables in a few inserts."""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from portal.booking.models import Appointment, Outcome
from portal.centres.models import Centre, Kind
from portal.clients.closing_models import Closing
from portal.clients.models import Client
from portal.core import crypto
from portal.core.database import Base, new_seal_id, session
from portal.diversion.models import Referral
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.rules import Pathway
from portal.reports.figures import SOURCES
from portal.reports.quarters import Quarter
from portal.staff.models import Staff

NEEDS = ("none", "some", "some", "high", "not_asked", "not_for_me", "rather_not_say")
_SEALED = b"\x00made up"


def fill(
    quarter: Quarter,
    centres: list[Centre],
    kind: Kind,
    by: Staff,
    women: int,
    *,
    seed: int = 1,
    appointments: tuple[int, int] = (0, 4),
) -> list[int]:
    """Put so many women on the scheme in a quarter, with everything that is counted; gives their ids."""
    made = _Quarter(quarter, centres, kind.id, by.id, random.Random(seed))
    made.appointments = appointments
    ids = made.clients(women)
    for client_id in ids:
        made.woman(client_id)
    made.write()
    return ids


class _Quarter:
    """The rows of a quarter, gathered by table and written at once."""

    def __init__(self, quarter: Quarter, centres: list[Centre], kind: int, by: int, chance: random.Random) -> None:
        self.quarter, self.centres, self.kind, self.by, self.chance = quarter, centres, kind, by, chance
        self.rows: dict[type[Base], list[dict[str, Any]]] = {}
        self.days = (quarter.ends_on - quarter.starts_on).days
        self.centre_of: dict[int, int] = {}
        self.appointments = (0, 4)

    def clients(self, women: int) -> list[int]:
        weights = [len(self.centres) - number for number in range(len(self.centres))]
        rows = [
            {
                "seal_id": new_seal_id(), "code_name": _SEALED, "called_name": _SEALED,
                "code_name_index": crypto.keyring().index("code_name", new_seal_id()), "language": "en",
                "keyworker_id": self.by, "centre_id": self.chance.choices(self.centres, weights)[0].id,
                "opened_at": self.quarter.starts_at, "state": "open",
            }
            for _ in range(women)
        ]  # fmt: skip
        table = Client.__table__
        found = session.execute(insert(table).returning(table.c.id, table.c.centre_id), rows).all()
        self.centre_of = {row.id: row.centre_id for row in found}
        return list(self.centre_of)

    def woman(self, client_id: int) -> None:
        at, roll = self.moment(), self.chance.random
        state = "accepted" if roll() < 0.8 else ("declined" if roll() < 0.6 else "received")
        contacted = at + timedelta(days=self.chance.randint(0, 9)) if state == "accepted" and roll() < 0.9 else None
        source = self.chance.choice([code for code in SOURCES if code != "none"])
        self.add(Referral, client_id=client_id, state=state, source=source, disposal="other", reference=_SEALED,
                 reporter_is_family=False, referred_on=at.date(), recorded_at=at, first_contact_at=contacted,
                 first_contact_due_at=at + timedelta(days=5))  # fmt: skip
        for _ in range(self.chance.randint(*self.appointments)):
            self.appointment(client_id)
        for pathway in self.chance.sample(list(Pathway), 5):
            for moment in ("start", "end"):
                self.add(Rating, client_id=client_id, pathway=pathway, moment=moment, score=self.chance.randint(1, 5),
                         with_worker=True, rated_at=self.moment())  # fmt: skip
        for position, pathway in enumerate(self.chance.sample(list(Pathway), 6)):
            self.add(NeedAnswer, client_id=client_id, pathway=pathway, moment="start", need=self.chance.choice(NEEDS),
                     language="en", position=position, answered_by_kind="client", answered_by_id=client_id,
                     answered_at=self.moment())  # fmt: skip
        self.add(PlanVersion, client_id=client_id, number=1, shared_at=at, shared_by=self.by, answered_at=self.moment(),
                 answer=self.chance.choice(("yes", "yes", "partly", "not_yet")), answered_by_kind="client",
                 answered_by_id=client_id)  # fmt: skip
        if roll() < 0.5:
            self.add(Closing, client_id=client_id, reason=self.chance.choice(("completed", "her_wish", "lost_touch")),
                     closed_by=self.by, closed_at=self.moment())  # fmt: skip

    def appointment(self, client_id: int) -> None:
        at = self.moment()
        came = self.chance.choice(("yes", "yes", "yes", "late", "no", ""))
        self.add(Appointment, client_id=client_id, kind_id=self.kind, centre_id=self.centre_of[client_id],
                 worker_id=self.by, starts_at=at, ends_at=at + timedelta(minutes=50), state="booked", attendance=came,
                 booked_by_kind="staff", booked_by_id=self.by, booked_at=at - timedelta(days=3))  # fmt: skip

    def moment(self) -> datetime:
        return self.quarter.starts_at + timedelta(minutes=self.chance.randint(600, self.days * 1440 - 600))

    def add(self, model: type[Base], **values: Any) -> None:
        table = model.__table__
        if "seal_id" in table.c:
            values["seal_id"] = new_seal_id()
        self.rows.setdefault(model, []).append(values)

    def write(self) -> None:
        for model, rows in self.rows.items():
            session.execute(insert(model.__table__), rows)
        self._outcomes()

    def _outcomes(self) -> None:
        told = session.query(Outcome.appointment_id)
        missed = session.query(Appointment).filter(Appointment.attendance == "no", Appointment.id.not_in(told)).all()
        rows = [
            {"client_id": one.client_id, "appointment_id": one.id, "happened": False, "offered": "",
             "reason_class": self.chance.choice(("service", "hers_acceptable", "hers_not")),
             "recorded_by": self.by, "recorded_at": one.ends_at}
            for one in missed
        ]  # fmt: skip
        if rows:
            session.execute(insert(Outcome.__table__), rows)
