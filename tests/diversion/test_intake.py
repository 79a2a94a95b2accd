"""A referral makes a record: who may know of it, what is held of it, and what is asked again."""

from datetime import timedelta

import pytest

from portal.audit.models import AuditEntry
from portal.clients.models import Client, Restriction, SafeContact
from portal.clients.queries import client_in_reach, visible_client
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound, Stale
from portal.diversion import allocation, disposals, records
from portal.diversion.models import Condition, Referral
from portal.worklist.models import Task
from portal.worklist.queries import open_tasks
from tests.diversion import intake
from tests.diversion.intake import CONTACT, actor_of
from tests.support import make


@pytest.fixture
def house(app, travel):
    from types import SimpleNamespace

    centre = make.centre()
    return SimpleNamespace(
        centre=centre,
        jo=make.staff("keyworker", centre, first_name="Jo"),
        desk=make.staff("receptionist", centre, first_name="Rae"),
        frances=make.staff("manager", centre, first_name="Frances"),
        dana=make.staff("referrer", first_name="Dana"),
        admin=make.staff("admin", first_name="Adele"),
    )


def sees(person, referral: Referral) -> bool:
    session.rollback()
    try:
        visible_client(actor_of(person), referral.client_id)
    except NotFound:
        return False
    return True


def kinds_of_tasks(person) -> set[str]:
    session.rollback()
    return {task.kind for task in open_tasks(actor_of(person))}


def test_a_referral_makes_an_open_record_without_a_keyworker_and_nothing_to_send_by(house):  # R18
    made = intake.refer(
        house.dana, house.centre.id, sessions_needed=2, due_on=clock.london_today(clock.now()) + timedelta(days=60)
    )
    client = session.get_one(Client, made.client_id)
    assert (client.state, client.keyworker_id, client.called_name, client.centre_id) == (
        "open", None, "Marigold", house.centre.id
    )  # fmt: skip
    assert (made.state, made.asked_by_kind, made.referrer_id, made.taken_by) == (
        "received",
        "referrer",
        house.dana.id,
        None,
    )
    assert made.said_contact == {"may_text": True, "number": CONTACT.number, "whose_phone": "own", "hours": "mornings"}
    assert session.query(SafeContact).count() == 0, "what she said is no live record"
    assert [(one.sessions_needed, one.client_id) for one in session.query(Condition)] == [(2, client.id)]
    assert {"client_made", "referral_made"} <= {entry.action for entry in session.query(AuditEntry)}
    assert sees(house.jo, made) and kinds_of_tasks(house.jo) == {"new_referral"}


def test_she_can_ask_herself_and_nobody_asks_why(house):
    made = intake.refer_herself(house.centre.id)
    assert (made.source, made.asked_by_kind, made.agreed_how, made.offence_group) == (
        "herself", "herself", "herself", "not_said"
    )  # fmt: skip
    assert made.reference.startswith("W-") and made.referrer_id is None and made.taken_by is None


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"called_name": " "}, "called_name", "missing"),
        ({"language": "xx"}, "language", "unknown"),
        ({"centre_id": 999}, "centre_id", "unknown"),
        ({"source": "friend"}, "source", "unknown"),
        ({"offence_group": "Theft of a coat on Tuesday"}, "offence_group", "unknown"),
        ({"borough": "Paris"}, "borough", "unknown"),
        ({"police_area": "Paris"}, "police_area", "unknown"),
        ({"reference": " "}, "reference", "missing"),
        ({"agreed_how": ""}, "agreed_how", "missing"),
        ({"must_not_know": ""}, "must_not_know", "missing"),  # R29: no default
        ({"must_not_know": "somebody"}, "names", "missing"),
        ({"must_not_know": "somebody", "names": ("x",) * 11}, "names", "too_many"),
        ({"contact": CONTACT._replace(may_text=False)}, "may_text", "missing"),
        ({"contact": CONTACT._replace(number=None)}, "number", "missing"),
        ({"contact": CONTACT._replace(whose_phone="")}, "whose_phone", "missing"),
        ({"source": "prison"}, "release_on", "missing"),
        ({"sessions_needed": 0}, "sessions_needed", "range"),
        ({"sessions_needed": 21}, "sessions_needed", "range"),
        ({"sessions_needed": 2}, "due_on", "missing"),
    ],
    ids=str,
)
def test_what_cannot_stand_is_refused_and_leaves_no_record(house, values, field, reason):
    with pytest.raises(Invalid) as refused:
        intake.refer(house.dana, values.pop("centre_id", house.centre.id), **values)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    session.rollback()
    assert session.query(Client).count() == session.query(Referral).count() == session.query(Task).count() == 0


