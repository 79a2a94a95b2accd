"""Bringing over current clients from a list: doubts about its lines, the import as one change, what came of it.

The numbers of the list are kept sealed and nothing ever goes to them: how she may be reached was not asked, and for
each woman somebody has the task of asking (R18).
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from portal.audit import service as audit
from portal.backoffice import moving_making, moving_state
from portal.backoffice.moving_models import ClientImport, ImportedClient
from portal.backoffice.moving_rules import House, Row, Worker
from portal.centres import queries as centres
from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import visible_client_ids
from portal.core import clock, crypto
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, on_sqlite, session
from portal.core.errors import NotFound, Stale
from portal.staff.queries import COVERING, people

KEPT_FOR = timedelta(days=1)
"""How long a list is kept sealed, before its import and after."""
UNDONE_WITHIN = timedelta(days=1)
IMPORT_LOCK = 7_201_904
"""The advisory lock under which lists are brought over one at a time."""
KNOWN_FOR = timedelta(days=30)
"""How long it is known which list made a record."""


def house_of(actor: Actor, *, drama_only: bool, now: datetime) -> House:
    """What a list of this importer is checked against."""
    names = centres.centre_names()
    covered = {number: names[number] for number in sorted(actor.centres) if number in names}
    return House(
        workers=tuple(
            Worker(
                one.id, one.name, one.first_name, one.email, tuple(one.centre_ids),
                keyworker=one.role in COVERING and bool(actor.centres & set(one.centre_ids)),
            )
            for one in people(active_only=True)
        ),
        centres=covered,
        kinds={
            number: {kind.id: kind.name_in("en") for kind in centres.kinds_for(number) if not kind.group}
            for number in covered
        },
        importer_id=actor.id,
        today=clock.london_today(now),
        drama_only=drama_only,
    )  # fmt: skip


def doubts(actor: Actor, rows: Iterable[Row]) -> dict[int, list[str]]:
    """By line, why a woman may be here already, or twice in the list; lines without a doubt are left out.

    Only women whom the importer may see are compared: of others a list learns nothing (R29, R42).
    """
    known = _known(actor)
    found: dict[int, list[str]] = {}
    seen: dict[tuple, int] = {}
    for row in rows:
        index = crypto.keyring().index("phone", row["number"]) if row["number"] else None
        for mark, words in (
            (("number", index), "the same number as"),
            (("name", _folded(row["called_name"]), row["keyworker_id"]), "the same name and keyworker as"),
        ):
            if mark == ("number", None):
                continue
            if mark in known:
                found.setdefault(row["line"], []).append(f"{words} {known[mark]}, who is here already")
            if mark in seen:
                found.setdefault(row["line"], []).append(f"{words} line {seen[mark]}")
            seen.setdefault(mark, row["line"])
    return found


def keep(actor: Actor, rows: list[Row], outlook: dict[str, Any], *, now: datetime) -> ClientImport:
    """Keep a checked list, sealed, until it is brought over, or for a day."""
    require(actor, Permission.IMPORT_CLIENTS)
    batch = ClientImport(made_by=actor.id, checked_at=now)
    batch.content = {"rows": rows, "outlook": outlook}
    session.add(batch)
    session.flush()
    audit.record(actor, "client_list_checked", now=now, subject=f"import:{batch.id}")
    return batch


def batch_for(actor: Actor, batch_id: int, *, now: datetime, lock: bool = False) -> ClientImport:
    """A list: before its import only its maker's. Raises NotFound, also where it was kept too long."""
    require(actor, Permission.IMPORT_CLIENTS)
    found = get_or_none(ClientImport, batch_id)
    if found is not None and lock:
        found = session.scalars(lock_rows(select(ClientImport).where(ClientImport.id == batch_id))).one()
    if found is None or (found.imported_at is None and found.made_by != actor.id):
        raise NotFound("list")
    if found.imported_at is None and (found.content is None or now - found.checked_at >= KEPT_FOR):
        raise NotFound("list")
    return found


