"""Reading the facts of a quarter: coded columns alone, a dozen queries however many women there are."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from portal.booking.models import Appointment, AppointmentState, Outcome
from portal.centres.models import Centre
from portal.clients.closing_models import Closing
from portal.clients.models import Client
from portal.core.database import session
from portal.diversion.models import Condition, Referral
from portal.diversion.standing import standings
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.reports.counting import (
    AnswerFact,
    ClosingFact,
    ConditionFact,
    NeedFact,
    Person,
    RatingFact,
    ReferralFact,
    SessionFact,
)
from portal.reports.figures import SOURCES
from portal.reports.models import QuarterNumbers
from portal.reports.quarters import Quarter
from portal.reports.rules import AppointmentFact


class People:
    """Every woman as the tables know her, a joined record as the one in which it goes on."""

    def __init__(self, sources: dict[int, str]) -> None:
        rows = session.execute(select(Client.id, Client.merged_into_id, Client.centre_id)).all()
        self._goes_on = {client: into for client, into, _ in rows if into is not None}
        self._centre = {client: centre for client, _, centre in rows}
        self._source: dict[int, str] = {}
        for client, source in sources.items():
            self._source[self._kept(client)] = source

    def person(self, client_id: int, *, centre: int | None = None, source: str | None = None) -> Person:
        """The woman of a record, at her own centre and from her newest source, unless others are given."""
        kept = self._kept(client_id)
        return Person(kept, centre or self._centre[kept], source or self._source.get(kept, "none"))

    def _kept(self, client_id: int) -> int:
        while client_id in self._goes_on:
            client_id = self._goes_on[client_id]
        return client_id


def quarter_numbers(quarter: Quarter) -> QuarterNumbers | None:
    """What was kept of a quarter, or None while it was not taken."""
    return session.scalars(select(QuarterNumbers).where(QuarterNumbers.starts_on == quarter.starts_on)).first()


def first_day() -> date | None:
    """The first day of which there may be something to count: of a referral, or of a quarter that was kept."""
    first = [session.scalar(select(func.min(day))) for day in (Referral.referred_on, QuarterNumbers.starts_on)]
    return min((day for day in first if day is not None), default=None)


def boroughs() -> dict[int, str]:
    """The borough of every centre, archived ones too, by borough and name."""
    rows = session.execute(select(Centre.id, Centre.borough).order_by(Centre.borough, Centre.name))
    return {row.id: row.borough for row in rows}


def centre_names() -> dict[int, str]:
    """The name of every centre."""
    return {row.id: row.name for row in session.execute(select(Centre.id, Centre.name))}


def people() -> People:
    """Every woman, in two queries."""
    newest = select(Referral.client_id, Referral.source).order_by(Referral.referred_on, Referral.id)
    return People({client: _source(source) for client, source in session.execute(newest)})


def referral_facts(quarter: Quarter, known: People) -> list[ReferralFact]:
    """The referrals dated in a quarter, each with the appointments of her who was referred."""
    referred = select(Referral.client_id).where(*_in_days(Referral.referred_on, quarter))
    appointments: dict[int, list[AppointmentFact]] = defaultdict(list)
    client: int
    fact: list[Any]
    for client, *fact in session.execute(
        select(Appointment.client_id, Appointment.state, Appointment.starts_at, Appointment.attendance).where(
            Appointment.client_id.in_(referred)
        )
    ):
        appointments[known.person(client).client].append(AppointmentFact(*fact))
    rows = session.execute(
        select(
            Referral.client_id, Referral.source, Referral.state, Referral.declined_reason, Referral.referred_on,
            Referral.release_on, Referral.first_contact_due_at, Referral.first_contact_at,
        )
        .where(*_in_days(Referral.referred_on, quarter))
        .order_by(Referral.id)
    )  # fmt: skip
    found = []
    for row in rows:
        person = known.person(row[0], source=_source(row[1]))
        found.append(ReferralFact(person, *row[2:])._replace(appointments=appointments[person.client]))
    return found


def need_facts(quarter: Quarter, known: People) -> list[NeedFact]:
    """What those women said of their needs at the start who were first asked in a quarter."""
    start = NeedAnswer.moment == "start"
    asked = (
        select(NeedAnswer.client_id)
        .where(start)
        .group_by(NeedAnswer.client_id)
        .having(func.min(NeedAnswer.answered_at) >= quarter.starts_at)
        .having(func.min(NeedAnswer.answered_at) < quarter.ends_at)
    )
    rows = _rows(
        select(NeedAnswer.client_id, NeedAnswer.pathway, NeedAnswer.need, NeedAnswer.answered_at).where(
            start, NeedAnswer.client_id.in_(asked), NeedAnswer.answered_at < quarter.ends_at
        ),
        NeedAnswer.id,
    )
    return [NeedFact(known.person(client), *fact) for client, *fact in rows]


def answer_facts(quarter: Quarter, known: People) -> list[AnswerFact]:
    """What women answered in a quarter about the plans that were shared with them."""
    rows = _rows(
        select(PlanVersion.client_id, PlanVersion.answer, PlanVersion.answered_at).where(
            PlanVersion.answer.is_not(None), *_in_instants(PlanVersion.answered_at, quarter)
        ),
        PlanVersion.id,
    )
    return [AnswerFact(known.person(client), *fact) for client, *fact in rows]


def session_facts(quarter: Quarter, known: People) -> list[SessionFact]:
    """The appointments that stood and began in a quarter, added up by woman, centre and how they went."""
    how = (Appointment.attendance, Outcome.happened, Outcome.reason_class)
    rows = session.execute(
        select(Appointment.client_id, Appointment.centre_id, *how, func.count())
        .outerjoin(Outcome, Outcome.appointment_id == Appointment.id)
        .where(Appointment.state == AppointmentState.BOOKED, *_in_instants(Appointment.starts_at, quarter))
        .group_by(Appointment.client_id, Appointment.centre_id, *how)
    )
    return [SessionFact(known.person(row[0], centre=row[1]), *row[2:]) for row in rows]


def condition_facts(quarter: Quarter, known: People, now: datetime) -> list[ConditionFact]:
    """The conditions whose day lay in a quarter, but of declined referrals, and how they stand."""
    due = _in_days(Condition.due_on, quarter)
    stands = select(Condition.client_id, Condition.withdrawn_at).join(Referral, Referral.id == Condition.referral_id)
    rows = session.execute(stands.where(Referral.state != "declined", *due)).all()
    withdrawn = [ConditionFact(known.person(client), 0, withdrawn=True) for client, at in rows if at is not None]
    asked = {client for client, at in rows if at is None}
    standing = standings(asked, now, due_from=quarter.starts_on) if asked else []
    return withdrawn + [
        ConditionFact(known.person(one.condition.client_id), one.left, bool(one.not_met_because))
        for one in standing
        if one.condition.due_on < quarter.ends_on
    ]


def rating_facts(quarter: Quarter, known: People) -> list[RatingFact]:
    """What those women said at the start and at the end who said something at the end in a quarter."""
    ended = select(Rating.client_id).where(Rating.moment == "end", *_in_instants(Rating.rated_at, quarter))
    rows = _rows(
        select(Rating.client_id, Rating.pathway, Rating.moment, Rating.score, Rating.rated_at).where(
            Rating.client_id.in_(ended), Rating.moment.in_(("start", "end")), Rating.rated_at < quarter.ends_at
        ),
        Rating.id,
    )
    begins = quarter.starts_at
    return [
        RatingFact(known.person(client), pathway, moment, score, at)
        for client, pathway, moment, score, at in rows
        if moment == "start" or at >= begins
    ]


def closing_facts(quarter: Quarter, known: People) -> list[ClosingFact]:
    """The records closed in a quarter and not opened again in it."""
    stayed = Closing.reopened_at.is_(None) | (Closing.reopened_at >= quarter.ends_at)
    rows = _rows(
        select(Closing.client_id, Closing.reason, Closing.closed_at).where(
            stayed, *_in_instants(Closing.closed_at, quarter)
        ),
        Closing.id,
    )
    return [ClosingFact(known.person(client), *fact) for client, *fact in rows]


def _rows(statement: Select, key: Any) -> Iterator[Any]:
    """The rows in the order in which they were made, so that of two at one instant the later one is the newer."""
    return iter(session.execute(statement.order_by(key)))


def _in_days(day: Any, quarter: Quarter) -> tuple[Any, Any]:
    return day >= quarter.starts_on, day < quarter.ends_on


def _in_instants(instant: Any, quarter: Quarter) -> tuple[Any, Any]:
    return instant >= quarter.starts_at, instant < quarter.ends_at


def _source(source: str) -> str:
    return source if source in SOURCES else "other"
