"""The audit log: kinds and ids only, chained by the worker, and whoever changes it is found."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from portal.audit import append_only
from portal.audit import service as audit
from portal.audit.models import AuditEntry
from portal.audit.rules import chain_hash
from portal.core import clock, database
from portal.core.access import SYSTEM, Actor, Role
from portal.core.database import make_engine, session, unit_of_work

JO = Actor("staff", 7, Role.KEYWORKER, frozenset({1}))
ON_POSTGRESQL = pytest.mark.parametrize(
    "either_database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
FORGED_KEY = b"whatever key he makes up himself"


@pytest.fixture
def log(either_database, app, travel):
    """Ten sealed entries of different moments."""
    for number in range(10):
        with unit_of_work():
            audit.record(JO, f"action_{number}", now=travel.now, client_id=number + 1, subject="file", reason="asked")
        travel.forward(minutes=1)
    with unit_of_work():
        audit.seal()
    return app


def verify(app, *more: str) -> tuple[int, str]:
    """The exit code of `flask audit verify` and what it says, without the head that it ends with."""
    session.remove()
    done = app.test_cli_runner().invoke(args=["audit", "verify", *more])
    return done.exit_code, done.output.strip().split("\nhead ")[0]


def change(*statements) -> None:
    """What somebody does who holds the database itself: away with the triggers, change, and put them back."""
    session.remove()
    engine = make_engine(database.engine().url)
    with engine.begin() as connection, append_only.opened(connection):
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


def forged(before: str, position: int, entry: AuditEntry, **edited) -> str:
    """The hash that he makes who knows how it is made, but not the key."""
    facts = {name: getattr(entry, name) for name in
             ("actor_kind", "actor_id", "actor_role", "action", "client_id", "subject", "reason")}  # fmt: skip
    return chain_hash(FORGED_KEY, before, position, entry.id, entry.at, tuple({**facts, **edited}.values()))


def test_an_entry_holds_who_what_when_and_why(log):
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).first()
    assert (entry.actor_kind, entry.actor_id, entry.actor_role) == ("staff", 7, "keyworker")
    assert (entry.action, entry.client_id, entry.subject, entry.reason) == ("action_0", 1, "file", "asked")


def test_an_entry_goes_with_the_change_that_it_tells_of(app, travel):
    with pytest.raises(RuntimeError), unit_of_work():
        audit.record(SYSTEM, "never_happened", now=travel.now)
        raise RuntimeError
    assert session.query(AuditEntry).count() == 0


def test_a_whole_chain_is_whole(log):
    assert verify(log) == (0, "10 entries, none changed")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_id = 8 WHERE position = 4",
        "UPDATE audit_entries SET chain_hash = NULL, position = NULL WHERE position = 10",
        "UPDATE audit_entries SET chain_hash = 'x' WHERE position = 10",
        "UPDATE audit_entries SET id = 99 WHERE position = 10",
        "UPDATE audit_entries SET position = 12, chain_hash = 'x', action = 'other' WHERE position IS NULL",
        "UPDATE audit_entries SET position = 12 WHERE position IS NULL",
        "UPDATE audit_entries SET action = 'other' WHERE position IS NULL",
        "DELETE FROM audit_entries WHERE position = 10",
        "DELETE FROM audit_entries WHERE position IS NULL",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries (at, actor_kind, actor_id, actor_role, action, subject, reason, position,"
        " chain_hash) SELECT at, actor_kind, actor_id, actor_role, action, subject, reason, 12, chain_hash"
        " FROM audit_entries WHERE position = 10",
    ],
)
def test_the_database_itself_refuses_every_change_but_the_sealing(log, travel, statement):
    with unit_of_work():
        audit.record(JO, "not_sealed_yet", now=travel.now)
    with pytest.raises(DatabaseError, match="audit_entries is append-only"), unit_of_work():
        session.execute(text(statement))
    assert verify(log) == (0, "11 entries, none changed")


@ON_POSTGRESQL
def test_postgresql_refuses_to_empty_the_table(log):
    with pytest.raises(DatabaseError, match="audit_entries is append-only"), unit_of_work():
        session.execute(text("TRUNCATE audit_entries"))


@pytest.mark.parametrize(
    "statement",
    [
        "REPLACE INTO audit_entries (id, at, actor_kind, actor_id, actor_role, action, subject, reason)"
        " SELECT id, at, actor_kind, 8, actor_role, action, subject, reason FROM audit_entries WHERE position = 4",
        "UPDATE OR REPLACE audit_entries SET position = 4, chain_hash = 'x' WHERE position IS NULL",
    ],
)
def test_sqlite_does_not_let_one_entry_push_another_out(app, travel, statement):
    """REPLACE asks no trigger on DELETE."""
    with unit_of_work():
        for number in range(5):
            audit.record(JO, f"action_{number}", now=travel.now)
        session.flush()
        audit.seal()
        audit.record(JO, "not_sealed_yet", now=travel.now)
    with pytest.raises(DatabaseError, match="audit_entries is append-only"), unit_of_work():
        session.execute(text(statement))
    assert verify(app) == (0, "6 entries, none changed")


def test_without_its_triggers_the_log_is_at_fault(log):
    with unit_of_work():
        append_only.unguard(session.connection())
    assert verify(log) == (
        1,
        "Error: the database does not keep the log append-only: its triggers are gone or sleep",
    )


@ON_POSTGRESQL
def test_sleeping_triggers_are_a_fault(log):
    with unit_of_work():
        session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
    assert verify(log)[0] == 1


def test_the_door_closes_behind_whoever_used_it_and_behind_whoever_failed(log):
    with unit_of_work():
        with append_only.opened(session.connection()):
            assert not audit.guarded()
        assert audit.guarded()
    with pytest.raises(RuntimeError), unit_of_work(), append_only.opened(session.connection()):
        raise RuntimeError
    assert audit.guarded()


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor_id", 8), ("actor_kind", "client"), ("actor_role", "admin"), ("action", "nothing"), ("client_id", 99),
     ("client_id", None), ("subject", "other"), ("reason", ""), ("chain_hash", "0" * 64)],
)  # fmt: skip
def test_an_edit_is_found_where_it_is(log, column, value):
    change(update(AuditEntry).where(AuditEntry.position == 4).values({column: value}))
    assert verify(log) == (1, "Error: the chain is broken at entry 4 of 10")


def test_an_entry_made_earlier_is_found(log, travel):
    change(update(AuditEntry).where(AuditEntry.position == 4).values(at=clock.now()))
    assert verify(log)[0] == 1


def test_a_whole_chain_made_anew_without_the_key_is_found(log):
    """Whoever has the database alone knows how the hashes are made, but not under which key."""
    before, statements = "0" * 64, []
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.position)).all():
        before = forged(before, entry.position, entry, actor_id=8)
        statements.append(
            update(AuditEntry).where(AuditEntry.position == entry.position).values(actor_id=8, chain_hash=before)
        )
    change(*statements)
    assert verify(log) == (1, "Error: the chain is broken at entry 1 of 10")


def test_an_edit_with_its_own_hash_made_anew_is_found(log):
    before, edited = (session.query(AuditEntry).filter_by(position=position).one() for position in (3, 4))
    made = forged(before.chain_hash, 4, edited, actor_id=8)
    change(update(AuditEntry).where(AuditEntry.position == 4).values(actor_id=8, chain_hash=made))
    assert verify(log) == (1, "Error: the chain is broken at entry 4 of 10")


@pytest.mark.parametrize("position", [1, 5, 9])
def test_a_deletion_is_found(log, position):
    change(delete(AuditEntry).where(AuditEntry.position == position))
    assert verify(log) == (1, f"Error: the chain is broken at entry {position} of 9")


def test_a_deletion_with_the_gap_closed_is_found(log):
    change(
        delete(AuditEntry).where(AuditEntry.position == 5),
        *(update(AuditEntry).where(AuditEntry.position == at).values(position=at - 1) for at in range(6, 11)),
    )
    assert verify(log) == (1, "Error: the chain is broken at entry 5 of 9")


def test_a_reorder_is_found(log):
    moved = ((3, 30), (4, 3), (30, 4))
    change(*(update(AuditEntry).where(AuditEntry.position == at).values(position=to) for at, to in moved))
    assert verify(log) == (1, "Error: the chain is broken at entry 3 of 10")


def test_swapped_numbers_are_found(log):
    one, other = session.scalars(select(AuditEntry.id).where(AuditEntry.position.in_((3, 4))).order_by(AuditEntry.id))
    moved = ((one, 99), (other, one), (99, other))
    change(*(update(AuditEntry).where(AuditEntry.id == at).values(id=to) for at, to in moved))
    assert verify(log)[1].startswith("Error: the chain is broken at entry 3 of 10")


@pytest.mark.parametrize("position", [11, 0, -3])
def test_an_insertion_is_found(log, travel, position):
    with unit_of_work():
        audit.record(JO, "slipped_in", now=travel.now)
    change(update(AuditEntry).where(AuditEntry.action == "slipped_in").values(position=position, chain_hash="f" * 64))
    assert verify(log) == (1, f"Error: the chain is broken at entry {11 if position == 11 else 1} of 11")


def test_a_cut_tail_is_found_by_a_head_that_was_written_down(log):
    written = str(audit.head())
    assert written.startswith("10:") and verify(log, "--head", written)[0] == 0
    change(delete(AuditEntry).where(AuditEntry.position > 8))
    assert verify(log) == (0, "8 entries, none changed")
    assert verify(log, "--head", written) == (
        1,
        "Error: entry 10 is not the one that was written down: the end was cut off or made anew",
    )


def test_an_end_that_was_cut_off_and_grew_again_is_found(log, travel):
    written = str(audit.head())
    change(delete(AuditEntry).where(AuditEntry.position > 8))
    with unit_of_work():
        for number in range(5):
            audit.record(JO, f"later_{number}", now=travel.now)
    assert verify(log)[0] == 0
    assert verify(log, "--head", written)[0] == 1


def test_an_earlier_head_still_fits_and_one_is_read_as_a_person_types_it(log, travel):
    written = str(audit.head())
    with unit_of_work():
        audit.record(JO, "later", now=travel.now)
    assert verify(log, "--head", f" {written[:30].upper()} {written[30:]}\n")[0] == 0
    assert verify(log, "--head", "10:abc") == (1, "Error: a head is POSITION:HASH")


def test_the_command_says_the_head_at_its_end(log):
    session.remove()
    said = log.test_cli_runner().invoke(args=["audit", "verify"]).output
    assert said.strip().endswith(f"head {audit.head()}")


def test_what_waits_too_long_to_be_sealed_is_said_once(log, travel):
    with unit_of_work():
        audit.record(JO, "waits", now=travel.now)
    travel.forward(minutes=11)
    assert verify(log) == (1, "Error: 1 entries waited to be sealed for more than 10 minutes: was the worker stopped?")
    assert verify(log) == (0, "11 entries, none changed")


def test_a_deletion_before_the_sealing_leaves_a_gap_that_is_said(log, travel):
    with unit_of_work():
        for number in range(3):
            audit.record(JO, f"new_{number}", now=travel.now)
    change(delete(AuditEntry).where(AuditEntry.action == "new_1"))
    code, said = verify(log)
    assert code == 0 and said.startswith("12 entries, none changed\n1 numbers are free between them: on ")


def test_what_the_worker_has_not_sealed_yet_is_sealed_and_counted(log, travel):
    with unit_of_work():
        for number in range(3):
            audit.record(SYSTEM, f"new_{number}", now=travel.now)
    assert audit.sealed_count() == 10
    assert verify(log) == (0, "13 entries, none changed")
    change(update(AuditEntry).where(AuditEntry.action == "new_1").values(client_id=4))
    assert verify(log) == (1, "Error: the chain is broken at entry 12 of 13")


def test_sealing_goes_on_where_it_ended_in_batches_and_in_order(log, travel):
    with unit_of_work():
        for number in range(25):
            audit.record(SYSTEM, f"new_{number}", now=travel.now)
    sealed = []
    while not sealed or sealed[-1]:
        with unit_of_work():
            sealed.append(audit.seal(limit=10))
    assert sealed == [10, 10, 5, 0]
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.position)).all()
    assert [entry.position for entry in entries] == list(range(1, 36))
    assert [entry.id for entry in entries] == sorted(entry.id for entry in entries)
    assert verify(log)[0] == 0


def test_an_empty_log_is_whole(app):
    assert verify(app) == (0, "0 entries, none changed")


@pytest.mark.parametrize(("edited", "found"), [(4, None), (6, None), (7, 7), (10, 10)])
def test_a_page_verifies_only_the_newest_entries(log, edited, found):
    change(update(AuditEntry).where(AuditEntry.position == edited).values(actor_id=99))
    assert audit.first_fault(newest=4) == found
    assert audit.first_fault() == audit.first_fault(newest=1000) == edited


def test_the_newest_entries_do_not_fit_on_a_gap(log):
    change(delete(AuditEntry).where(AuditEntry.position == 6))
    assert audit.first_fault(newest=4) == 7
