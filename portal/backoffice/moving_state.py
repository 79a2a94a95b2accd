"""What a woman's record is made of, table by table: whether anybody worked on it since an import; taking it back."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, delete, or_, select

from portal.booking.models import Occupancy
from portal.clients.merge_models import ClientMerge
from portal.clients.models import Client, KeptApart
from portal.core.database import Base, session
from portal.messaging.models import Text
from portal.worklist.models import Task

BY_MACHINE = ("hold_text", "reminder_by_person")
"""Kinds of tasks that the worker raises by itself; untouched they are no work on her."""
NO_WORK = ("audit_entries", "imported_clients", "setup_codes")
"""Tables whose rows are no work on her: a look, the import itself, a card that nobody has used."""
WORDS = {
    "clients": "her record was changed",
    "safe_contacts": "it was asked how she may be reached",
    "appointments": "an appointment was made, changed or marked",
    "tasks": "a task about her was taken or done",
    "client_passcodes": "she has signed in",
    "client_merges": "it was joined with another record",
}
"""What a changed table means, in the words of staff."""


def state_of(client_id: int) -> dict[str, str]:
    """A short hash of her rows in each table that has any; only what people did counts, nothing of the worker's."""
    found = {}
    for table, of_hers in _tables(client_id):
        rows = session.execute(select(*_telling(table)).where(of_hers).order_by(*table.primary_key.columns)).all()
        if rows:
            found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]
    return found


def worked_on(client_id: int, as_made: dict[str, str]) -> list[str]:
    """What somebody did about her since, in the words of staff; empty when nobody did anything."""
    now = state_of(client_id)
    changed = [name for name in sorted(now | as_made) if now.get(name) != as_made.get(name)]
    return list(dict.fromkeys(WORDS.get(name, "something was added to her record") for name in changed))


def take_back(client_id: int) -> None:
    """Remove a woman on whom nobody worked, with every row about her; the log of who did what stays."""
    appointments = Base.metadata.tables["appointments"]
    hers = select(appointments.c.id).where(appointments.c.client_id == client_id)
    session.execute(delete(Occupancy).where(Occupancy.appointment_id.in_(hers)))
    # A table that refers to another one goes first.
    for table in reversed(Base.metadata.sorted_tables):
        if "client_id" in table.c and table.name != "audit_entries":
            session.execute(delete(table).where(table.c.client_id == client_id))
    session.execute(delete(Client).where(Client.id == client_id))
    session.expire_all()


def _tables(client_id: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    tables = Base.metadata.tables
    yield tables["clients"], tables["clients"].c.id == client_id
    apart, merges = tables[KeptApart.__tablename__], tables[ClientMerge.__tablename__]
    yield apart, or_(apart.c.one_id == client_id, apart.c.other_id == client_id)
    yield merges, or_(merges.c.kept_id == client_id, merges.c.merged_id == client_id)
    for name, table in sorted(tables.items()):
        if "client_id" in table.c and name not in NO_WORK:
            yield table, _by_people(table, table.c.client_id == client_id)


def _by_people(table: Table, of_hers: ColumnElement[bool]) -> ColumnElement[bool]:
    if table.name == Text.__tablename__:
        return of_hers & or_(table.c.written_by.is_not(None), table.c.sent_at.is_not(None))
    if table.name == Task.__tablename__:
        seen_to = or_(table.c.taken_by.is_not(None), table.c.closed_by.is_not(None))
        return of_hers & or_(table.c.kind.not_in(BY_MACHINE), seen_to)
    return of_hers


def _telling(table: Table) -> list:
    """The columns that tell of people's work: of a task not that it went to a second person because it is late."""
    if table.name == Task.__tablename__:
        return [table.c[name] for name in ("id", "kind", "taken_by", "closed_by", "done")]
    return list(table.c)
