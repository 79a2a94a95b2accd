"""On a record: who must not know of her and whom she must not meet, seen, added and lifted (R29, R43)."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.backoffice import keeping_apart, must_not_know
from portal.booking import service
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered
from portal.clients.models import Client, KeptApart, Restriction
from portal.clients.queries import visible_client
from portal.clients.reach_models import OutsideRestriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotFound
from portal.groups import service as groups
from portal.groups.queries import offered
from portal.worklist.models import Task
from portal.worklist.service import raise_task
from tests.backoffice import two_records
from tests.groups.courses import course
from tests.support import make, sign_in


@pytest.fixture
def house(app, travel):
    """Jo and Priya at one centre; Jo has Rose, Priya has Lily; Ana with Rosie is at another centre."""
    house = two_records.open_house()
    house.priya = make.staff("keyworker", house.centre, first_name="Priya")
    house.lily = make.client(house.priya, house.centre, called_name="Lily")
    house.kind = make.kind("Time with your worker", house.centre, house.other)
    return house


def page_of(client) -> str:
    return f"/staff/clients/{client.id}/must-not-know"


def audited(client, action: str) -> list[tuple[str, str]]:
    statement = select(AuditEntry.subject, AuditEntry.reason)
    return [tuple(row) for row in session.execute(statement.where(
        AuditEntry.client_id == client.id, AuditEntry.action == action
    ))]  # fmt: skip


def open_tasks(kind: str) -> list[Task]:
    session.expire_all()
    return list(session.scalars(select(Task).where(Task.kind == kind, Task.closed_at.is_(None))))


def booked(client, at: str, **values):
    return two_records.appointment(client, make.london(make.monday(), at), **values)


def test_a_colleague_is_kept_from_knowing_and_may_know_again_with_a_reason(house, page_client, new_page_client):  # R29
    hers = new_page_client()
    sign_in.staff_at(hers, house.priya, "/staff/clients")
    assert "Rose" in hers.get("/staff/clients").text
    sign_in.staff_at(page_client, house.jo, f"/staff/clients/{house.kept.id}")
    page = page_client.get(page_client.page.links()["Who must not know"])
    page = page_client.submit(page_of(house.kept), staff_id=str(house.priya.id))
    assert "Priya Example" in page.text
    assert "Rose" not in hers.get("/staff/clients").text
    assert hers.get(f"/staff/clients/{house.kept.id}").status == 404
    assert hers.get(page_of(house.kept)).status == 404
    [row] = session.scalars(select(Restriction)).all()
    lift = f"{page_of(house.kept)}/{row.id}/lift"
    page = page_client.submit(lift, follow=False)
    assert page.status == 422 and "Say why." in page.text
    page_client.submit(lift, why="was_wrong")
    assert "Rose" in hers.get("/staff/clients").text
    assert audited(house.kept, "restriction_lifted") == [(f"staff:{house.priya.id}", "was_wrong")]


def test_her_keyworker_is_kept_from_knowing_only_after_the_record_is_handed_on(house, page_client):  # R29
    sign_in.staff_at(page_client, house.frances, page_of(house.kept))
    assert "hand the record on first" in page_client.page.text
    assert "Give her another keyworker" in page_client.page.links()
    with pytest.raises(Invalid) as refusal, unit_of_work():
        must_not_know.restrict_staff(house.frances.actor, house.kept.id, house.jo.id, now=clock.now())
    assert (refusal.value.field, refusal.value.reason) == ("staff_id", "is_keyworker")
    with pytest.raises(Invalid, match="is_you"), unit_of_work():
        must_not_know.restrict_staff(house.priya.actor, house.kept.id, house.priya.id, now=clock.now())


def test_what_that_person_had_to_do_goes_to_her_keyworker(house):  # R29
    coming = booked(house.kept, "11:00")
    with unit_of_work():
        session.get_one(Appointment, coming.id).worker_id = house.priya.id
        raise_task("ring_her", now=clock.now(), client_id=house.kept.id, owner_id=house.priya.id)
        other = raise_task("opt_out", now=clock.now(), client_id=house.kept.id, owner_id=house.jo.id)
        session.get_one(Task, other.id).taken_by = house.priya.id
    with unit_of_work():
        met = must_not_know.restrict_staff(house.jo.actor, house.kept.id, house.priya.id, now=clock.now())
    assert met == 1
    [ring], [opt_out], [move] = open_tasks("ring_her"), open_tasks("opt_out"), open_tasks("sees_who_must_not_know")
    assert (ring.owner_id, opt_out.taken_by) == (house.jo.id, None)
    assert (move.owner_id, move.subject) == (house.jo.id, f"appointment:{coming.id}")


def test_outsiders_stand_on_her_file_sealed_and_can_be_taken_away(house, page_client):  # R29
    sign_in.staff_at(page_client, house.jo, page_of(house.kept))
    page_client.submit(f"{page_of(house.kept)}/outside", kind="interpreter", name="Mrs Harrowmere")
    page = page_client.get(f"/staff/clients/{house.kept.id}")
    assert "Must not know of her: Mrs Harrowmere (interpreter)" in page.text
    [row] = session.scalars(select(OutsideRestriction)).all()
    assert b"Harrowmere" not in row._name
    page_client.get(page_of(house.kept))
    page_client.submit(f"{page_of(house.kept)}/outside/{row.id}/lift", why="she_asked")
    assert session.query(OutsideRestriction).count() == 0
    assert audited(house.kept, "restriction_lifted") == [(f"interpreter:{row.id}", "she_asked")]


def test_two_women_are_kept_apart_by_booking_from_then_on(house, page_client):  # R43
    booked(house.lily, "11:00")
    at = make.london(make.monday(), "11:30")
    sign_in.staff_at(page_client, house.jo, page_of(house.kept))
    page = page_client.submit(f"/staff/clients/{house.kept.id}/must-not-meet", typed=house.lily.code_name)
    assert "Lily" in page.text

    def book(starts_at, key):
        with unit_of_work():
            return service.book(
                house.jo.actor, client_id=house.kept.id, kind_id=house.kind.id, centre_id=house.centre.id,
                starts_at=starts_at, worker_id=house.jo.id, request_key=key, now=clock.now(),
            )  # fmt: skip

    with pytest.raises(NotOffered):
        book(at, "near")
    assert book(make.london(make.monday(), "14:00"), "far")
    [pair] = session.scalars(select(KeptApart)).all()
    for client in (house.kept, house.lily):
        assert audited(client, "kept_apart") == [("", "")]
    page_client.get(page_of(house.kept))
    page_client.submit(f"/staff/clients/{house.kept.id}/must-not-meet/{pair.id}/lift", why="risk_over")
    assert session.query(KeptApart).count() == 0
    assert book(at, "now")


def test_what_brings_them_together_already_becomes_a_task(house):  # R43
    near, _ = booked(house.kept, "11:00"), booked(house.lily, "12:30")
    booked(house.kept, "15:00")
    with unit_of_work():
        clashes = keeping_apart.keep_apart(house.jo.actor, house.kept.id, house.lily.code_name, now=clock.now())
    [task] = open_tasks("meets_whom_she_must_not")
    assert (clashes, task.subject, task.owner_id, task.client_id) == (
        1, f"appointment:{near.id}", house.jo.id, house.kept.id,
    )  # fmt: skip
    assert task.note is None, "it does not say who the other is"


def test_one_group_with_both_becomes_a_task_and_neither_joins_where_the_other_is(house):  # R43
    here = SimpleNamespace(centre=house.centre, jo=house.jo, kind=make.kind("Cooking", house.centre, group=True),
                           room=house.centre.rooms[-1])  # fmt: skip
    shared = course(here, actor=house.jo.actor)
    with unit_of_work():
        groups.join(house.jo.actor, shared.id, house.kept.id, request_key="g1", now=clock.now())
    with unit_of_work():
        keeping_apart.keep_apart(house.jo.actor, house.kept.id, house.lily.code_name, now=clock.now())
    assert open_tasks("meets_whom_she_must_not") == []
    lily = session.get_one(Client, house.lily.id)
    assert shared.id not in [one.course.id for one in offered(lily, clock.now(), by_staff=True)]
    with unit_of_work():
        session.execute(KeptApart.__table__.delete())
    with unit_of_work():
        groups.join(house.jo.actor, shared.id, house.lily.id, request_key="g2", now=clock.now())
    with unit_of_work():
        keeping_apart.keep_apart(house.jo.actor, house.kept.id, house.lily.code_name, now=clock.now())
    assert [task.subject for task in open_tasks("meets_whom_she_must_not")][-1] == f"course:{shared.id}"


def test_one_beyond_reach_is_set_by_a_manager_who_is_not_told_who_she_is(house, page_client, new_page_client):  # R43
    sign_in.staff_at(page_client, house.jo, page_of(house.kept))
    meet = f"/staff/clients/{house.kept.id}/must-not-meet"
    page = page_client.submit(meet, typed=house.merged.code_name, follow=False)
    assert page.status == 422 and "Nobody whom you may see has this code name or number." in page.text
    page_client.submit(meet, press=("ask", "manager"), typed=house.merged.code_name)
    [task] = open_tasks("keep_apart")
    assert task.owner_id == house.frances.id and house.merged.code_name in (task.note or "")

    here = make.staff("manager", house.centre, first_name="Mo")
    manager = new_page_client()
    sign_in.staff_at(manager, here, page_of(house.kept))
    page = manager.submit(meet, typed=house.merged.code_name)
    assert "A woman whose record you may not see" in page.text
    assert "Rosie" not in page.html and house.merged.code_name not in page.text
    page = page_client.get(page_of(house.kept))
    assert "A woman whose record you may not see" in page.text and "They may meet after all" not in page.text


def test_of_whom_one_must_not_know_one_hears_nothing_here_either(house, page_client):  # R29
    two_records.must_not_know(house.lily, house.jo)
    two_records.must_not_know(house.lily, house.frances)
    with unit_of_work():
        session.add(KeptApart(one_id=house.kept.id, other_id=house.lily.id))
    assert keeping_apart.pairs(house.jo.actor, house.kept.id, clock.now()) == []
    for person in (house.jo, house.frances):
        with pytest.raises(Invalid, match="not_there"), unit_of_work():
            keeping_apart.keep_apart(person.actor, house.kept.id, house.lily.code_name, now=clock.now())
    with pytest.raises(NotFound), unit_of_work():
        keeping_apart.let_meet(house.frances.actor, house.kept.id, 1, why="she_asked", now=clock.now())


def test_pressed_twice_it_is_one_pair(house):
    for _ in range(2):
        with unit_of_work():
            keeping_apart.keep_apart(house.jo.actor, house.lily.id, house.kept.code_name, now=clock.now())
    assert session.query(KeptApart).count() == 1
    with pytest.raises(Invalid, match="same"), unit_of_work():
        keeping_apart.keep_apart(house.jo.actor, house.lily.id, house.lily.code_name, now=clock.now())


def test_a_restricted_person_never_learns_that_there_is_a_restriction(house, page_client):  # R29
    two_records.must_not_know(house.kept, house.priya)
    with pytest.raises(NotFound):
        visible_client(house.priya.actor, house.kept.id)
    sign_in.staff_at(page_client, house.priya, "/staff/clients")
    for at in ("", "/lift"):
        answer = page_client.post(f"{page_of(house.kept)}{'/1' if at else ''}{at}", {"why": "she_asked"})
        assert answer.status == 404
