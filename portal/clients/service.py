"""Opening a woman's record."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit import service as audit
from portal.clients import rules
from portal.clients.code_names import free_code_name
from portal.clients.models import Client, Restriction
from portal.core import crypto
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES
from portal.staff import queries as staff


def make_client(
    actor: Actor,
    *,
    code_name: str,
    called_name: str,
    language: str,
    centre_id: int,
    keyworker_id: int,
    preparation: dict[str, str],
    must_not_know: list[int] | None,
    now: datetime,
) -> Client:
    """Open a woman's record. `must_not_know` are staff for whom it is not there (R29); None means nobody asked.

    Raises Invalid(field, reason): code_name shape | has_her_name | taken, called_name missing, language unknown,
    centre_id not_covered, keyworker_id not_there, must_not_know missing | is_keyworker | is_you | unknown.
    """
    require(actor, Permission.MAKE_CLIENT)
    called_name, code_name = " ".join(called_name.split()), " ".join(code_name.split())
    if not called_name:
        raise Invalid("called_name", "missing")
    fault = rules.code_name_fault(code_name, called_name)
    if fault:
        raise Invalid("code_name", fault)
    if language not in LANGUAGES:
        raise Invalid("language", "unknown")
    if centre_id not in actor.centres:
        raise Invalid("centre_id", "not_covered")
    if keyworker_id not in {person.id for person in staff.keyworkers([centre_id])}:
        raise Invalid("keyworker_id", "not_there")
    _check_must_not_know(actor, keyworker_id, must_not_know)
    client = Client(
        code_name=code_name,
        code_name_index=crypto.keyring().index("code_name", rules.fold_code_name(code_name)),
        called_name=called_name,
        language=language,
        centre_id=centre_id,
        keyworker_id=keyworker_id,
        preparation={name: words.strip() for name, words in preparation.items() if words.strip()},
        opened_at=now,
    )
    _add_unless_taken(client)
    session.add_all(
        Restriction(client_id=client.id, staff_id=staff_id, since_at=now)
        for staff_id in sorted(set(must_not_know or ()))
    )
    session.flush()
    audit.record(actor, "client_made", now=now, client_id=client.id)
    return client


def make_unallocated(
    actor: Actor, *, called_name: str, language: str, centre_id: int, nothing_before_on: date | None, now: datetime
) -> Client:
    """Open the record of a woman who was referred: a code name of ours, and no keyworker before somebody gives her one.

    For a referral alone, which has checked who may refer. Raises Invalid: called_name missing, language unknown.
    """
    called_name = " ".join(called_name.split())
    if not called_name:
        raise Invalid("called_name", "missing")
    if language not in LANGUAGES:
        raise Invalid("language", "unknown")
    code_name = free_code_name(language, but=called_name)
    client = Client(
        code_name=code_name,
        code_name_index=crypto.keyring().index("code_name", rules.fold_code_name(code_name)),
        called_name=called_name,
        language=language,
        centre_id=centre_id,
        preparation={},
        nothing_before_on=nothing_before_on,
        opened_at=now,
    )
    _add_unless_taken(client)
    audit.record(actor, "client_made", now=now, client_id=client.id)
    return client


def _check_must_not_know(actor: Actor, keyworker_id: int, must_not_know: list[int] | None) -> None:
    if must_not_know is None:
        raise Invalid("must_not_know", "missing")
    if keyworker_id in must_not_know:
        raise Invalid("must_not_know", "is_keyworker")
    if actor.id in must_not_know:
        raise Invalid("must_not_know", "is_you")
    if not set(must_not_know) <= {person.id for person in staff.people()}:
        raise Invalid("must_not_know", "unknown")


def _add_unless_taken(client: Client) -> None:
    taken = select(Client.id).where(Client.code_name_index == client.code_name_index)
    if session.scalar(taken) is not None:
        raise Invalid("code_name", "taken")
    _put(client)


def _put(client: Client) -> None:
    # Somebody may take the same name between the question and here: then the unique index answers.
    try:
        with session.begin_nested():
            session.add(client)
    except IntegrityError:
        raise Invalid("code_name", "taken") from None