@pytest.mark.parametrize(
    ("name", "days", "reason"),
    [("release_on", -1, "past"), ("release_on", 400, "too_far"), ("due_on", 0, "past"), ("due_on", 400, "too_far"),
     ("disposal_on", 1, "future")],
)  # fmt: skip
def test_days_that_cannot_be_are_refused(house, name, days, reason):
    on = clock.london_today(clock.now()) + timedelta(days=days)
    with pytest.raises(Invalid) as refused:
        intake.refer(house.dana, house.centre.id, **{name: on, "sessions_needed": 2 if name == "due_on" else None})
    assert (refused.value.field, refused.value.reason) == (name, reason)


@pytest.mark.parametrize("role", ["receptionist", "admin"])
def test_only_who_may_refer_does(house, role):
    with pytest.raises(NotAllowed):
        intake.refer(house.desk if role == "receptionist" else house.admin, house.centre.id)


def test_a_colleague_whom_she_named_by_her_full_name_never_sees_the_record(house):  # R29
    made = intake.refer(house.dana, house.centre.id, must_not_know="somebody", names=("jo EXAMPLE",))
    client = session.get_one(Client, made.client_id)
    assert not client.managers_only and made.said_must_not_know is None
    assert not sees(house.jo, made) and kinds_of_tasks(house.jo) == set()
    assert sees(house.desk, made) and sees(house.frances, made)
    rows = [(row.staff_id, row.until_settled) for row in session.query(Restriction)]
    assert rows == [(house.jo.id, False)]


@pytest.mark.parametrize(
    ("answer", "names"), [("somebody", ("the man at the corner shop",)), ("later", ())], ids=["words", "later"]
)
def test_until_it_is_settled_who_that_is_only_managers_see_her(house, answer, names):  # R29
    late = make.staff("keyworker", first_name="Late")
    made = intake.refer(house.dana, house.centre.id, must_not_know=answer, names=names)
    assert sees(house.frances, made) and kinds_of_tasks(house.frances) == {"settle_must_not_know"}
    for person in (house.jo, house.desk, house.admin, late):
        assert not sees(person, made) and kinds_of_tasks(person) == set()
    centre = session.get_one(make.Centre, house.centre.id)
    newcomer = make.staff("keyworker", centre, first_name="New")
    assert not sees(newcomer, made), "who begins to work here meanwhile may be the one"

    with pytest.raises(NotAllowed), unit_of_work():
        allocation.settle(actor_of(house.jo), made.id, now=clock.now())
    with unit_of_work():
        allocation.settle(actor_of(house.frances), made.id, now=clock.now())
    assert sees(house.jo, made) and sees(newcomer, made)
    assert session.get_one(Referral, made.id).said_must_not_know is None, "the words are erased"
    assert session.query(Restriction).count() == 0
    assert kinds_of_tasks(house.frances) == {"new_referral"}
    with pytest.raises(Stale), unit_of_work():
        allocation.settle(actor_of(house.frances), made.id, now=clock.now())


def test_whom_a_manager_names_meanwhile_stays_from_knowing_after_it_is_settled(house):  # R29
    from portal.backoffice import must_not_know

    made = intake.refer(house.dana, house.centre.id, must_not_know="somebody", names=("Jo, I think",))
    with unit_of_work():
        must_not_know.restrict_staff(actor_of(house.frances), made.client_id, house.jo.id, now=clock.now())
        allocation.settle(actor_of(house.frances), made.id, now=clock.now())
    assert not sees(house.jo, made) and sees(house.desk, made)


def test_where_every_manager_may_be_the_one_her_record_begins_where_one_may_know(house):  # R29
    other = make.centre()
    mei = make.staff("manager", session.get_one(make.Centre, other.id), first_name="Mei")
    session.rollback()
    with unit_of_work():
        session.get_one(type(mei), mei.id).name = "Mei Chen"
    made = intake.refer(house.dana, house.centre.id, must_not_know="somebody", names=("Frances",))
    assert session.get_one(Client, made.client_id).centre_id == other.id
    assert sees(mei, made) and not sees(house.frances, made)
    assert kinds_of_tasks(mei) == {"settle_must_not_know"}


def test_a_code_name_of_ours_never_holds_the_name_she_is_called_by(house):  # R12
    for name in ("Rose", "Robin", "Violet", "Olive") * 5:
        made = intake.refer_herself(house.centre.id, called_name=name)
        assert name.casefold() not in session.get_one(Client, made.client_id).code_name.casefold().split()


