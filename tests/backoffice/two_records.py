"""Two records of one woman with a row in every table that is hers, and the database as it stands, row by row."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from portal.accounts import service as accounts
from portal.accounts.models import SignedIn, TextCode
from portal.audit.models import AuditEntry
from portal.booking.desk_models import ClosedDay, HitByClosing, SessionNote, WalkIn
from portal.booking.models import Occupancy, Outcome, PracticalHelp
from portal.clients.merge_models import ClientMerge
from portal.clients.models import AvoidedCentre, AvoidedWorker, BookingNeeds, Client, Restriction
from portal.clients.note_models import StaffNote
from portal.clients.reach_models import BrokenGlass, OutsideRestriction
from portal.core import clock
from portal.core.access import Actor
from portal.core.database import Base, EncryptedText, session, unit_of_work
from portal.groups.models import Course, Place
from portal.messaging import hers, outbox
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText
from portal.partners.models import PartnerAgreement, PartnerReferral, PartnerStep
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.models import KeptWording, RiskNote
from portal.plan.review_models import Review, WorkerView
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan
from portal.waiting.models import Offer, Wait
from portal.web.models import RequestKey
from portal.worklist.service import raise_task
from tests.backoffice import booked
from tests.diversion import referrals
from tests.plan import plans
from tests.support import make

NOT_HERS = (AuditEntry, ClientMerge, RequestKey, SignedIn, ThreadMark)
"""What a merge and its undoing write down about themselves."""


def open_house() -> SimpleNamespace:
    """Two centres that Frances manages; Jo and Ana have a record of the same woman each."""
    centre, other = make.centre(), make.centre()
    jo, ana = make.staff("keyworker", centre), make.staff("keyworker", other, first_name="Ana")
    frances = make.staff("manager", centre, other, first_name="Frances")
    kept = make.client(jo, centre, called_name="Rose")
    merged = make.client(ana, other, called_name="Rosie")
    return SimpleNamespace(centre=centre, other=other, jo=jo, ana=ana, frances=frances, kept=kept, merged=merged)


def live(client: Client, *, day: int = 0, contact: bool = True, **record) -> None:
    """Put a row into every table that is hers; her coming appointment is so many days after next Monday."""
    now, worker = clock.now(), plans.keyworker(client)
    if contact:
        make.safe_contact(client, **record)
    goal = plans.goal(client)
    plans.action(client, goal)
    plans.state(client)
    plans.words(client, "My own words", goal)
    in_both_hands(client, goal)
    referrals.everything(client, referrals.referral(client, reference=f"REF-{client.id}"))
    coming = appointment(client, make.london(make.monday() + timedelta(days=day), "11:00"))
    at_the_desk(client, coming)
    with unit_of_work():
        outbox.queue(
            client.id, "written", once=f"planned:{client.id}", now=now, body="See you", written_by=client.keyworker_id,
            send_at=now + timedelta(hours=2),
        )  # fmt: skip
        hers.write_to_us(Actor("client", client.id), body="Hello", request_key=f"m{client.id}", now=now)
        session.add(RiskNote(client_id=client.id, note="He knows", noted_by=worker.id, noted_at=now))
        session.add(
            IncomingText(gateway_sid=f"SM{client.id}", number="+447700900001", number_index="x", body="Hi",
                         received_at=now, interpreted_at=now, client_id=client.id)
        )  # fmt: skip
        session.add_all([
            BrokenGlass(client_id=client.id, staff_id=worker.id, reason="danger", words="He is here", opened_at=now,
                        until_at=now),
            OutsideRestriction(client_id=client.id, kind="partner", name="A firm", recorded_by=worker.id, since_at=now),
        ])  # fmt: skip
        plan_said(client, worker, now)
        session.add(ThreadMark(client_id=client.id, kind="transfer", made_by=worker.id, made_at=now))
        raise_task("ring_her", now=now, client_id=client.id, owner_id=client.keyworker_id, centre_id=client.centre_id)
        accounts.make_setup_code(worker, client, how="in_person", now=now)
        session.add(
            TextCode(
                browser_index=f"b{client.id}", code_name_index="n", client_id=client.id, asked_at=now, expires_at=now
            )
        )
        accounts.keep_typed(client.id, "/messages", [("body", "typed")], now=now)


def plan_said(client: Client, worker: Actor, now) -> None:
    """What she and her worker said about her plan."""
    said = {"client_id": client.id, "pathway": "money", "moment": "start"}
    session.add_all([
        NeedAnswer(**said, need="some", language="en", position=1, answered_by_kind="client", answered_by_id=client.id,
                   answered_at=now),
        Rating(**said, score=2, with_worker=False, rated_at=now),
        WorkerView(**said, need="high", viewed_by=worker.id, viewed_at=now),
        *(PlanVersion(client_id=client.id, number=number, content={}, shared_at=now, shared_by=worker.id)
          for number in (2, 3)),
        Review(client_id=client.id, kind="first", due_on=plans.today(), made_at=now),
    ])  # fmt: skip


def in_both_hands(client: Client, goal) -> None:
    """A wording that was replaced, her safety plan, and an assessment of the risk to her."""
    now, by = clock.now(), client.keyworker_id
    with unit_of_work():
        session.add_all([
            KeptWording(client_id=client.id, goal_id=goal.id, field="her_words", revision=2, text="A room",
                        replaced_by_kind="client", replaced_by_id=client.id, replaced_at=now),
            SafetyPlan(client_id=client.id, version=1, parts={"helps": "A walk"}, language="en", worker_may_read=False,
                       written_by_kind="client", written_by_id=client.id, written_at=now),
            RiskAssessment(client_id=client.id, kind="dash", done_by=by, done_on=now.date(), score=9,
                           judgement="medium", told_her_first=True, note="Calm now", recorded_at=now),
        ])  # fmt: skip


def appointment(client: Client, starts_at, **values):
    """A booked appointment that takes her time."""
    row = booked.appointment(client, starts_at, **values)
    with unit_of_work():
        session.add(
            Occupancy(appointment_id=row.id, resource=f"client:{client.id}", starts_at=row.starts_at,
                      ends_at=row.ends_at)
        )  # fmt: skip
    return row


def at_the_desk(client: Client, coming) -> None:
    """What the desk keeps of her, and what booking honours."""
    now, by = clock.now(), client.keyworker_id
    with unit_of_work():
        closed = ClosedDay(centre_id=client.centre_id, on=coming.starts_at.date(), started_by=by, started_at=now)
        course = Course(kind_id=coming.kind_id, centre_id=client.centre_id, worker_id=by, places=6, made_by=by,
                        made_at=now)  # fmt: skip
        session.add_all([closed, course])
        session.flush()
        session.add_all([
            Place(course_id=course.id, of_places=6, number=1, client_id=client.id, joined_at=now,
                  joined_by_kind="staff", joined_by_id=by),
            Outcome(client_id=client.id, appointment_id=coming.id, happened=True, recorded_by=by, recorded_at=now),
            PracticalHelp(client_id=client.id, appointment_id=coming.id, childcare_places=1, set_by=by, set_at=now),
            SessionNote(client_id=client.id, appointment_id=coming.id, note="She came", written_by=by, written_at=now),
            WalkIn(client_id=client.id, centre_id=client.centre_id, came_at=now, noted_by=by),
            HitByClosing(client_id=client.id, closed_day_id=closed.id, appointment_id=coming.id),
            BookingNeeds(client_id=client.id, childcare=True, recorded_by=by, recorded_at=now),
            AvoidedWorker(client_id=client.id, staff_id=by),
            AvoidedCentre(client_id=client.id, centre_id=client.centre_id),
            StaffNote(client_id=client.id, body="She said so", is_opinion=False, third_party=False, safe_to_show=True,
                      written_by=by, written_at=now),
        ])  # fmt: skip
        asked = PartnerReferral(client_id=client.id, kind="housing", name="Harbour Rooms", what_for="A room",
                                told=[["name", "Rose"]], made_by=by, made_at=now, state_at=now)  # fmt: skip
        session.add(asked)
        session.flush()
        session.add_all([
            PartnerAgreement(referral_id=asked.id, client_id=client.id, item="ask_them", agreed=True, how="in_person",
                             recorded_by=by, said_at=now),
            PartnerStep(referral_id=asked.id, client_id=client.id, state="drafted", happened_on=now.date(),
                        noted_at=now, by_kind="staff", by_id=by),
        ])  # fmt: skip
        wait = Wait(
            client_id=client.id, kind_id=coming.kind_id, since_at=now, added_by_kind="client", added_by_id=client.id
        )
        session.add(wait)
        session.flush()
        session.add(
            Offer(wait_id=wait.id, client_id=client.id, centre_id=client.centre_id, worker_id=by, offered_at=now,
                  starts_at=coming.starts_at, ends_at=coming.ends_at, lapses_at=now, state="lapsed")
        )  # fmt: skip


def must_not_know(client: Client, person) -> None:
    """A member of staff for whom her record is not there."""
    with unit_of_work():
        session.add(Restriction(client_id=client.id, staff_id=person.id, since_at=clock.now()))


def standing() -> dict[str, dict[Any, dict[str, Any]]]:
    """Every row of every table but those that a merge writes about itself, sealed values opened."""
    session.rollback()
    session.expire_all()
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if model in NOT_HERS:
            continue
        sealed = [name for name, value in vars(model).items() if isinstance(value, EncryptedText)]
        plain = [column.name for column in model.__table__.columns if column.name not in sealed]
        key = mapper.primary_key[0].name
        found[model.__tablename__] = {
            getattr(row, key): {name: getattr(row, name) for name in (*plain, *sealed)}
            for row in session.query(model).all()
        }
    found["tasks"] = {number: row for number, row in found["tasks"].items() if row["closed_at"] is None}
    return found


def rows_of(client_id: int, found=None) -> dict[str, int]:
    """How many rows of each table are a client's."""
    found = found or standing()
    counts = {table: sum(row.get("client_id") == client_id for row in rows.values()) for table, rows in found.items()}
    return {table: count for table, count in counts.items() if count}


def shape(client: Client, facts: dict, staff: dict) -> None:
    """Give a record the switches, safe contact, plan, restrictions and needs that a test drew."""
    if facts["contact"] is not None:
        make.safe_contact(client, **facts["contact"])
    if facts["plan"] != "none":
        plans.goal(client)
        plans.state(client, facts["plan"])
    for name in sorted(facts["hidden_from"]):
        must_not_know(client, staff[name])
    with unit_of_work():
        row = session.get_one(Client, client.id)
        for name, on in facts["switches"].items():
            setattr(row, name, on)
        row.preparation = facts["needs"]
        outbox.queue(client.id, "written", once=f"planned:{client.id}", now=clock.now(), body="See you",
                     written_by=client.keyworker_id, send_at=clock.now() + timedelta(hours=2))  # fmt: skip
