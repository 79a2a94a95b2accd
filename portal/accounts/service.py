"""Changing how people prove who they are: set-up, sessions, step-up, staff's second factor."""

from datetime import datetime

from sqlalchemy import delete, select, update

from portal.accounts import rules, secrets
from portal.accounts.models import (
    ClientPasscode,
    KeptForm,
    SetupCode,
    SignedIn,
    StaffCredential,
    StaffLink,
    TextCode,
)
from portal.accounts.queries import has_passcode, live_setup_code
from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import safe_contact
from portal.clients.safe_contact import PROOFS
from portal.core.access import Actor, Permission, require
from portal.core.database import lock_rows, session
from portal.core.errors import Invalid, NotFound
from portal.staff.models import Staff


def start_session(
    kind: str,
    actor: Actor,
    *,
    now: datetime,
    by_text: bool = False,
    device: str = "",
    device_id: int | None = None,
) -> str:
    """Open a session on the server, at a desk if one is named, and give the token for its cookie.

    One of staff begins as stepped up, because her second step has just opened it.
    """
    token = secrets.new_token()
    session.add(
        SignedIn(
            token_index=secrets.token_index("session", token),
            actor_kind=actor.kind,
            actor_id=actor.id,
            kind=kind,
            by_text=by_text,
            started_at=now,
            seen_at=now,
            stepped_up_at=now if kind == "staff" else None,
            device=device,
            device_id=device_id,
        )
    )
    how = f"{kind}, by text" if by_text else kind
    audit.record(actor, "signed_in", now=now, client_id=actor.id if actor.is_client else None, reason=how)
    return token


def touch_session(session_id: int, *, now: datetime) -> None:
    """Note a sign of life."""
    session.execute(update(SignedIn).where(SignedIn.id == session_id).values(seen_at=now))


def end_session(session_id: int, *, now: datetime) -> None:
    """End one session; its cookie opens nothing any more."""
    session.execute(update(SignedIn).where(SignedIn.id == session_id, SignedIn.ended_at.is_(None)).values(ended_at=now))


