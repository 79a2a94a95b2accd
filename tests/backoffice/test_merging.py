"""Two records of one woman become one, and apart again: whole, never looser, exactly back."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.accounts.models import ClientPasscode, SignedIn
from portal.accounts.queries import live_sessions, live_setup_code
from portal.audit.models import AuditEntry
from portal.backoffice import merge_queries, merging
from portal.booking.models import Appointment, Occupancy
from portal.clients.merge_models import ClientMerge
from portal.clients.models import Client, KeptApart, Restriction
from portal.clients.queries import clients_with_number, safe_contact, visible_client, visible_client_ids
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import Base, session, unit_of_work
from portal.core.errors import Invalid, MovedTo, NotAllowed, NotFound, Stale
from portal.home.looks import looks
from portal.jobs import tables
from portal.messaging import queries as messaging_queries
from portal.messaging import sender
from portal.messaging import service as messaging
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import PortalMessage, Text
from portal.plan.models import Plan
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from portal.worklist.service import raise_task
from tests.backoffice import two_records
from tests.plan import plans
from tests.support import make

assert tables.ALL


@pytest.fixture
def house(app, travel):
    return two_records.open_house()


@pytest.fixture
def lives(house):
    """The house, with a whole life in both records."""
    two_records.live(house.kept)
    two_records.live(house.merged, day=1)
    return house


def merge(house, *, kept=None, merged=None, actor=None):
    with unit_of_work():
        kept, merged = kept or house.kept, merged or house.merged
        return merging.merge(actor or house.frances.actor, kept.id, merged.id, now=clock.now())


def undo(house, row, *, actor=None):
    with unit_of_work():
        return merging.undo(actor or house.frances.actor, row.kept_id, row.id, now=clock.now())


def again(model, row_id):
    session.rollback()
    session.expire_all()
    return session.get(model, row_id)


def cancelled_for_now(appointment) -> None:
    with unit_of_work():
        row = session.get_one(Appointment, appointment.id)
        row.state, row.settles_at = "cancelled", clock.now() + timedelta(seconds=90)


def refused(house, **values) -> str:
    with pytest.raises(Invalid) as refusal:
        merge(house, **values)
    assert two_records.rows_of(house.merged.id)
    return refusal.value.reason


def test_every_table_with_her_id_moves_or_is_named_with_a_reason():
    """A new table cannot be forgotten: it is moved, moved where the kept record has none, or stays for a reason."""
    with_her = {table.name for table in Base.metadata.sorted_tables if "client_id" in table.columns}
    moved = {model.__tablename__ for model in (*merge_queries.MOVED, *merge_queries.MOVED_IF_NONE)}
    assert with_her == moved | set(merge_queries.STAYING)
    assert not moved & set(merge_queries.STAYING)
    assert set(merge_queries.COUNTED) == {model.__tablename__ for model in merge_queries.MOVED}


def test_every_other_column_that_names_a_client_is_known():
    others = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name != "client_id" and any(key.column.table.name == "clients" for key in column.foreign_keys)
    }
    assert others == {
        "client_merges.kept_id", "client_merges.merged_id", "clients.merged_into_id", "kept_apart.one_id",
        "kept_apart.other_id",
    }  # fmt: skip


def test_all_that_is_a_list_goes_to_the_kept_record(lives):
    before = two_records.standing()
    kept, merged = (two_records.rows_of(client.id, before) for client in (lives.kept, lives.merged))
    assert set(merged) == {model.__tablename__ for model in merge_queries.MOVED} - {"thread_marks"} | {
        "safe_contacts", "plans", "client_passcodes", "setup_codes", "kept_forms", "text_codes", "booking_needs",
        "avoided_workers", "avoided_centres",
    }  # fmt: skip
    merge(lives)
    after = two_records.rows_of(lives.kept.id)
    for model in merge_queries.MOVED:
        table = model.__tablename__
        if table not in ("thread_marks", "tasks"):
            assert after[table] == kept[table] + merged[table], table
    assert set(two_records.rows_of(lives.merged.id)) == {
        "safe_contacts", "plans", "client_passcodes", "setup_codes", "kept_forms", "text_codes", "booking_needs",
        "avoided_workers", "avoided_centres",
    }  # fmt: skip
    assert (after["avoided_workers"], after["avoided_centres"]) == (2, 2), "neither goes where the other must not"
    resources = set(session.scalars(select(Occupancy.resource)))
    assert resources == {f"client:{lives.kept.id}"}
    marks = [(mark.kind, mark.client_id) for mark in session.scalars(select(ThreadMark).order_by(ThreadMark.id))]
    assert marks == [("transfer", lives.kept.id), ("transfer", lives.kept.id), ("merge", lives.kept.id)]


def test_her_tasks_go_to_the_kept_record_s_keyworker_and_none_is_lost(lives):
    before = {task.id for task in open_tasks(lives.ana.actor)}
    merge(lives)
    session.rollback()
    assert before <= {task.id for task in open_tasks(lives.jo.actor)}
    assert open_tasks(lives.ana.actor) == []
    thread = f"thread:{lives.kept.id}"
    assert session.scalar(select(func.count()).where(Task.subject == thread, Task.closed_at.is_(None))) == 2
    with unit_of_work():
        messaging.write_message(lives.jo.actor, lives.kept.id, body="Hi", request_key="k", now=clock.now())
    assert session.scalar(select(func.count()).where(Task.subject == thread, Task.closed_at.is_(None))) == 0


def test_merging_then_undoing_leaves_every_row_as_it_was(either_database, lives):
    before = two_records.standing()
    row = merge(lives)
    assert two_records.standing() != before
    undo(lives, row)
    assert two_records.standing() == before
    row = merge(lives, kept=lives.merged, merged=lives.kept)
    undo(lives, row)
    assert two_records.standing() == before


switches = st.fixed_dictionaries({
    name: st.booleans() for name in ("messages_online", "sensitive_goals_online", "seen_by_online", "sign_in_paused")
})  # fmt: skip
contacts = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"may_text": st.booleans(), "may_ring": st.booleans(), "wording": st.sampled_from(["plain", "short"])}
    ),
)
records = st.fixed_dictionaries({
    "switches": switches, "contact": contacts, "plan": st.sampled_from(["none", "draft", "agreed"]),
    "hidden_from": st.sets(st.sampled_from(["mia", "sam"])), "needs": st.sampled_from([None, {"access": "Step-free"}]),
})  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=records, other=records)
def test_whatever_the_records_are_the_stricter_holds_and_undoing_is_exact(app, travel, one, other):
    house = two_records.open_house()
    staff = {
        name: make.staff("keyworker", house.centre, house.other, first_name=name.title()) for name in ("mia", "sam")
    }
    for client, facts in ((house.kept, one), (house.merged, other)):
        two_records.shape(client, facts, staff)
    before = two_records.standing()
    row = merge(house)
    kept = again(Client, house.kept.id)
    for name in one["switches"]:
        pair = (one["switches"][name], other["switches"][name])
        assert getattr(kept, name) is (any(pair) if name == "sign_in_paused" else all(pair))
    hidden = {staff[name].id for name in one["hidden_from"] | other["hidden_from"]}
    for client in (house.kept, house.merged):
        assert hidden == set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id == client.id)))
    contact, today = safe_contact(kept.id), clock.london_today(travel.now)
    if one["contact"] and other["contact"]:
        assert contact.check_again_on == today
        assert contact.may_text is (one["contact"]["may_text"] and other["contact"]["may_text"])
        assert contact.may_ring is (one["contact"]["may_ring"] and other["contact"]["may_ring"])
    plan = session.scalars(select(Plan).where(Plan.client_id == kept.id)).first()
    if "draft" in (one["plan"], other["plan"]):
        assert plan.state == "draft"
    undo(house, row)
    assert two_records.standing() == before


def test_what_came_since_stays_with_the_kept_record(lives):
    row = merge(lives)
    moved = set(session.scalars(select(Text.id).where(Text.client_id == lives.kept.id)))
    with unit_of_work():
        messaging.write_message(lives.jo.actor, lives.kept.id, body="Since", request_key="k", now=clock.now())
        client = session.get(Client, lives.kept.id)
        client.called_name, client.messages_online = "Rosa", True
    make.safe_contact(again(Client, lives.kept.id))
    undo(lives, row)
    kept = again(Client, lives.kept.id)
    assert (kept.called_name, kept.messages_online) == ("Rosa", True)
    bodies = [message.body for message in messaging_queries.own_messages(lives.kept.id)]
    assert sorted(bodies) == ["Hello", "Since"]
    assert [message.body for message in messaging_queries.own_messages(lives.merged.id)] == ["Hello"]
    assert safe_contact(lives.kept.id).version == 2 and safe_contact(lives.merged.id).version == 1
    assert moved


def test_what_was_written_at_the_very_moment_is_gathered_and_goes_back_too(lives, travel):
    before = two_records.standing()
    row = merge(lives)
    with unit_of_work():
        message = PortalMessage(client_id=lives.merged.id, body="Help", written_at=travel.now)
        session.add(message)
        task = raise_task("incoming_text", now=travel.now, client_id=lives.merged.id, owner_id=lives.ana.id,
                          centre_id=lives.other.id, subject=f"thread:{lives.merged.id}", once="late")  # fmt: skip
    for late in (2, 0):
        with unit_of_work():
            assert merging.gather(travel.now) == late
    assert again(PortalMessage, message.id).client_id == lives.kept.id
    assert task.id in {shown.id for shown in open_tasks(lives.jo.actor)}
    undo(lives, row)
    assert again(PortalMessage, message.id).client_id == lives.merged.id
    after = two_records.standing()
    assert after["tasks"].pop(task.id) and after["portal_messages"].pop(message.id)
    assert after == before


class TestContact:
    def test_where_both_were_asked_no_text_leaves_before_she_was_asked_again(self, lives, travel):
        merge(lives)
        texts = list(session.scalars(select(Text)))
        assert {text.client_id for text in texts} == {lives.kept.id}
        travel.forward(hours=3)
        with unit_of_work():
            assert sender.claim_next("w", per_second=5, words=(), now=travel.now, real_now=travel.now) is None
        session.rollback()
        session.expire_all()
        assert {text.state for text in session.scalars(select(Text))} == {"held"}
        kinds = [task.kind for task in open_tasks(lives.jo.actor)]
        assert "recheck_safe_contact" in kinds and kinds.count("hold_text") == 2

    def test_queued_texts_go_to_the_kept_number_or_nowhere(self, house):
        two_records.live(house.kept, number="+447700900111")
        two_records.live(house.merged, day=1, number="+447700900222")
        merge(house)
        assert {text.number for text in session.scalars(select(Text))} == {"+447700900111"}

    def test_where_only_the_other_was_asked_its_answers_go_along(self, house):
        two_records.live(house.kept, contact=False)
        two_records.live(house.merged, day=1, number="+447700900222")
        row = merge(house)
        assert safe_contact(house.kept.id).number == "+447700900222"
        assert [client.id for client in clients_with_number("+447700900222")] == [house.kept.id]
        undo(house, row)
        assert safe_contact(house.kept.id) is None
        assert [client.id for client in clients_with_number("+447700900222")] == [house.merged.id]

    def test_one_number_in_both_is_one_womans(self, house):
        for day, client in enumerate((house.kept, house.merged)):
            two_records.live(client, day=day, number="+447700900111")
        assert len(clients_with_number("+447700900111")) == 2
        merge(house)
        assert [client.id for client in clients_with_number("+447700900111")] == [house.kept.id]


class TestRefused:
    def test_itself_and_closed_and_merged_ones(self, house):
        assert refused_same(house)
        third = make.client(house.jo, house.centre, state="closed", closed_at=clock.now())
        with pytest.raises(Stale):
            merge(house, merged=third)
        merge(house)
        with pytest.raises(Stale):
            merge(house)
        with pytest.raises(Stale):
            merge(house, kept=house.merged, merged=house.kept)

    def test_two_appointments_at_one_time(self, either_database, house):
        for client in (house.kept, house.merged):
            two_records.appointment(client, make.london(make.monday(), "11:00"))
        assert refused(house) == "overlap"
        assert again(Client, house.merged.id).merged_into_id is None

    def test_two_in_the_past_are_no_hindrance(self, either_database, house, travel):
        travel.to("2026-11-24 09:00")
        rows = [two_records.appointment(client, travel.now) for client in (house.kept, house.merged)]
        travel.to("2026-12-01 10:00")
        before = two_records.standing()
        row = merge(house)
        assert set(session.scalars(select(Appointment.client_id))) == {house.kept.id}
        undo(house, row)
        assert two_records.standing() == before and len(rows) == 2

    def test_two_women_who_must_not_meet(self, house):  # R43
        with unit_of_work():
            session.add(KeptApart(one_id=house.kept.id, other_id=house.merged.id))
        assert refused(house) == "kept_apart"

    def test_a_keyworker_who_must_not_know_of_the_other(self, house):  # R29
        two_records.must_not_know(house.merged, house.jo)
        assert refused(house) == "keyworker_must_not_know"

    def test_an_appointment_with_somebody_who_must_not_know_of_the_other(self, house):  # R29
        two_records.must_not_know(house.kept, house.ana)
        two_records.appointment(house.merged, make.london(make.monday(), "11:00"))
        assert refused(house) == "worker_must_not_know"

    def test_an_appointment_too_near_to_a_woman_whom_the_other_must_not_meet(self, house):  # R43
        third = make.client(house.jo, house.centre)
        with unit_of_work():
            session.add(KeptApart(one_id=house.merged.id, other_id=third.id))
        two_records.appointment(house.kept, make.london(make.monday(), "11:00"))
        two_records.appointment(third, make.london(make.monday(), "12:30"))
        assert refused(house) == "too_near"

    @pytest.mark.parametrize("whose", ["hers", "the_others"])
    def test_a_cancelling_that_can_be_undone_is_as_near_as_a_booking(self, house, whose):  # R43
        third = make.client(house.jo, house.centre)
        with unit_of_work():
            session.add(KeptApart(one_id=house.merged.id, other_id=third.id))
        rows = {
            "hers": two_records.appointment(house.kept, make.london(make.monday(), "11:00")),
            "the_others": two_records.appointment(third, make.london(make.monday(), "12:30")),
        }
        cancelled_for_now(rows[whose])
        assert refused(house) == "too_near"

    def test_a_cancelling_that_can_be_undone_with_somebody_who_must_not_know(self, house):  # R29
        two_records.must_not_know(house.kept, house.ana)
        cancelled_for_now(two_records.appointment(house.merged, make.london(make.monday(), "11:00")))
        assert refused(house) == "worker_must_not_know"

    def test_a_record_that_the_manager_may_not_see(self, house):  # R29
        two_records.must_not_know(house.merged, house.frances)
        with pytest.raises(NotFound):
            merge(house)

    @pytest.mark.parametrize("role", ["keyworker", "receptionist", "admin", "referrer"])
    def test_anybody_but_a_manager(self, house, role):
        other = make.staff(role, house.centre, house.other)
        with pytest.raises(NotAllowed):
            merge(house, actor=other.actor)
        row = merge(house)
        with pytest.raises(NotAllowed):
            undo(house, row, actor=other.actor)


def refused_same(house) -> bool:
    return refused(house, merged=house.kept) == "same"


def test_whom_one_must_not_meet_the_kept_one_must_not(house):  # R43
    third = make.client(house.jo, house.centre)
    with unit_of_work():
        session.add(KeptApart(one_id=house.merged.id, other_id=third.id))
    row = merge(house)
    pairs = {(pair.one_id, pair.other_id) for pair in session.scalars(select(KeptApart))}
    assert (house.kept.id, third.id) in pairs
    undo(house, row)
    assert session.scalar(select(func.count()).select_from(KeptApart)) == 1


def test_a_record_that_goes_on_in_another_is_nobodys(lives):
    merge(lives)
    for person in (lives.jo, lives.ana, lives.frances):
        assert lives.merged.id not in set(session.scalars(visible_client_ids(person.actor)))
    with pytest.raises(MovedTo) as moved:
        visible_client(lives.frances.actor, lives.merged.id)
    assert moved.value.to == lives.kept.id
    with pytest.raises(NotFound) as hidden:
        visible_client(lives.ana.actor, lives.merged.id)
    assert not isinstance(hidden.value, MovedTo), "the kept record is not hers to see"
    with pytest.raises(NotFound):
        visible_client(Actor("client", lives.merged.id), lives.merged.id)


def test_its_ways_in_end_and_hers_stay(lives, travel):
    with unit_of_work():
        for client in (lives.kept, lives.merged):
            session.add(
                SignedIn(token_index=f"t{client.id}", actor_kind="client", actor_id=client.id, kind="own",
                         started_at=travel.now, seen_at=travel.now)
            )  # fmt: skip
    merge(lives)
    assert live_sessions("client", lives.merged.id, travel.now) == []
    assert len(live_sessions("client", lives.kept.id, travel.now)) == 1
    assert live_setup_code(lives.merged.id, travel.now) is None
    assert live_setup_code(lives.kept.id, travel.now) is not None


def test_who_knew_only_the_other_passcode_gets_a_set_up_code(lives):
    with unit_of_work():
        session.delete(session.get(ClientPasscode, lives.kept.id))
    merge(lives)
    assert "new_setup_code" in {task.kind for task in open_tasks(lives.jo.actor)}


def test_goals_of_a_draft_are_not_shown_to_her_before_a_worker_looked(house):  # R41
    for client, state in ((house.kept, "agreed"), (house.merged, "draft")):
        plans.goal(client)
        plans.state(client, state)
    row = merge(house)
    assert plan_state(house.kept) == "draft"
    undo(house, row)
    assert (plan_state(house.kept), plan_state(house.merged)) == ("agreed", "draft")


def plan_state(client) -> str:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Plan.state).where(Plan.client_id == client.id)).one()


def test_only_the_latest_is_undone_and_only_once(house):
    third = make.client(house.jo, house.centre)
    first, second = merge(house), merge(house, merged=third)
    with pytest.raises(Invalid) as refusal:
        undo(house, first)
    assert refusal.value.reason == "later"
    undo(house, second)
    with pytest.raises(Stale):
        undo(house, second)
    undo(house, first)
    assert session.scalar(select(func.count()).where(Client.merged_into_id.is_not(None))) == 0


def test_of_a_chain_the_last_record_is_found_and_an_inner_link_stays(house):
    last = make.client(house.jo, house.centre)
    first = merge(house)
    merge(house, kept=last, merged=house.kept)
    with pytest.raises(MovedTo) as moved:
        visible_client(house.frances.actor, house.merged.id)
    assert moved.value.to == last.id
    with pytest.raises(NotFound):
        undo(house, first)


def test_both_are_written_down_on_both(house):
    row = merge(house)
    undo(house, row)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(["records_merged", "records_parted"])))
    assert sorted((entry.action, entry.client_id, entry.subject) for entry in entries) == sorted(
        (action, one.id, f"client:{other.id}")
        for action in ("records_merged", "records_parted")
        for one, other in ((house.kept, house.merged), (house.merged, house.kept))
    )


def test_who_looked_at_the_other_record_stays_in_sight(house, travel):  # R30
    with unit_of_work():
        session.add(
            AuditEntry(at=travel.now - timedelta(days=3), actor_kind="staff", actor_id=house.ana.id,
                       actor_role="keyworker", action="client_read", client_id=house.merged.id)
        )  # fmt: skip
    assert looks(house.kept.id)[0] == []
    row = merge(house)
    assert [one.role for one in looks(house.kept.id)[0]] == ["keyworker"]
    undo(house, row)
    assert looks(house.kept.id)[0] == []


@pytest.mark.parametrize("crossed", [False, True])
def test_at_the_same_moment_one_wins_whole(either_database, lives, crossed):
    frances, kept_id, merged_id = lives.frances.actor, lives.kept.id, lives.merged.id
    start, ended = threading.Barrier(2), []

    def press(one: int, other: int) -> None:
        start.wait()
        try:
            with unit_of_work():
                merging.merge(frances, one, other, now=clock.now())
            ended.append("merged")
        except Stale:
            ended.append("stale")
        finally:
            session.remove()

    pairs = [(kept_id, merged_id), (merged_id, kept_id) if crossed else (kept_id, merged_id)]
    threads = [threading.Thread(target=press, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(ended) == ["merged", "stale"]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(ClientMerge)) == 1
    assert session.scalar(select(func.count()).where(Client.merged_into_id.is_not(None))) == 1
