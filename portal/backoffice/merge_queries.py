"""What two records of one woman hold, what keeps them from being joined, and which records went on in which."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.queries import passcode_hash
from portal.booking.desk_models import HitByClosing, SessionNote, WalkIn
from portal.booking.models import Appointment, AppointmentState, Occupancy, Outcome, PracticalHelp
from portal.booking.queries import Booked, next_appointment
from portal.booking.rules import KEPT_APART
from portal.centres.queries import centre_names
from portal.clients.closing_models import CentreMove, Closing
from portal.clients.merge_models import ClientMerge
from portal.clients.models import BookingNeeds, Client, KeptApart, Restriction, SafeContact
from portal.clients.note_models import StaffNote
from portal.clients.queries import safe_contact
from portal.clients.reach_models import BrokenGlass, OutsideRestriction
from portal.clients.restrictions import outsiders
from portal.core.database import Base, session
from portal.diversion.condition_models import ConditionChange
from portal.diversion.models import Condition, Referral
from portal.diversion.report_models import ExcusedSession, PoliceReport
from portal.groups.models import Place
from portal.messaging.desk_models import ThreadMark
from portal.messaging.models import IncomingText, PortalMessage, Text
from portal.partners.models import PartnerAgreement, PartnerReferral, PartnerStep
from portal.partners.rules import Resemblance, may_be_withdrawn, resemblance
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.plan.models import Action, Goal, KeptWording, OwnWords, Plan, RiskNote
from portal.plan.review_models import Review, WorkerView
from portal.plan.risk_models import RiskAssessment
from portal.plan.safety_models import SafetyPlan
from portal.staff.queries import first_names
from portal.waiting.models import Offer, Wait
from portal.worklist.models import Task

MOVED: tuple[type[Base], ...] = (
    Appointment, Text, IncomingText, PortalMessage, ThreadMark, Task, Goal, Action, OwnWords, RiskNote, Referral,
    Condition, Outcome, PracticalHelp, WalkIn, SessionNote, HitByClosing, Place, Wait, Offer, BrokenGlass,
    OutsideRestriction, NeedAnswer, Rating, PlanVersion, Review, WorkerView, KeptWording, SafetyPlan, RiskAssessment,
    StaffNote, PartnerReferral, PartnerAgreement, PartnerStep, ConditionChange, ExcusedSession, PoliceReport,
    CentreMove, Closing,
)  # fmt: skip
"""Tables whose rows go from the merged record to the kept one."""

MOVED_IF_NONE: tuple[type[Base], ...] = (SafeContact, Plan, BookingNeeds)
"""Tables whose rows go only where the kept record has none of its own."""

STAYING = {
    "restrictions": "copied to both records, so that the stricter holds for each",
    "avoided_workers": "copied to the kept record", "avoided_centres": "copied to the kept record",
    "client_passcodes": "the closed record opens nothing, and its passcode never opens the kept one",
    "setup_codes": "ended", "kept_forms": "ended", "text_codes": "ended",
    "imported_clients": "says that a list made this very record; a joined one is not taken back",
    "audit_entries": "append-only and chained; pages read both ids",
}  # fmt: skip
"""Tables with a client's id whose rows stay with the merged record, and why."""

COUNTED = {
    "appointments": "Appointments", "texts": "Texts to her", "incoming_texts": "Texts from her",
    "portal_messages": "Messages on her pages", "tasks": "Tasks", "goals": "Goals", "actions": "Actions",
    "own_words": "Her own words", "kept_wordings": "Earlier wordings", "safety_plans": "Versions of her safety plan",
    "risk_notes": "Notes of risk", "risk_assessments": "Assessments of risk",
    "referrals": "Referrals", "conditions": "Conditions",
    "thread_marks": "Marks in the conversation", "outcomes": "Outcomes", "practical_helps": "Practical help",
    "walk_ins": "Walk-ins", "session_notes": "Notes of sessions", "hit_by_closing": "Closed days",
    "waits": "Waiting lists", "offers": "Offered times",
    "course_places": "Places in groups", "broken_glass": "Openings beyond reach",
    "need_answers": "Answers about needs", "ratings": "Answers about how it is going",
    "plan_versions": "Plans as they were shared", "reviews": "Reviews", "worker_views": "Workers' views of needs",
    "outside_restrictions": "Outsiders who must not know", "staff_notes": "Notes",
    "partner_referrals": "Partners asked", "partner_agreements": "What she agreed to tell them",
    "partner_steps": "Steps of partners",
    "condition_changes": "Conditions changed", "excused_sessions": "Sessions she was let off",
    "police_reports": "Reports", "centre_moves": "Moves between centres", "closings": "Closings",
}  # fmt: skip
"""What is counted on the page before a merge, in the words of staff."""


@dataclass(frozen=True)
class Held:
    """What one record holds."""

    client: Client
    keyworker: str
    centre: str
    contact: SafeContact | None
    coming: Booked | None
    has_passcode: bool
    plan: Plan | None
    counts: dict[str, int]


@dataclass(frozen=True)
class Joined:
    """That a record went on in another: which, by whom, when; only the latest can be taken back."""

    merge: ClientMerge
    code_name: str
    by: str
    can_undo: bool


