"""A worker's calendar feed: a secret address that can be revoked, neutral titles, no woman's name; and her own file."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.audit import service as audit
from portal.booking import group_reading
from portal.booking.ical import Event
from portal.booking.models import Appointment, AppointmentState, CalendarFeed
from portal.clients.models import Client, Restriction
from portal.clients.queries import safe_contact
from portal.core import crypto
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.staff.models import Staff

TITLE = "Booked"
BACK, AHEAD = timedelta(days=14), timedelta(days=90)
NOTED_EVERY = timedelta(hours=1)


def make_feed(actor: Actor, *, now: datetime) -> str:
    """Make a new secret address for a worker's own times; gives its token, once. An earlier one ends."""
    require(actor, Permission.SEE_OWN_DAY)
    # Her own row is the one to wait at: two presses at once make one address.
    session.scalars(lock_rows(select(Staff.id).where(Staff.id == actor.id))).one()
    revoke_feed(actor, now=now)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(staff_id=actor.id, token_index=_index(token), made_at=now)
    session.add(feed)
    session.flush()
    audit.record(actor, "calendar_feed_made", now=now, subject=f"calendar_feed:{feed.id}")
    return token


def revoke_feed(actor: Actor, *, now: datetime) -> None:
    """End a worker's secret address; without one nothing happens."""
    require(actor, Permission.SEE_OWN_DAY)
    for feed in session.scalars(lock_rows(_open_feeds().where(CalendarFeed.staff_id == actor.id))):
        feed.revoked_at = now
        audit.record(actor, "calendar_feed_revoked", now=now, subject=f"calendar_feed:{feed.id}")
    session.flush()


def own_feed(actor: Actor) -> CalendarFeed | None:
    """A worker's feed that is in use, or None."""
    return session.scalars(_open_feeds().where(CalendarFeed.staff_id == actor.id)).first()


def open_feed(token: str, *, now: datetime) -> Staff | None:
    """Whose feed a token opens, noting about when it was read; None for a token that opens nothing, or no more."""
    row = session.execute(
        select(CalendarFeed, Staff)
        .join(Staff, Staff.id == CalendarFeed.staff_id)
        .where(CalendarFeed.token_index == _index(token), CalendarFeed.revoked_at.is_(None), Staff.active)
    ).first()
    if row is None:
        return None
    feed, worker = row
    if feed.read_at is None or now - feed.read_at > NOTED_EVERY:
        feed.read_at = now
        session.flush()
    return worker


def worker_events(staff_id: int, now: datetime) -> list[Event]:
    """A worker's own booked times, as her calendar shows them; none of a woman of whom she must not know (R29)."""
    restricted = select(Restriction.client_id).where(Restriction.staff_id == staff_id)
    rows = session.scalars(
        select(Appointment)
        .where(
            Appointment.worker_id == staff_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now - BACK,
            Appointment.starts_at < now + AHEAD,
            Appointment.client_id.not_in(restricted),
            Appointment.session_id.is_(None),
        )
        .order_by(Appointment.starts_at)
    )
    groups = group_reading.sittings(Actor("staff", staff_id), (now - BACK, now + AHEAD), worker_id=staff_id)
    own = [_event(row, TITLE) for row in rows] + [_session_event(one, now) for one in groups]
    return sorted(own, key=lambda event: event.starts_at)


def own_event(client: Client, appointment: Appointment, *, neutral: str) -> Event:
    """Her own time under her cover phrase, else under a neutral name; no place (R44)."""
    contact = safe_contact(client.id)
    return _event(appointment, (contact.cover_phrase if contact else None) or neutral)


def _event(appointment: Appointment, title: str) -> Event:
    uid = crypto.keyring().index("calendar", str(appointment.id))
    return Event(uid, appointment.starts_at, appointment.ends_at, title, appointment.booked_at)


def _session_event(one: group_reading.Sitting, now: datetime) -> Event:
    """A group session: one event, however many come."""
    return Event(crypto.keyring().index("calendar", f"group {one.id}"), one.starts_at, one.ends_at, TITLE, now)


def _open_feeds():
    return select(CalendarFeed).where(CalendarFeed.revoked_at.is_(None))


def _index(token: str) -> str:
    return crypto.keyring().index("calendar_feed", token)
