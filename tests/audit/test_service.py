"""The audit log: kinds and ids only, chained by the worker, and whoever changes it is found."""

import pytest
from sqlalchemy import delete, select, update

from portal.audit import service as audit
from portal.audit.models import AuditEntry
from portal.audit.rules import chain_hash
from portal.core import clock
from portal.core.access import SYSTEM, Actor, Role
from portal.core.database import session, unit_of_work

JO = Actor("staff", 7, Role.KEYWORKER, frozenset({1}))


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


def verify(app) -> tuple[int, str]:
    session.remove()
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    return done.exit_code, done.output.strip()


def change(statement) -> None:
    with unit_of_work():
        session.execute(statement)


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


def test_an_edit_with_its_own_hash_made_anew_is_found_at_the_next_entry(log):
    before, edited = (session.query(AuditEntry).filter_by(position=position).one() for position in (3, 4))
    facts = (edited.actor_kind, 8, edited.actor_role, edited.action, edited.client_id, edited.subject, edited.reason)
    forged = chain_hash(before.chain_hash, 4, edited.at, facts)
    change(update(AuditEntry).where(AuditEntry.position == 4).values(actor_id=8, chain_hash=forged))
    assert verify(log) == (1, "Error: the chain is broken at entry 5 of 10")


@pytest.mark.parametrize("position", [1, 5, 9])
def test_a_deletion_is_found(log, position):
    change(delete(AuditEntry).where(AuditEntry.position == position))
    assert verify(log) == (1, f"Error: the chain is broken at entry {position} of 9")


def test_a_deletion_with_the_gap_closed_is_found(log):
    change(delete(AuditEntry).where(AuditEntry.position == 5))
    for position in range(6, 11):
        change(update(AuditEntry).where(AuditEntry.position == position).values(position=position - 1))
    assert verify(log) == (1, "Error: the chain is broken at entry 5 of 9")


def test_a_reorder_is_found(log):
    for position, other in ((3, 30), (4, 3), (30, 4)):
        change(update(AuditEntry).where(AuditEntry.position == position).values(position=other))
    assert verify(log) == (1, "Error: the chain is broken at entry 3 of 10")


def test_an_insertion_is_found(log, travel):
    with unit_of_work():
        audit.record(JO, "slipped_in", now=travel.now)
        session.flush()
        session.execute(
            update(AuditEntry).where(AuditEntry.action == "slipped_in").values(position=11, chain_hash="f" * 64)
        )
    assert verify(log) == (1, "Error: the chain is broken at entry 11 of 11")


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
