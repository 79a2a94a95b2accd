"""The signed-in person of a request: read from the cookie's token, kept alive, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, g, request, session
from flask_login import UserMixin

from portal.accounts import devices, queries, service, text_codes
from portal.accounts.models import SignedIn
from portal.accounts.rules import IDLE, PROVED_FOR, STEPPED_UP_FOR, WORKING_DAY, device_words, is_over, warn_after
from portal.clients.models import Client, ClientState
from portal.core import clock, extensions
from portal.core.access import Actor
from portal.core.database import get_or_none, unit_of_work
from portal.staff.models import Staff
from portal.web import locale
from portal.web.guards import is_asked_by_itself

_TOUCH_AFTER = timedelta(seconds=30)
_NEVER_KEPT = {"csrf_token", "passcode", "new_passcode", "password", "code"}
ASKED = "asked"
"""Where the cookie holds the token of a browser that asked for a code by text."""
_STAFF_KINDS = ("staff", "second")


@dataclass
class Person(UserMixin):
    """Who is signed in: `record` is her client record or the member of staff."""

    actor: Actor
    record: Client | Staff
    session_id: int
    kind: str
    stepped_up_at: datetime | None
    device_id: int | None = None

    @property
    def on_desk(self) -> bool:
        """Whether this session locks where others end (R17)."""
        return self.device_id is not None

    @property
    def stepped_up(self) -> bool:
        """Whether she gave her passcode again in the last five minutes (R16)."""
        return self.stepped_up_at is not None and clock.now() - self.stepped_up_at < STEPPED_UP_FOR

    @property
    def proved_lately(self) -> bool:
        """Whether a member of staff gave her second step in the last ten minutes, at sign-in or since."""
        lately = self.stepped_up_at is not None and clock.now() - self.stepped_up_at < PROVED_FOR
        return self.kind == "staff" and lately

    @property
    def idle_seconds(self) -> int:
        """After how many seconds without a sign of life this session is over."""
        return int(IDLE[self.kind].total_seconds())

    @property
    def warn_seconds(self) -> int:
        """After how many seconds without a sign of life she is told that the page will close."""
        return warn_after(self.idle_seconds)


def init_app(app: Flask) -> None:
    """Tell Flask-Login, the guards and Leave how sessions work here."""
    extensions.login_manager.session_protection = None
    extensions.login_manager.request_loader(_load)
    devices.init_app(app)
    app.extensions["portal_end_session"] = end_current
    app.extensions["portal_locked"] = is_locked
    app.extensions["portal_keep_typed"] = _keep_typed
    app.extensions["portal_prove_or_ask"] = _prove_or_ask


def kind_for(*, shared: bool) -> str:
    """The kind of session that begins here for a woman: the device itself says so, or she does; nothing is guessed."""
    if g.get("device_kind") == "kiosk":
        return "kiosk"
    return "shared" if shared else "own"


def begin(kind: str, actor: Actor, *, by_text: bool = False, now: datetime) -> None:
    """Sign someone in: a fresh cookie with a new token, nothing carried over but the language."""
    device = device_words(request.user_agent.string) if kind in _STAFF_KINDS else ""
    device_id = _come_to_desk(kind, actor, now)
    if actor.is_client and "t" in session:
        _end_before(now)
    token = service.start_session(kind, actor, now=now, by_text=by_text, device=device, device_id=device_id)
    if kind == "staff":
        from portal.accounts import device_service

        device_service.hand_on_kept(actor, token, now=now)
    language = session.get("lang")
    following = session.get("next")
    session.clear()
    session["t"] = token
    if language:
        session["lang"] = language
    # At a centre's screen whoever asked for that page need not be her.
    if following and kind != "kiosk":
        session["next"] = following


def forget_who_was_here() -> None:
    """Her page closed by itself: the sign-in page comes as to anybody (R13), at a kiosk as to a stranger."""
    locale.forget_record()
    if g.get("device_kind") == "kiosk":
        locale.forget_choice()


def end_current(patience: float | None = None) -> None:
    """End the session of this request, and a code that it asked for, if there is one.

    Raises OperationalError after `patience` seconds of waiting.
    """
    token, asked = session.get("t"), session.get(ASKED)
    row = queries.session_by_token(token) if token else None
    if row is None and not asked:
        return
    with unit_of_work(patience):
        if row is not None:
            service.end_session(row.id, now=clock.now())
        if asked:
            text_codes.end_of_browser(str(asked), now=clock.now())


def is_locked() -> bool:
    """Whether the session of this request has locked, on the very desk where it was begun."""
    row: SignedIn | None = g.get("locked")
    if row is None:
        return False
    device = devices.current()
    return device is not None and device.id == row.device_id


def _end_before(now: datetime) -> None:
    """Signing in anew here ends what was open here, so that her list names no place where nobody is (R15)."""
    before = queries.session_by_token(session["t"])
    if before is not None and before.actor_kind == "client":
        service.end_session(before.id, now=now)


def _come_to_desk(kind: str, actor: Actor, now: datetime) -> int | None:
    """The desk at which staff sign in, if it is one; who was signed in there before stays there, locked."""
    if g.get("device_kind") != devices.DESK or kind not in ("second", "staff"):
        return None
    device = devices.current()
    if device is None:
        return None
    from portal.accounts import device_service

    before = queries.session_by_token(session["t"]) if "t" in session else None
    if before is not None and before.kind == "staff" and before.device_id == device.id:
        device_service.put_aside(before, actor, now=now)
        if before.actor_id != actor.id:
            session.pop("next", None)
    if kind == "second":
        return None
    device_service.end_older(device.id, actor, now=now)
    return device.id


def _load(_request) -> Person | None:
    token = session.get("t")
    row = queries.session_by_token(token) if token else None
    if row is None or row.ended_at is not None or row.kind == "second":
        return None
    now = clock.now()
    if row.device_id is not None and now - row.started_at >= WORKING_DAY:
        return None
    if row.locked_at is not None or is_over(row.kind, row.seen_at, now):
        # Nobody is signed in with a locked session, so that it opens nothing that asks who is.
        g.over, g.locked = (row, None) if row.device_id is None else (None, row)
        return None
    person = _person(row)
    if person is not None and now - row.seen_at > _TOUCH_AFTER and not is_asked_by_itself():
        with unit_of_work():
            service.touch_session(row.id, now=now)
    return person


def _person(row: SignedIn) -> Person | None:
    if row.actor_kind == "client":
        client = get_or_none(Client, row.actor_id)
        if client is None or client.sign_in_paused or client.state != ClientState.OPEN:
            return None
        return Person(Actor("client", client.id), client, row.id, row.kind, row.stepped_up_at)
    staff = get_or_none(Staff, row.actor_id)
    if staff is None or not staff.active:
        return None
    return Person(staff.actor, staff, row.id, row.kind, row.stepped_up_at, row.device_id)


def _keep_typed() -> None:
    over: SignedIn | None = g.locked if is_locked() else g.get("over")
    if over is None:
        return
    if over.actor_kind == "staff":
        from portal.accounts import staff_typed

        staff_typed.keep(over.id, now=clock.now())
        return
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NEVER_KEPT]
    if not fields:
        # A passcode alone, or a press, is nothing to send later, and must not take the place of words that wait.
        return
    with unit_of_work():
        service.keep_typed(over.actor_id, request.path, fields, now=clock.now())


def _prove_or_ask():
    # Her pages never need it, and it brings the tables of staff's second steps.
    from portal.accounts import step_up

    return step_up.prove_or_ask()