def end_all_sessions(kind: str, actor_id: int, *, now: datetime) -> None:
    """End every session of a woman (`client`) or a member of staff (`staff`)."""
    session.execute(
        update(SignedIn)
        .where(SignedIn.actor_kind == kind, SignedIn.actor_id == actor_id, SignedIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_own_session(actor: Actor, session_id: int, *, now: datetime) -> None:
    """End one session of her own; one that is not hers stays as it is (R15)."""
    session.execute(
        update(SignedIn)
        .where(
            SignedIn.id == session_id,
            SignedIn.actor_kind == actor.kind,
            SignedIn.actor_id == actor.id,
            SignedIn.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def end_other_sessions(actor: Actor, session_id: int, *, now: datetime) -> None:
    """End every session of someone but one (R15)."""
    session.execute(
        update(SignedIn)
        .where(
            SignedIn.actor_kind == actor.kind,
            SignedIn.actor_id == actor.id,
            SignedIn.id != session_id,
            SignedIn.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def step_up(session_id: int, *, now: datetime) -> None:
    """Note that she gave her passcode again, which opens the sensitive parts for five minutes (R16)."""
    session.execute(update(SignedIn).where(SignedIn.id == session_id).values(stepped_up_at=now, seen_at=now))


def make_setup_code(actor: Actor, client: Client, *, how: str = "", now: datetime) -> str:
    """Make a one-time set-up code for a client and give it, this once; older codes stop working.

    Where she has a code word or a passcode it opens what is hers already, so `how` says how the caller has checked
    that it is her: `in_person` or with her `code_word` (R48). Raises Invalid("how", "missing") then, and NotFound for
    whoever may not know of her (R29); the desk knows women of other centres who are booked at its own. Not for a
    record open by break-glass alone: what the code lets in outlasts that.
    """
    # Late: her own pages, which share this file, never need it.
    from portal.clients.desk import client_to_act_on

    require(actor, Permission.MAKE_SETUP_CODE)
    client_to_act_on(actor, client.id, now)
    if how not in PROOFS and needs_check(client.id):
        raise Invalid("how", "missing")
    code = secrets.new_setup_code()
    session.execute(
        update(SetupCode).where(SetupCode.client_id == client.id, SetupCode.used_at.is_(None)).values(used_at=now)
    )
    session.add(
        SetupCode(
            client_id=client.id,
            code_index=_setup_code_index(client.id, code),
            made_by=actor.id,
            made_at=now,
            expires_at=now + rules.SETUP_CODE_LIFE,
        )
    )
    audit.record(actor, "setup_code_made", now=now, client_id=client.id, reason=how)
    return code


def needs_check(client_id: int) -> bool:
    """Whether somebody must check that it is her before she gets a set-up code: there is something to take over."""
    contact = safe_contact(client_id)
    return has_passcode(client_id) or (contact is not None and contact.code_word_hash is not None)


def setup_code_fits(client: Client, code: str, *, now: datetime) -> bool:
    """Whether a typed code is her live set-up code."""
    live = live_setup_code(client.id, now)
    return live is not None and live.code_index == _setup_code_index(client.id, rules.read_passcode(code))


def set_passcode(client_id: int, code: str, passcode_hash: str, *, now: datetime) -> None:
    """Set her passcode with her set-up code, once; all her sessions end (R15).

    Raises NotFound for a code that is wrong, used or too old; nobody's id 0 is looked for like any other (R14).
    """
    live = session.scalars(
        lock_rows(
            select(SetupCode).where(
                SetupCode.client_id == client_id,
                SetupCode.code_index == _setup_code_index(client_id, rules.read_passcode(code)),
                SetupCode.used_at.is_(None),
                SetupCode.expires_at > now,
            )
        )
    ).first()
    if live is None:
        raise NotFound("setup code")
    live.used_at = now
    put_passcode(client_id, passcode_hash, now=now)


def put_passcode(client_id: int, passcode_hash: str, *, now: datetime) -> None:
    """Store the passcode that she chose in place of any other; all her sessions and codes by text end (R15)."""
    session.merge(ClientPasscode(client_id=client_id, passcode_hash=passcode_hash, set_at=now))
    end_ways_in(client_id, now=now)
    audit.record(Actor("client", client_id), "passcode_set", now=now, client_id=client_id)


def end_ways_in(client_id: int, *, now: datetime) -> None:
    """End all that lets a woman in right now without her passcode: her sessions and her codes by text."""
    end_all_sessions("client", client_id, now=now)
    end_text_codes(client_id, now=now)


def end_text_codes(client_id: int, *, now: datetime) -> None:
    """End the codes by text that could still let a woman in."""
    session.execute(
        update(TextCode).where(TextCode.client_id == client_id, TextCode.ended_at.is_(None)).values(ended_at=now)
    )


def make_staff_link(actor: Actor, staff: Staff, *, now: datetime) -> str:
    """Make a one-time link with which a member of staff sets password and second factor; gives its token, this once.

    Older links and, because it may be a reset, all her sessions end.
    """
    import pyotp

    require(actor, Permission.MANAGE_PEOPLE)
    end_staff_links(staff.id, now=now)
    token = secrets.new_token()
    session.add(
        StaffLink(
            staff_id=staff.id,
            token_index=secrets.token_index("staff_link", token),
            totp_secret=pyotp.random_base32(),
            made_at=now,
            expires_at=now + rules.STAFF_LINK_LIFE,
        )
    )
    end_all_sessions("staff", staff.id, now=now)
    audit.record(actor, "staff_link_made", now=now, subject=f"staff:{staff.id}")
    return token


def end_staff_links(staff_id: int, *, now: datetime) -> None:
    """Void the links of somebody that were not used yet."""
    session.execute(
        update(StaffLink).where(StaffLink.staff_id == staff_id, StaffLink.used_at.is_(None)).values(used_at=now)
    )


def put_staff_credential(
    staff: Staff, password: str, totp_secret: str | None, *, now: datetime, last_step: int = 0
) -> None:
    """Store a member of staff's password and authenticator app, or no app, in place of any earlier ones."""
    old = session.get(StaffCredential, staff.id)
    if old is not None:
        session.delete(old)
        session.flush()
    session.add(
        StaffCredential(
            staff_id=staff.id,
            password_hash=secrets.hash_secret("password", password),
            totp_secret=totp_secret,
            last_step=last_step,
            set_at=now,
        )
    )
    session.flush()


def use_totp(staff_id: int, code: str, *, real_now: datetime) -> bool:
    """Whether a code is right now; each code works once (R17)."""
    credential = session.scalars(lock_rows(select(StaffCredential).where(StaffCredential.staff_id == staff_id))).first()
    if credential is None or not credential.totp_secret:
        return False
    step = totp_step(credential.totp_secret, code, real_now)
    if step is None or step <= credential.last_step:
        return False
    credential.last_step = step
    return True


def totp_step(secret: str, code: str, real_now: datetime) -> int | None:
    """The 30-second step that a TOTP code belongs to, one step of drift allowed (RFC 6238), or None."""
    import hmac

    import pyotp

    typed = rules.read_passcode(code)
    totp = pyotp.TOTP(secret)
    current = int(real_now.timestamp()) // totp.interval
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def keep_typed(client_id: int, path: str, fields: list[tuple[str, str]], *, now: datetime) -> None:
    """Keep what she had typed when her session ended, sealed, for 30 minutes (R38)."""
    session.execute(delete(KeptForm).where(KeptForm.client_id == client_id))
    session.add(
        KeptForm(
            client_id=client_id,
            typed={"path": path, "fields": fields},
            kept_at=now,
            expires_at=now + rules.KEPT_FORM_LIFE,
        )
    )


def drop_kept(client_id: int) -> None:
    """Throw away what she had typed."""
    session.execute(delete(KeptForm).where(KeptForm.client_id == client_id))


def _setup_code_index(client_id: int, code: str) -> str:
    return secrets.token_index("setup", f"{client_id}|{code}")
