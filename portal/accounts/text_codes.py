"""A code by text as a way in, for a woman who chose it (R13): asked for, made by the worker, used once.

The page writes the same row whatever name was typed (R14); all that depends on who she is happens in the worker.
"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update

from portal.accounts import rules, secrets
from portal.accounts.limits import count_try, forgive
from portal.accounts.models import TextCode
from portal.audit import service as audit
from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import has_opted_out, safe_contact
from portal.clients.rules import fold_code_name
from portal.core import crypto
from portal.core.access import SYSTEM
from portal.core.database import get_or_none, lock_rows, session
from portal.messaging import outbox, registry
from portal.messaging.models import Text, TextState
from portal.messaging.rules import CODE

MOST_AT_ONCE = 20


def register_texts() -> None:
    """Tell messaging about the text that carries a code."""
    registry.register(CODE, still_wanted=_still_wanted, fleeting=True)


def ask(code_name: str, address: str, *, now: datetime) -> str:
    """Somebody asks for a code for a code name; gives the token of the browser that asked.

    Known or not, allowed or not, the same is written. What is asked too often is noted as over at once.
    """
    index = _code_name_index(code_name)
    allowed = count_try(f"text|{index}", address, now=now)
    token = secrets.new_token()
    session.add(
        TextCode(
            browser_index=_browser_index(token),
            code_name_index=index,
            asked_at=now,
            expires_at=now + rules.TEXT_CODE_LIFE,
            ended_at=None if allowed else now,
        )
    )
    session.flush()
    return token


def one_waits() -> bool:
    """Whether somebody waits for a code: one small query."""
    return session.scalar(_waiting().limit(1)) is not None


def make_asked_for(now: datetime) -> int:
    """Make the codes that were asked for by women who chose them, and want their texts; gives how many."""
    asked = select(TextCode).where(TextCode.id.in_(_waiting().order_by(TextCode.id).limit(MOST_AT_ONCE)))
    rows = session.scalars(lock_rows(asked.order_by(TextCode.id)).execution_options(populate_existing=True)).all()
    # All records at once and in one order, as whoever hands on a caseload locks them: neither waits for the other.
    names = {row.code_name_index for row in rows}
    session.scalars(lock_rows(select(Client.id).where(Client.code_name_index.in_(names)).order_by(Client.id))).all()
    made = 0
    for row in rows:
        if row.looked_at is None:
            row.looked_at = now
            made += _make(row, now)
    session.flush()
    return made


def forget_words(now: datetime) -> int:
    """Erase the digits from texts whose code is over; gives of how many."""
    over = select(TextCode.id).where(or_(TextCode.expires_at <= now, TextCode.ended_at.is_not(None)))
    with_words = select(Text).where(
        Text.kind == CODE,
        or_(Text._body.is_not(None), Text._facts.is_not(None)),
        Text.state.not_in((TextState.SENDING, TextState.UNKNOWN)),
    )
    ended = {f"text_code:{number}" for number in session.scalars(over)}
    gone = [text for text in session.scalars(lock_rows(with_words.order_by(Text.id))) if text.subject in ended]
    for text in gone:
        text.body = text.facts = None
    session.flush()
    return len(gone)


def use(token: str, typed: str, address: str, *, now: datetime) -> Client | None:
    """Use the code that this browser asked for; gives her whom it lets in, and lets nobody in a second time.

    Each try is counted, and all of them ask the database the same (R14).
    """
    row = session.scalars(select(TextCode).where(TextCode.browser_index == _browser_index(token))).first()
    account = f"text code|{row.code_name_index if row else ''}"
    allowed = count_try(account, address, now=now)
    right = hmac.compare_digest(
        _code_index(row.id if row else 0, rules.read_passcode(typed)), (row.code_index if row else "") or "-" * 32
    )
    taken = session.execute(
        update(TextCode)
        .where(TextCode.id == (row.id if row else 0), TextCode.ended_at.is_(None), TextCode.expires_at > now)
        .values(
            tries=TextCode.tries + 1,
            ended_at=now if right or (row and row.tries + 1 >= rules.MOST_CODE_TRIES) else None,
        )
        .returning(TextCode.client_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if not (right and allowed and taken):
        return None
    client, record = session.get_one(Client, taken), safe_contact(taken)
    if not (may_use(client, record) and _went_to(row, record)):
        return None
    forgive(account, address)
    return client


def end_of_browser(token: str, *, now: datetime) -> None:
    """End the code that this browser asked for: she left."""
    session.execute(
        update(TextCode)
        .where(TextCode.browser_index == _browser_index(token), TextCode.ended_at.is_(None))
        .values(ended_at=now)
    )


def may_use(client: Client, record: SafeContact | None) -> bool:
    """Whether a code by text may let her in: she chose it, and nothing has stopped texts or her signing in (R13)."""
    return (
        client.state == ClientState.OPEN
        and not client.sign_in_paused
        and record is not None
        and record.code_by_text
        and record.may_text
        and record.stopped_at is None
    )


def _waiting() -> Select[int]:
    return select(TextCode.id).where(TextCode.looked_at.is_(None), TextCode.ended_at.is_(None))


def _make(row: TextCode, now: datetime) -> bool:
    client = session.scalars(select(Client).where(Client.code_name_index == row.code_name_index)).first()
    if client is None or now - row.asked_at >= rules.TEXT_CODE_USEFUL_FOR:
        return False
    # Codes are counted under a lock on her record, so that two workers do not make one too many.
    session.scalars(lock_rows(select(Client.id).where(Client.id == client.id))).one()
    day = select(func.count()).where(TextCode.client_id == client.id, TextCode.looked_at > now - timedelta(days=1))
    if not may_use(client, safe_contact(client.id)) or (session.scalar(day) or 0) >= rules.MOST_CODE_TEXTS_A_DAY:
        return False
    older = update(TextCode).where(TextCode.client_id == client.id, TextCode.ended_at.is_(None))
    session.execute(older.values(ended_at=now).execution_options(synchronize_session=False))
    code = secrets.new_text_code()
    row.client_id, row.code_index = client.id, _code_index(row.id, code)
    session.flush()
    text = outbox.queue(
        client.id,
        CODE,
        subject=f"text_code:{row.id}",
        once=f"text_code:{row.id}",
        now=now,
        facts={"code": code},
        not_after_at=row.asked_at + rules.TEXT_CODE_USEFUL_FOR,
    )
    if text.state == TextState.SKIPPED:
        row.ended_at = now
    # Whoever asked need not be her, so the log does not say so.
    audit.record(SYSTEM, "code_by_text_made", now=now, client_id=client.id, reason=str(text.reason))
    return True


def _went_to(row: TextCode | None, record: SafeContact | None) -> bool:
    """Whether the code went to the number that is still hers, and that still takes texts."""
    if row is None or record is None or not record.number or has_opted_out(record.number):
        return False
    sent_to = select(Text.number_index).where(Text.subject == f"text_code:{row.id}", Text.kind == CODE)
    return session.scalar(sent_to) == record.number_index


def _still_wanted(code_id: int, now: datetime) -> bool:
    row = get_or_none(TextCode, code_id)
    if row is None or row.client_id is None or row.ended_at is not None or row.expires_at <= now:
        return False
    client = session.get(Client, row.client_id)
    return client is not None and may_use(client, safe_contact(client.id))


def _code_name_index(code_name: str) -> str:
    return crypto.keyring().index("code_name", fold_code_name(code_name))


def _browser_index(token: str) -> str:
    return secrets.token_index("text_code_browser", token)


def _code_index(row_id: int, code: str) -> str:
    return secrets.token_index("text_code", f"{row_id}|{code}")