def bring_over(actor: Actor, batch: ClientImport, ticked: Collection[int], *, now: datetime) -> None:
    """Make the women of a list: those without a doubt, and of the others those whose line was ticked.

    Raises Stale when it was brought over before, and what making a client raises when the house changed since.
    """
    require(actor, Permission.IMPORT_CLIENTS)
    if batch.imported_at is not None:
        raise Stale("list")
    if not on_sqlite():
        # Two lists at one moment may name the same women: whoever comes second must find those of the first.
        session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
    rows: list[Row] = batch.content["rows"]
    doubtful = doubts(actor, rows)
    wanted = [row for row in rows if row["line"] not in doubtful or row["line"] in ticked]
    batch.imported_at = now
    made = moving_making.make_all(actor, wanted, once=f"list-{batch.id}", now=now)
    session.flush()
    for woman in made:
        state = moving_state.state_of(woman["client_id"])
        session.add(ImportedClient(import_id=batch.id, client_id=woman["client_id"], state_as_made=state))
    left_out = [row["line"] for row in rows if row["line"] in doubtful and row["line"] not in ticked]
    batch.content = {"made": made, "left_out": left_out}
    session.flush()
    audit.record(actor, "clients_brought_over", now=now, subject=f"import:{batch.id}", reason=str(len(made)))


def recent(actor: Actor, now: datetime) -> list[ClientImport]:
    """The lists that can still be brought over or undone, the newest first."""
    own = or_(ClientImport.imported_at.is_not(None), ClientImport.made_by == actor.id)
    fresh = or_(ClientImport.imported_at > now - UNDONE_WITHIN, ClientImport.checked_at > now - KEPT_FOR)
    return list(session.scalars(select(ClientImport).where(own, fresh).order_by(ClientImport.id.desc())))


def women_of(actor: Actor, batch: ClientImport) -> dict[int, Client]:
    """The women whom a list made and whom somebody may see, by id."""
    ids = select(ImportedClient.client_id).where(ImportedClient.import_id == batch.id)
    seen = select(Client).where(Client.id.in_(ids), Client.id.in_(visible_client_ids(actor)))
    return {client.id: client for client in session.scalars(seen)}


def drop(actor: Actor, batch: ClientImport, *, now: datetime) -> None:
    """Throw a list away that was not brought over. Raises Stale."""
    if batch.imported_at is not None:
        raise Stale("list")
    session.delete(batch)
    session.flush()
    audit.record(actor, "client_list_dropped", now=now, subject=f"import:{batch.id}")


def forget_old(now: datetime) -> int:
    """Erase what lists said, a day after; gives of how many. Whom they made is known for 30 days."""
    long_ago = select(ClientImport.id).where(ClientImport.imported_at <= now - KNOWN_FOR)
    session.execute(delete(ImportedClient).where(ImportedClient.import_id.in_(long_ago)))
    session.execute(delete(ClientImport).where(ClientImport.imported_at <= now - KNOWN_FOR))
    old = ClientImport.checked_at <= now - KEPT_FOR
    never = session.execute(
        delete(ClientImport).where(old, ClientImport.imported_at.is_(None)).returning(ClientImport.id)
    )
    emptied = session.execute(
        update(ClientImport)
        .where(ClientImport.imported_at <= now - UNDONE_WITHIN, ClientImport._content.is_not(None))
        .values(_content=None)
        .returning(ClientImport.id)
    )
    return len(never.all()) + len(emptied.all())


def _known(actor: Actor) -> dict[tuple, str]:
    """The marks of the women whom the importer may see: numbers, and name with keyworker; each with her name."""
    seen = list(session.scalars(select(Client).where(Client.id.in_(visible_client_ids(actor)))))
    newest = (
        select(SafeContact.client_id, func.max(SafeContact.version).label("version"))
        .group_by(SafeContact.client_id)
        .subquery()
    )
    numbers = session.execute(
        select(SafeContact.client_id, SafeContact.number_index).join(
            newest, (newest.c.client_id == SafeContact.client_id) & (newest.c.version == SafeContact.version)
        )
    )
    index_of = {client_id: index for client_id, index in numbers if index}
    known: dict[tuple, str] = {}
    for client in seen:
        index = index_of.get(client.id) or client.listed_number_index
        if index:
            known["number", index] = client.called_name
        if client.state == ClientState.OPEN:
            known["name", _folded(client.called_name), client.keyworker_id] = client.called_name
    return known


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