def test_declined_closes_the_record_and_erases_what_she_said_of_her_phone(house):
    made = intake.refer(house.dana, house.centre.id)
    with pytest.raises(Invalid), unit_of_work():
        allocation.decline(actor_of(house.jo), made.id, reason="because", now=clock.now())
    with unit_of_work():
        allocation.decline(actor_of(house.jo), made.id, reason="other_area", now=clock.now())
    client, row = session.get_one(Client, made.client_id), session.get_one(Referral, made.id)
    assert client.state == "closed" and client.closed_at == clock.now()
    assert (row.state, row.declined_reason, row.said_contact, row.said_number_index) == (
        "declined",
        "other_area",
        None,
        None,
    )
    assert kinds_of_tasks(house.frances) == set()
    for change in (
        lambda: allocation.decline(actor_of(house.jo), made.id, reason="twice", now=clock.now()),
        lambda: allocation.accept(actor_of(house.jo), made.id, now=clock.now()),
        lambda: allocation.note_first_contact(actor_of(house.jo), made.id, how="rang", now=clock.now()),
    ):
        with pytest.raises(Stale), unit_of_work():
            change()


def test_first_contact_is_noted_once_and_says_how(house):
    made = intake.refer(house.dana, house.centre.id)
    with pytest.raises(Invalid), unit_of_work():
        allocation.note_first_contact(actor_of(house.jo), made.id, how="pigeon", now=clock.now())
    with unit_of_work():
        allocation.note_first_contact(actor_of(house.jo), made.id, how="met", now=clock.now())
    row = session.get_one(Referral, made.id)
    assert (row.first_contact_at, row.first_contact_by, row.first_contact_how) == (clock.now(), house.jo.id, "met")
    with pytest.raises(Stale), unit_of_work():
        allocation.note_first_contact(actor_of(house.jo), made.id, how="rang", now=clock.now())


def test_the_list_of_disposals_is_kept_never_shortened(house):
    with unit_of_work():
        new = disposals.add(actor_of(house.admin), name="Women's scheme, 2027", now=clock.now())
    assert new.code == "women_s_scheme_2027" and disposals.listed()[-1].id == new.id
    for name, reason in (("women's SCHEME, 2027", "taken"), (" ", "missing")):
        with pytest.raises(Invalid) as refused, unit_of_work():
            disposals.add(actor_of(house.frances), name=name, now=clock.now())
        assert refused.value.reason == reason
    with unit_of_work():
        disposals.change(actor_of(house.frances), new.id, name="Scheme of 2027", archived=True, now=clock.now())
    with pytest.raises(Invalid):
        disposals.check(new.code)
    assert disposals.names()[new.code] == "Scheme of 2027"
    with pytest.raises(NotAllowed), unit_of_work():
        disposals.add(actor_of(house.jo), name="Mine", now=clock.now())


def test_a_joined_record_waits_for_the_later_day_and_is_not_joined_while_it_is_open_who_must_not_know(house):
    from portal.backoffice import merging

    day = clock.london_today(clock.now()) + timedelta(days=20)
    one = intake.refer(house.dana, house.centre.id, source="prison", release_on=day)
    other = intake.refer(house.dana, house.centre.id, must_not_know="later")
    with unit_of_work():
        allocation.accept(actor_of(house.frances), one.id, now=clock.now())
    with pytest.raises(Invalid) as refused, unit_of_work():
        merging.merge(actor_of(house.frances), other.client_id, one.client_id, now=clock.now())
    assert refused.value.reason == "not_settled"
    with unit_of_work():
        allocation.settle(actor_of(house.frances), other.id, now=clock.now())
        row = merging.merge(actor_of(house.frances), other.client_id, one.client_id, now=clock.now())
    assert client_in_reach(actor_of(house.frances), other.client_id).nothing_before_on == day
    with unit_of_work():
        merging.undo(actor_of(house.frances), other.client_id, row.id, now=clock.now())
    assert client_in_reach(actor_of(house.frances), other.client_id).nothing_before_on is None


def test_whom_and_which_phone_she_named_goes_half_a_year_after_closing(house, travel):  # R33
    made = intake.refer(house.dana, house.centre.id, must_not_know="somebody", names=("Harrowmere",))
    number, client_id = made.id, made.client_id
    with unit_of_work():
        allocation.decline(intake.actor_of(house.frances), number, reason="other_area", now=clock.now())
    travel.forward(days=179)
    for days, gone in ((0, 0), (2, 1)):
        travel.forward(days=days)
        with unit_of_work():
            assert records.purge(clock.now(), dry_run=True)["referrals"] == gone
            assert records.purge(clock.now(), dry_run=False)["referrals"] == gone
    session.remove()
    kept = session.get_one(Referral, number)
    assert (kept.said_must_not_know, kept.said_contact, kept.said_number_index) == (None, None, None)
    assert session.get_one(Client, client_id).managers_only, "nobody else sees her"
