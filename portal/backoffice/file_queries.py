"""Everything that a client's file shows, in a constant number of queries."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from portal.backoffice.merge_queries import joined_into
from portal.backoffice.notes import newest_notes
from portal.booking.models import Appointment
from portal.centres.models import Centre, Kind
from portal.clients.models import Client
from portal.clients.queries import has_opted_out, must_be_asked, safe_contact
from portal.clients.restrictions import outsiders
from portal.clients.rules import is_too_early, read_safe_hours
from portal.core import clock
from portal.core.database import session
from portal.core.locales import LANGUAGES, shown_in
from portal.diversion.referrals import newest_of
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.messaging.staff_words import safe_hours
from portal.plan.models import Action, Goal, OwnWords, Plan
from portal.staff.models import Staff
from portal.staff.queries import away_among
from portal.waiting.queries import waits_of

LATEST = 8


def whole_file(client: Client, now: datetime) -> dict[str, Any]:
    """Her record with the newest of everything, for the file page."""
    contact = safe_contact(client.id)
    appointments = session.scalars(
        select(Appointment)
        .where(Appointment.client_id == client.id, Appointment.state != "superseded")
        .order_by(Appointment.starts_at.desc())
        .limit(40)
    ).all()
    coming = sorted((one for one in appointments if one.ends_at > now), key=lambda one: one.starts_at)
    return {
        "client": client,
        "keyworker": session.get(Staff, client.keyworker_id or 0),
        "away": away_among([client.keyworker_id], now).get(client.keyworker_id or 0),
        "centre": session.get_one(Centre, client.centre_id),
        "language": LANGUAGES[client.language],
        "pages_language": LANGUAGES.get(client.pages_language or ""),
        "falls_back": shown_in(client.language) != client.language,
        "joined": joined_into(client.id),
        "contact": contact,
        "safe_hours": safe_hours(read_safe_hours(contact.safe_hours)) if contact else "",
        "contact_due": must_be_asked(contact, now),
        "is_paused": contact is not None and contact.pause_until is not None and now < contact.pause_until,
        "nothing_before": client.nothing_before_on
        if is_too_early(client.nothing_before_on, clock.london_today(now))
        else None,
        "referral": newest_of(client.id),
        "opted_out": bool(contact and contact.number and has_opted_out(contact.number)),
        "coming": coming[:LATEST],
        "past": [one for one in appointments if one.ends_at <= now][:LATEST],
        "kinds": {kind.id: kind.names["en"] for kind in session.scalars(select(Kind))},
        "waits": waits_of(client.id),
        "outsiders": outsiders(client.id),
        "plan": session.scalars(select(Plan).where(Plan.client_id == client.id)).first(),
        "goals": _of(Goal, client.id, Goal.withdrawn_at.is_(None), Goal.position),
        "actions": _of(Action, client.id, Action.withdrawn_at.is_(None), Action.due_on),
        "own_words": _of(
            OwnWords,
            client.id,
            and_(OwnWords.taken_back_at.is_(None), OwnWords.corrected_at.is_(None)),
            OwnWords.written_at,
        ),
        "notes": newest_notes(client.id, LATEST),
        "texts": _newest(Text, client.id, Text.wanted_at),
        "incoming": _newest(IncomingText, client.id, IncomingText.received_at),
        "portal_messages": _newest(PortalMessage, client.id, PortalMessage.written_at),
    }


def _of(model, client_id: int, condition, order) -> list:
    return list(session.scalars(select(model).where(model.client_id == client_id, condition).order_by(order)))


def _newest(model, client_id: int, order) -> list:
    return list(session.scalars(select(model).where(model.client_id == client_id).order_by(order.desc()).limit(LATEST)))
