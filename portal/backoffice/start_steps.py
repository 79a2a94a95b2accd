"""The first hour, step by step: what is done and what is to do, read from the data each time, never from a mark."""

from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from portal.accounts.models import StaffCredential
from portal.centres.models import Centre, CentreKind, Kind, OpeningHours, Room
from portal.clients.models import Client
from portal.core.access import Actor, Permission, Role, can
from portal.core.database import session
from portal.messaging import staff_tests
from portal.messaging.models import Text
from portal.messaging.stops import texts_off, texts_on
from portal.staff.models import CentreCover, Staff, WorkingHours

NO_LEAD = (
    "No safeguarding lead is named: when a contact may have put a woman at risk, a manager is called, else an admin."
)
"""Said under Start and People; it holds nothing up, as somebody is called all the same (R47)."""


class Step(NamedTuple):
    """One step: `key` names its part of the page; `mine` says whether the reader may do it; `who` else does."""

    key: str
    title: str
    why: str
    done: bool
    mine: bool
    who: str
    left: str = ""


def steps(actor: Actor) -> list[Step]:
    """All steps of the first hour in their order."""
    found = _Facts()
    manage_centres = can(actor, Permission.MANAGE_CENTRES)
    manage_people = can(actor, Permission.MANAGE_PEOPLE)
    of_managers, of_admins = "A manager does this.", "An admin does this."
    return [
        Step(
            "centre", "Your centre and its hours",
            "Women book only where a place is and while it is open.",
            bool(found.centres) and not found.without_hours, manage_centres, of_admins,
            _names("No hours yet", found.without_hours),
        ),
        Step(
            "rooms", "Rooms",
            "Two women never get the same room at the same time.",
            bool(found.centres) and not found.without_rooms, manage_centres, of_admins,
            _names("No room yet", found.without_rooms),
        ),
        Step(
            "kinds", "Kinds of appointment",
            "They say how long a time is, and whether it needs a room.",
            found.has_kinds, manage_centres, of_admins,
        ),
        Step(
            "people", "People",
            "Each person signs in with a link of her own; there are no shared accounts.",
            found.has_keyworker and found.has_manager, manage_people, of_admins,
            " ".join(
                words
                for words, there in (
                    ("No keyworker yet.", found.has_keyworker), ("No manager yet.", found.has_manager),
                    (f"Not signed in yet: {found.not_signed_up}.", not found.not_signed_up),
                    (NO_LEAD, found.has_lead),
                )
                if not there
            ),
        ),
        Step(
            "hours", "When keyworkers can be booked",
            "A time is free only while somebody works.",
            found.has_keyworker and not found.without_working_hours, manage_people, of_admins,
            _names("No hours yet", [person.name for person in found.without_working_hours]),
        ),
        Step(
            "test", "A test text to a phone of yours",
            "It shows that texts leave and arrive, before any woman gets one.",
            found.texts_leave, can(actor, Permission.TURN_SWITCHES), of_managers,
        ),
        Step(
            "clients", "Current clients",
            "Your list becomes records, appointments and tasks at once; nobody on it gets a text.",
            found.has_clients, can(actor, Permission.IMPORT_CLIENTS), of_managers,
        ),
        Step(
            "texts", "Texts to women",
            "Off, no text leaves for any woman. Turn them on when you have asked the first women how to reach them.",
            not found.off, can(actor, Permission.TURN_TEXTS_ON), of_managers,
        ),
    ]  # fmt: skip


def begun_but_not_done(actor: Actor) -> bool:
    """Whether the first hour is not over for somebody who can do something about it; for the link on her first page."""
    return can(actor, Permission.MOVE_IN) and not session.scalar(_all_done())


@cache
def _all_done() -> Select[bool]:
    """Whether every step is done, as `steps` says, in one query: the board asks with each look."""
    centre, offered = select(Centre.id).where(~Centre.archived), select(CentreKind.kind_id)
    keyworker = select(Staff.id).where(Staff.active, Staff.role == Role.KEYWORKER)
    return select(
        and_(
            centre.exists(),
            ~centre.where(Centre.id.not_in(select(OpeningHours.centre_id))).exists(),
            ~centre.where(Centre.id.not_in(select(Room.centre_id).where(~Room.archived))).exists(),
            offered.where(
                CentreKind.kind_id.in_(select(Kind.id).where(~Kind.archived)), CentreKind.centre_id.in_(centre)
            ).exists(),
            _covering(Role.KEYWORKER).exists(),
            _covering(Role.MANAGER).exists(),
            ~keyworker.where(Staff.id.not_in(select(WorkingHours.staff_id))).exists(),
            or_(select(Text.id).where(Text.sent_at.is_not(None)).exists(), staff_tests.left().exists()),
            select(Client.id).exists(),
            texts_on(),
        )
    )


def keyworkers_without_hours() -> list[Staff]:
    """The active keyworkers who can be booked nowhere yet, by name."""
    working = select(WorkingHours.staff_id)
    found = select(Staff).where(Staff.active, Staff.role == Role.KEYWORKER, Staff.id.not_in(working))
    return sorted(session.scalars(found), key=lambda person: person.name.casefold())


class _Facts:
    """What the steps are read from, in a few small queries."""

    def __init__(self) -> None:
        rows = session.execute(select(Centre.id, Centre.name).where(~Centre.archived).order_by(Centre.name)).all()
        self.centres = {row[0]: row[1] for row in rows}
        open_somewhen = set(session.scalars(select(OpeningHours.centre_id).distinct()))
        with_rooms = set(session.scalars(select(Room.centre_id).where(~Room.archived).distinct()))
        self.without_hours = [name for number, name in self.centres.items() if number not in open_somewhen]
        self.without_rooms = [name for number, name in self.centres.items() if number not in with_rooms]
        offered = select(CentreKind.kind_id).join(Kind, Kind.id == CentreKind.kind_id).where(~Kind.archived)
        self.has_kinds = session.scalar(offered.where(CentreKind.centre_id.in_(self.centres)).limit(1)) is not None
        self.has_keyworker, self.has_manager = _is_there(Role.KEYWORKER), _is_there(Role.MANAGER)
        self.has_lead = (
            session.scalar(select(Staff.id).where(Staff.active, Staff.safeguarding_lead).limit(1)) is not None
        )
        signed_up = select(StaffCredential.staff_id)
        waiting = select(func.count(Staff.id)).where(Staff.active, Staff.id.not_in(signed_up))
        self.not_signed_up = session.scalar(waiting) or 0
        self.without_working_hours = keyworkers_without_hours()
        sent = session.scalar(select(Text.id).where(Text.sent_at.is_not(None)).limit(1))
        self.texts_leave = sent is not None or staff_tests.worked()
        self.has_clients = session.scalar(select(Client.id).limit(1)) is not None
        self.off = texts_off() is not None


def _is_there(role: Role) -> bool:
    return session.scalar(_covering(role).limit(1)) is not None


def _covering(role: Role) -> Select[int]:
    covering = select(CentreCover.staff_id)
    return select(Staff.id).where(Staff.active, Staff.role == role, Staff.id.in_(covering))


def _names(words: str, names: list[str]) -> str:
    return f"{words}: {', '.join(names)}." if names else ""
