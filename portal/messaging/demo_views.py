"""Demo only: every woman's phone, its texts as they arrive, and a box to answer them."""

import secrets

from flask import redirect, render_template, url_for
from sqlalchemy import select

from portal.clients.models import Client, ClientState
from portal.clients.queries import safe_contacts
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid
from portal.core.phone import parse_mobile
from portal.messaging import incoming
from portal.messaging.forms import PhoneForm
from portal.messaging.models import IncomingText, Text, TextState
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.forms import unprocessable

demo = AudienceBlueprint("messaging_demo", __name__, Audience.DEMO)

MOST_SHOWN = 8
"""Texts shown on one phone."""


@demo.get("/demo/phone")
def phones() -> str:
    """Every phone with the newest texts on it."""
    return render_template("messaging/demo_phone.html", form=PhoneForm(formdata=None), phones=_phones())


@demo.post("/demo/phone")
def answer():
    """Text us from a phone: kept as the gateway's webhook would keep it."""
    form = PhoneForm()
    if form.validate():
        try:
            number = parse_mobile(form.number.data or "", drama_only=True)
            with unit_of_work():
                incoming.receive(f"DEMO{secrets.token_hex(15)}", number, form.body.data or "", clock.now())
            return redirect(url_for("messaging_demo.phones"), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    return unprocessable("messaging/demo_phone.html", form=form, phones=_phones())


def _phones() -> list[dict]:
    clients = {
        client.id: client
        for client in session.scalars(select(Client).where(Client.state == ClientState.OPEN).order_by(Client.id))
    }
    by_index: dict[str, dict] = {}
    for client_id, record in sorted(safe_contacts(clients).items()):
        if record.number_index is not None:
            phone = by_index.setdefault(record.number_index, {"number": record.number, "women": [], "texts": []})
            phone["women"].append(clients[client_id].code_name)
    for at, row in _newest_texts(list(by_index)):
        texts = by_index[row.number_index or ""]["texts"]
        if len(texts) < MOST_SHOWN:
            texts.insert(0, {"at": at, "body": row.body, "hers": isinstance(row, IncomingText)})
    return list(by_index.values())


def _newest_texts(indexes: list[str]) -> list[tuple]:
    arrived = select(Text).where(
        Text.number_index.in_(indexes),
        Text.state.in_((TextState.HANDED_OVER, TextState.REACHED)),
        Text._body.is_not(None),
    )
    hers = select(IncomingText).where(IncomingText.number_index.in_(indexes))
    most = MOST_SHOWN * max(1, len(indexes))
    ours = session.scalars(arrived.order_by(Text.sent_at.desc()).limit(most))
    theirs = session.scalars(hers.order_by(IncomingText.received_at.desc()).limit(most))
    rows: list[tuple] = [(text.sent_at, text) for text in ours]
    rows += [(incoming.received_at, incoming) for incoming in theirs]
    return sorted(rows, key=lambda pair: (pair[0], pair[1].id), reverse=True)