def held(client: Client, now: datetime) -> Held:
    """What a record holds, for the page before a merge."""
    return Held(
        client=client,
        keyworker=first_names([client.keyworker_id]).get(client.keyworker_id or 0, ""),
        centre=centre_names()[client.centre_id],
        contact=safe_contact(client.id),
        coming=next_appointment(client.id, now),
        has_passcode=passcode_hash(client.id) is not None,
        plan=session.scalars(select(Plan).where(Plan.client_id == client.id)).first(),
        counts={model.__tablename__: _count(model, client.id) for model in MOVED},
    )


def why_not(kept: Client, merged: Client, now: datetime) -> str | None:
    """What keeps two records from being joined, as a reason; None when nothing does.

    `kept_apart`: they are two women who must not meet. `keyworker_must_not_know`, `worker_must_not_know`: who has her,
    or a coming appointment with her, is somebody who must not know of the other record (R29). `overlap`: she would be
    at two places at once. `not_settled`: whom she named as somebody who must not know is not found out.
    `partner_must_not_know`: a partner is asked to help one of them that must not know of the other (R29). `too_near`:
    an appointment would lie too near to that of a woman she must not meet (R43).
    """
    ids = (kept.id, merged.id)
    if kept.managers_only or merged.managers_only:
        return "not_settled"
    if session.scalar(select(KeptApart.id).where(KeptApart.one_id == min(ids), KeptApart.other_id == max(ids))):
        return "kept_apart"
    restricted = set(session.scalars(select(Restriction.staff_id).where(Restriction.client_id.in_(ids))))
    if kept.keyworker_id in restricted:
        return "keyworker_must_not_know"
    coming = (Appointment.client_id.in_(ids), _takes_place(Appointment), Appointment.ends_at > now)
    if session.scalar(select(Appointment.id).where(*coming, Appointment.worker_id.in_(restricted)).limit(1)):
        return "worker_must_not_know"
    if any(taken.ends_at > now for taken in overlapping(kept.id, merged.id)):
        return "overlap"
    if _asks_who_must_not_know(ids):
        return "partner_must_not_know"
    return "too_near" if _too_near(ids, now) else None


def _asks_who_must_not_know(client_ids: tuple[int, int]) -> bool:
    names = [one.name for client_id in client_ids for one in outsiders(client_id) if one.kind == "partner"]
    requests = session.scalars(select(PartnerReferral).where(PartnerReferral.client_id.in_(client_ids)))
    return any(
        may_be_withdrawn(row.state) and resemblance(row.name or "", names) == Resemblance.SAME for row in requests
    )


def overlapping(kept_id: int, merged_id: int) -> list[Occupancy]:
    """What the merged record takes at a time at which the kept one takes something too."""
    hers, other = aliased(Occupancy), aliased(Occupancy)
    statement = (
        select(hers)
        .join(other, other.resource == f"client:{kept_id}")
        .where(
            hers.resource == f"client:{merged_id}",
            ~hers.overbooked,
            ~other.overbooked,
            # What is only offered is withdrawn when records are joined.
            hers.offer_id.is_(None),
            other.offer_id.is_(None),
            hers.starts_at < other.ends_at,
            hers.ends_at > other.starts_at,
        )
    )
    return list(session.scalars(statement.distinct()))


def joined_into(client_id: int) -> list[Joined]:
    """The records that went on in this one and were not parted again, the latest first."""
    merges = session.scalars(
        select(ClientMerge)
        .where(ClientMerge.kept_id == client_id, ClientMerge.undone_at.is_(None))
        .order_by(ClientMerge.id.desc())
    ).all()
    names = first_names(merge.merged_by for merge in merges)
    return [
        Joined(
            merge=merge,
            code_name=session.get_one(Client, merge.merged_id).code_name,
            by=names.get(merge.merged_by, ""),
            can_undo=merge is merges[0],
        )
        for merge in merges
    ]


def _count(model: type[Base], client_id: int) -> int:
    owner = model.__table__.c.client_id
    return session.scalar(select(func.count()).select_from(model).where(owner == client_id)) or 0


def _takes_place(one: type[Appointment]) -> ColumnElement[bool]:
    """That it is booked; a cancelling that can be undone counts as if she came."""
    return or_(one.state == AppointmentState.BOOKED, one.settles_at.is_not(None))


def _too_near(ids: tuple[int, int], now: datetime) -> bool:
    pairs = session.execute(
        select(KeptApart.one_id, KeptApart.other_id).where(or_(KeptApart.one_id.in_(ids), KeptApart.other_id.in_(ids)))
    )
    others = {one for pair in pairs for one in pair} - set(ids)
    hers, other = aliased(Appointment), aliased(Appointment)
    reach = timedelta(0) + KEPT_APART
    coming = session.execute(
        select(hers.starts_at, hers.ends_at, other.starts_at, other.ends_at)
        .join(other, other.centre_id == hers.centre_id)
        .where(
            hers.client_id.in_(ids),
            other.client_id.in_(others),
            _takes_place(hers),
            _takes_place(other),
            hers.ends_at > now,
            other.ends_at > now,
        )
    )
    return any(starts < theirs_end + reach and theirs < ends + reach for starts, ends, theirs, theirs_end in coming)
