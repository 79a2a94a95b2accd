"""A contact may have put her at risk (R47): texts stop, her sessions end, and the safeguarding lead sees to it."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select

from portal.accounts import service as accounts
from portal.booking.notices import ask_to_recheck
from portal.booking.queries import desk_client
from portal.centres.models import Centre
from portal.clients import safe_contact, stricter
from portal.clients.leads import is_away, lead_for
from portal.clients.models import Client, Restriction
from portal.clients.rules import Hold
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.database import lock_rows, session
from portal.messaging import outbox
from portal.messaging.models import Text, TextState
from portal.messaging.rules import Verdict
from portal.staff import queries as staff_queries
from portal.staff.models import Staff
from portal.worklist.service import Raised, raise_task

TASK = "contact_put_at_risk"
DUE = timedelta(minutes=15)


def put_at_risk(actor: Actor, client_id: int, *, now: datetime) -> Raised:
    """Stop all that goes to her, end her sessions, and raise the task of whoever leads on safeguarding, in one step.

    It is undone only by recording anew how she may be reached. Pressed again while the task is open, it is the same
    task. Raises NotAllowed, NotFound.
    """
    client = desk_client(actor, client_id, now)
    # Texts before the record, as joining two records locks them: neither waits for what the other holds.
    session.scalars(lock_rows(_queued(client))).all()
    stricter.stop_contact(actor, client_id, now=now)
    hold_everything(client, now)
    if safe_contact.check_again_by(client_id, clock.london_today(now), why="put_at_risk", now=now):
        ask_to_recheck(client, now)
    return _tell_lead(client, now)


def hold_everything(client: Client, now: datetime) -> None:
    """Hold what is queued for her, sign her out everywhere, and let no code by text in any more."""
    accounts.end_ways_in(client.id, now=now)
    for text in session.scalars(lock_rows(_queued(client))):
        outbox.apply(text, client, Verdict(TextState.HELD, Hold.STOPPED), now)


def _queued(client: Client) -> Select[Text]:
    return select(Text).where(Text.client_id == client.id, Text.state.in_(outbox.QUEUED)).order_by(Text.id)


def _tell_lead(client: Client, now: datetime) -> Raised:
    """Somebody has it within 15 minutes: whoever leads, else a manager of her centre, else any manager, else an admin.

    Who is away comes after everybody who is here.
    """
    lead, here = lead_for(client, now), _anybody_here(client, now)
    if lead is not None and (here is None or not is_away(lead, now)):
        return raise_task(
            TASK,
            now=now,
            client_id=client.id,
            owner_id=lead.id,
            centre_id=client.centre_id,
            subject=f"client:{client.id}",
            due_at=now + DUE,
        )
    # Nobody who may see her is here: any manager, or an admin, is told without her name.
    centre = session.get_one(Centre, client.centre_id)
    owner_id = here.id if here is not None and here.role == Role.ADMIN else None
    note = f"Ring {centre.name}."
    return raise_task(TASK, now=now, owner_id=owner_id, subject=f"client:{client.id}", due_at=now + DUE, note=note)


def _anybody_here(client: Client, now: datetime) -> Staff | None:
    """A manager of any centre, else an admin, who is not away and need not be kept from knowing of her (R29)."""
    never = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
    never |= staff_queries.away_ids(now)
    people = [person for person in staff_queries.people(active_only=True) if person.id not in never]
    for role in (Role.MANAGER, Role.ADMIN):
        found = next((person for person in people if person.role == role), None)
        if found is not None:
            return found
    return None
