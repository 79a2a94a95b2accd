"""What a restored portal must not do: text anybody twice, or let in whoever was let in before."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from portal.accounts import passkeys
from portal.accounts.device_models import Device, KeptStaffForm
from portal.accounts.models import KeptForm, SetupCode, SignedIn, StaffLink, TextCode
from portal.accounts.staff_models import RecoveryCode
from portal.audit import service as audit
from portal.booking import cancelling, reminders
from portal.booking.models import CalendarFeed
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import session
from portal.messaging import outbox, stops
from portal.messaging.models import Text, TextState
from portal.messaging.rules import Reason

PLANNED_AHEAD = timedelta(days=9)
"""No text is planned for longer before its appointment; what was to be planned earlier is about one that is over."""

_AT_ONCE: dict[str, Any] = {"synchronize_session": False}


def put_right(actor: Actor, made_at: datetime, *, now: datetime) -> int:
    """Stop all sending until a manager has looked, and end what lets people in; gives how many texts are held.

    What happened after `made_at` is not known here any more: a stop, a new number, a text that left. So texts that were
    due by now, or would have been wanted by now, may be with their women already, and a person must tell what they said
    (R18). Runs in the transaction that restores.
    """
    stops.stop_after_restore(actor, why=_why(made_at), now=now)
    _end_what_lets_in(now)
    _plan_as_the_lost_portal_did(made_at, now)
    held = _hold_what_was_due(now)
    audit.record(actor, "backup_restored", now=now, reason=made_at.isoformat(timespec="seconds"))
    return held


def _why(made_at: datetime) -> str:
    return (
        f"The backup of {clock.london(made_at):%d %B %Y, %H:%M} was put back. Stops, numbers and bookings"
        " made since are lost, and texts sent since are not known here. Put that right, then send again."
    )


class _NothingWasDue(Exception):
    """No text was wanted in the gap that was due in it."""


def _plan_as_the_lost_portal_did(made_at: datetime, now: datetime) -> None:
    """Want what was wanted and due since the backup; where there is nothing, every row stays as the backup has it."""
    newest = session.scalar(select(func.max(Text.id))) or 0
    with suppress(_NothingWasDue), session.begin_nested():
        for moment in _moments(made_at, now):
            cancelling.settle_due(moment)
            reminders.plan_due(moment)
        due = select(Text.id).where(Text.id > newest, Text.state == TextState.WAITING, Text.send_at <= now)
        if session.scalar(due.limit(1)) is None:
            raise _NothingWasDue


def _moments(made_at: datetime, now: datetime) -> Iterator[datetime]:
    """When the lost portal planned its texts: when the backup was made, then as each day began.

    Planned as of now, a reminder of this morning would go this afternoon, for the second time.
    """
    moment = max(made_at, now - PLANNED_AHEAD)
    while moment <= now:
        yield moment
        moment = clock.london_midnight(clock.london_today(moment) + timedelta(days=1))


def _end_what_lets_in(now: datetime) -> None:
    for model, over, ended in (
        (SignedIn, SignedIn.ended_at.is_(None), {"ended_at": now}),
        (SetupCode, SetupCode.used_at.is_(None) & (SetupCode.expires_at > now), {"expires_at": now}),
        (StaffLink, StaffLink.used_at.is_(None) & (StaffLink.expires_at > now), {"expires_at": now}),
        (TextCode, TextCode.ended_at.is_(None), {"ended_at": now}),
        # One that was used since would work again, and a passkey that was taken away since would be back.
        (RecoveryCode, RecoveryCode.used_at.is_(None), {"used_at": now}),
        (Device, Device.revoked_at.is_(None), {Device.token_index: None, Device.code_index: None}),
        (CalendarFeed, CalendarFeed.revoked_at.is_(None), {"revoked_at": now}),
    ):
        session.execute(update(model).where(over).values(ended), execution_options=_AT_ONCE)
    passkeys.stop_all_passkeys(now=now)
    for kept in (KeptForm, KeptStaffForm):
        session.execute(delete(kept), execution_options=_AT_ONCE)


def _hold_what_was_due(now: datetime) -> int:
    """Texts that were due, and those on their way: the lost portal has erased at the gateway what a look-up needs."""
    unsettled = (TextState.WAITING, TextState.SENDING, TextState.UNKNOWN)
    due = select(Text).where(Text.state.in_(unsettled), Text.send_at <= now).order_by(Text.id)
    texts = session.scalars(due).all()
    for text in texts:
        text.state, text.reason = TextState.HELD, Reason.RESTORED
        outbox.tell_a_person(text, session.get_one(Client, text.client_id), now)
    session.flush()
    return len(texts)
