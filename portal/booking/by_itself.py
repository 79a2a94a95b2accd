"""Practical help that comes with a booking by itself: places for children, and what goes along when it is moved."""

from datetime import datetime

from sqlalchemy import select

from portal.booking.matching import CHILDCARE, usual_places
from portal.booking.models import Appointment, PracticalHelp
from portal.booking.offers import Place
from portal.centres.models import Mode
from portal.clients.models import BookingNeeds, Client
from portal.core.access import Actor
from portal.core.database import session


def keep_usual(actor: Actor, at: Place, client: Client, appointment: Appointment, now: datetime) -> None:
    """A new appointment keeps the places in the crèche that her record asks for; what cannot be had becomes a task.

    It stands either way: her support comes first.
    """
    by_phone = at.kind.mode == Mode.PHONE
    wanted = 0 if by_phone else usual_places(client.preparation, childcare=bool(at.needs & CHILDCARE))
    _keep(actor, client, appointment, wanted, now)


def keep_recorded(actor: Actor, client: Client, appointment: Appointment, now: datetime) -> None:
    """As `keep_usual`, where no free times were read that say whether her record asks for places."""
    childcare = session.scalar(select(BookingNeeds.childcare).where(BookingNeeds.client_id == client.id))
    _keep(actor, client, appointment, usual_places(client.preparation, childcare=bool(childcare)), now)


def carry_over(
    actor: Actor, at: Place | None, client: Client, old: Appointment, new: Appointment, now: datetime
) -> PracticalHelp | None:
    """An appointment was moved: its help goes along; a booked interpreter is booked anew, places are kept anew.

    With another worker who speaks her language the interpreter is needed no more. `at` is None for a group session,
    whose time nobody chose for her. Gives the help at the new time.
    """
    row = help_of(old.id)
    if row is None:
        keep_usual(actor, at, client, new, now) if at else keep_recorded(actor, client, new, now)
        return None
    needs_none = at is not None and new.worker_id != old.worker_id and new.worker_id in at.speakers
    carried = PracticalHelp(
        appointment_id=new.id,
        client_id=new.client_id,
        childcare_places=row.childcare_places,
        fare=row.fare,
        interpreter="needed" if row.interpreter and not needs_none else "",
        companion=row.companion,
        set_by=row.set_by,
        set_at=row.set_at,
    )
    session.add(carried)
    session.flush()
    _keep(actor, client, new, row.childcare_places, now)
    return carried


def help_of(appointment_id: int) -> PracticalHelp | None:
    """The practical help set for an appointment, or None."""
    return session.scalars(select(PracticalHelp).where(PracticalHelp.appointment_id == appointment_id)).first()


def _keep(actor: Actor, client: Client, appointment: Appointment, wanted: int, now: datetime) -> None:
    if wanted:
        # Late: most bookings need no place in the crèche, and her pages start without it.
        from portal.booking import childcare

        childcare.keep(actor, client, appointment, wanted, now)
