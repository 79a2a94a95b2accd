"""Digits that answer the text about a free time: 1 keeps it until it is confirmed, 2 lets it go (R23)."""

from datetime import datetime

from portal.booking.rules import read_digit
from portal.clients.models import Client
from portal.clients.safe_contact import note_sign
from portal.core.database import get_or_none, session
from portal.messaging import inbox
from portal.messaging.models import IncomingText, Text
from portal.messaging.registry import subject_id
from portal.waiting import answering, telling
from portal.waiting.models import Offer

_SAID = {"1": "offer_yes", "2": "offer_no"}


def answer_waiting(now: datetime) -> int:
    """Take every waiting text whose digit answers an offer; gives how many. All else is left for the other rooms."""
    return sum(_take(incoming, now) for incoming in inbox.uninterpreted(now))


def _take(incoming: IncomingText, now: datetime) -> bool:
    digit = read_digit(incoming.body)
    text = inbox.answerable_text(incoming) if digit in _SAID else None
    offer = _offer_of(text) if text else None
    if digit is None or text is None or offer is None:
        return False
    client = session.get_one(Client, text.client_id)
    if inbox.is_frozen(incoming, client):
        return False
    inbox.take(incoming, _SAID[digit], client_id=client.id, answers_text_id=text.id, now=now)
    note_sign(client.id, incoming.number, now=now)
    if digit == "2":
        answering.say_no_by_text(offer, now)
    elif not answering.say_yes_by_text(offer, now):
        telling.say_gone(offer, client, now)
    return True


def _offer_of(text: Text) -> Offer | None:
    if not text.subject.startswith("offer:"):
        return None
    offer = get_or_none(Offer, subject_id(text.subject))
    return offer if offer is not None and offer.client_id == text.client_id else None
