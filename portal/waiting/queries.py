"""Reading waiting lists: what a woman waits for, who waits for what in which order, what was offered last."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import lazyload

from portal.booking.models import Appointment
from portal.centres.models import Centre, Kind
from portal.clients.models import Client
from portal.clients.queries import visible_client_ids
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.groups.models import Course
from portal.staff.models import Staff
from portal.waiting.models import HELD, Offer, Wait

LATEST = 8


class WaitsFor(NamedTuple):
    """One wait with what a page says about it: `centre` None is any; `appointment` is what she would have sooner."""

    wait: Wait
    kind: Kind
    centre: Centre | None
    appointment: Appointment | None
    course: Course | None


class Offered(NamedTuple):
    """One offer with what a page says about it."""

    offer: Offer
    wait: Wait
    kind: Kind
    centre: Centre
    worker: Staff


@dataclass(frozen=True)
class Row:
    """One woman on the list of staff: her place among those they see, and why she stands there."""

    place: int
    client: Client
    what: WaitsFor
    for_condition: bool
    offers: list[Offer] = field(default_factory=list)

    @property
    def held(self) -> Offer | None:
        """The offer that is held for her."""
        return next((offer for offer in self.offers if offer.state in HELD), None)


def waits_of(client_id: int) -> list[WaitsFor]:
    """What a woman waits for, the longest first."""
    return _waits(Wait.client_id == client_id, Wait.ended_at.is_(None))


def waits_in_sight(actor: Actor) -> list[WaitsFor]:
    """What the women wait for whom a member of staff may see (R29), the longest first."""
    require(actor, Permission.KEEP_WAITING_LIST)
    return _waits(Wait.client_id.in_(visible_client_ids(actor)), Wait.ended_at.is_(None))


def wait_with_facts(wait_id: int) -> WaitsFor:
    """One wait, open or ended, with what a page says about it."""
    return _waits(Wait.id == wait_id)[0]


def held_with_facts(client_id: int) -> Offered | None:
    """The offer that is held for a woman, with what a page says about it."""
    found = _offered(Offer.client_id == client_id, Offer.state.in_(HELD))
    return found[0] if found else None


def offer_with_facts(offer_id: int) -> Offered:
    """One offer with what a page says about it."""
    return _offered(Offer.id == offer_id)[0]


def offers_of(wait_ids: Iterable[int]) -> dict[int, list[Offer]]:
    """The offers that were made for some waits, the newest first, in one query."""
    rows = session.scalars(select(Offer).where(Offer.wait_id.in_(list(wait_ids))).order_by(Offer.id.desc()))
    found: dict[int, list[Offer]] = {}
    for offer in rows:
        found.setdefault(offer.wait_id, []).append(offer)
    return found


def _waits(*conditions) -> list[WaitsFor]:
    statement = (
        select(Wait, Kind, Centre, Appointment, Course)
        .outerjoin(Course, Course.id == Wait.course_id)
        .join(Kind, or_(Kind.id == Wait.kind_id, Kind.id == Course.kind_id))
        .outerjoin(Centre, or_(Centre.id == Wait.centre_id, Centre.id == Course.centre_id))
        .outerjoin(Appointment, Appointment.id == Wait.appointment_id)
        .where(*conditions)
        .order_by(Wait.since_at, Wait.id)
    )
    return [WaitsFor(*row) for row in session.execute(statement)]


def _offered(*conditions) -> list[Offered]:
    statement = (
        select(Offer, Wait, Kind, Centre, Staff)
        .join(Wait, Wait.id == Offer.wait_id)
        .outerjoin(Course, Course.id == Wait.course_id)
        .join(Kind, or_(Kind.id == Wait.kind_id, Kind.id == Course.kind_id))
        .join(Centre, Centre.id == Offer.centre_id)
        .join(Staff, Staff.id == Offer.worker_id)
        .options(lazyload(Staff.covers))
        .where(*conditions)
    )
    return [Offered(*row) for row in session.execute(statement)]
