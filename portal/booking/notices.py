"""What others must hear when an appointment changes: her, by text; people, by tasks."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.clients.queries import Whom, must_be_asked, safe_contact
from portal.core import clock
from portal.core.database import session
from portal.messaging import outbox
from portal.messaging.models import Text, TextState
from portal.worklist.service import raise_task

DAY_BEFORE = time(10, 0)
PERSON_REMINDS = "reminder_by_person"
NEWS = ("appointment_booked", "appointment_changed")
"""The kinds of text that tell her of the time; nobody but the change itself ever wants them."""


def tell(appointment: Appointment, kind: str, now: datetime, whom: Whom | None = None) -> None:
    """Want the one text about this state of an appointment; of no use once it has begun."""
    outbox.queue(
        appointment.client_id,
        kind,
        subject=subject_of(appointment),
        once=f"{kind}:{appointment.id}:{appointment.revision}",
        now=now,
        not_after_at=appointment.starts_at,
        whom=whom,
    )


def lost_since(appointment: Appointment, since: datetime) -> set[str]:
    """The kinds of the texts about this appointment that came due since an instant and were skipped."""
    skipped = select(Text.kind).where(
        Text.subject == subject_of(appointment), Text.state == TextState.SKIPPED, Text.settled_at >= since
    )
    return set(session.scalars(skipped))


def mind_silence(appointment: Appointment, whom: Whom, now: datetime) -> None:
    """R18: a booking beyond her check-again date makes two tasks at once, so that silence is never her fault."""
    client, contact = whom
    starts_on = clock.london_today(appointment.starts_at)
    if contact is None or not contact.may_text or starts_on < contact.check_again_on:
        return
    ask_to_recheck(client, now)
    ask_person_to_remind(appointment, client, now)


def ask_to_recheck(client: Client, now: datetime) -> None:
    """Raise the task of asking her again how she may be reached."""
    raise_task(
        "recheck_safe_contact", now=now, client_id=client.id, owner_id=client.keyworker_id, centre_id=client.centre_id
    )


def ask_person_to_remind(appointment: Appointment, client: Client, now: datetime) -> None:
    """Raise the task of reminding her in person, due on the morning before; once for each state of an appointment."""
    day_before = clock.london_today(appointment.starts_at) - timedelta(days=1)
    raise_task(
        PERSON_REMINDS,
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=subject_of(appointment),
        once=person_reminds_once(appointment),
        due_at=max(now, clock.from_london(day_before, DAY_BEFORE)),
    )


def tell_her_worker(appointment: Appointment, client: Client, now: datetime) -> None:
    """Raise the task of looking at what the desk of another centre booked for her."""
    raise_task(
        "booked_elsewhere",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=subject_of(appointment),
    )


def person_reminds_once(appointment: Appointment) -> str:
    """What keeps the task of reminding her from being raised twice."""
    return f"{PERSON_REMINDS}|{appointment.id}|{appointment.revision}"


def prompt_recheck(appointment: Appointment, now: datetime) -> None:
    """R18: when she is here, reception is asked to have her safe contact checked if that is due."""
    if must_be_asked(safe_contact(appointment.client_id), now):
        raise_task(
            "recheck_safe_contact_at_desk",
            now=now,
            client_id=appointment.client_id,
            centre_id=appointment.centre_id,
            due_at=appointment.ends_at,
        )


def subject_of(appointment: Appointment) -> str:
    """What texts, tasks and audit entries call an appointment."""
    return f"appointment:{appointment.id}"
