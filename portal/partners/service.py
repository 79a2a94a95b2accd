"""Changing referrals to partners, by staff: drafting, what she agrees to, telling them, what they do."""

from datetime import date, datetime

from sqlalchemy import select

from portal.audit import service as audit
from portal.clients.models import Client
from portal.clients.queries import standing_client, visible_client
from portal.clients.restrictions import outsiders
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import session
from portal.core.errors import Invalid, NotFound, Stale
from portal.help.queries import published_service
from portal.partners import queries, rules, steps
from portal.partners.facts import facts_for
from portal.partners.models import PartnerAgreement, PartnerReferral, PartnerStep
from portal.partners.queries import Asked
from portal.partners.rules import Line, PartnerKind, ReferralState, Resemblance
from portal.partners.words import HOW_WORDS, NOT_TAKEN_WORDS, OUTCOME_WORDS


def draft(
    actor: Actor,
    client_id: int,
    *,
    kind: str,
    service_id: int | None,
    name: str,
    what_for: str,
    different: bool,
    now: datetime,
) -> PartnerReferral:
    """Write down which partner she might be helped by: one of the directory, or one that is named.

    Nobody is told anything by it. `different`: she says that it is not the one who must not know, though the names are
    alike. Raises NotFound, and Invalid for kind | name missing, unknown, too_long, must_not_know, near.
    """
    require(actor, Permission.WRITE_PLAN)
    client = standing_client(actor, client_id)
    if kind not in set(PartnerKind):
        raise Invalid("kind", "missing")
    name = _partner_name(service_id, name)
    what_for = what_for.replace("\r\n", "\n").strip()
    if len(what_for) > rules.LONGEST_WHAT_FOR:
        raise Invalid("what_for", "too_long")
    _refuse_who_must_not_know(client, name, different=different)
    row = PartnerReferral(
        client_id=client.id,
        kind=kind,
        service_id=service_id,
        name=name,
        what_for=what_for or None,
        made_by=actor.id,
        made_at=now,
        state_at=now,
    )
    session.add(row)
    session.flush()
    steps.step(actor, row, ReferralState.DRAFTED, now=now)
    return row


def record_agreements(
    actor: Actor, partner_referral_id: int, *, answers: dict[str, bool], how: str, revision: int, now: datetime
) -> Asked:
    """Write down what she said, item by item; what she was not asked stays as it was, and without a word it is no.

    Her yes to asking them makes it agreed; her no to it takes it back, also when they were told. Raises NotFound,
    Stale when it changed since, Invalid("answers", "missing" | "unknown"), Invalid("how", "missing").
    """
    row = _writable(actor, partner_referral_id, revision)
    if row.state == ReferralState.WITHDRAWN:
        raise Stale("partner_referral")
    if not answers:
        raise Invalid("answers", "missing")
    if not set(answers) <= set(rules.ITEMS):
        raise Invalid("answers", "unknown")
    if how not in HOW_WORDS:
        raise Invalid("how", "missing")
    before = queries.asked(row)
    said = {
        item: agreed
        for item, agreed in answers.items()
        if item not in before.answers or before.answers[item].agreed != agreed
    }
    for item, agreed in said.items():
        session.add(
            PartnerAgreement(
                referral_id=row.id, client_id=row.client_id, item=item, agreed=agreed, how=how,
                recorded_by=actor.id, said_at=now,
            )
        )  # fmt: skip
    session.flush()
    row.revision += 1
    audit.record(
        actor, "partner_agreement", now=now, client_id=row.client_id, subject=steps.subject_of(row), reason=how
    )
    after = queries.asked(row)
    state = rules.state_after_agreeing(row.state, after.agreed)
    taken_back = [line for line in after.lines if line.item not in after.agreed and line.item in said]
    if state == ReferralState.WITHDRAWN:
        steps.take_back(actor, row, "she_said", now)
    elif state != row.state:
        steps.step(actor, row, state, now=now)
    elif taken_back:
        steps.ask_to_tell(row, now)
    return queries.asked(row)


def send(actor: Actor, partner_referral_id: int, *, different: bool, revision: int, now: datetime) -> list[Line]:
    """Note that the partner is told now, and keep what it is told as it is: only what she agreed to.

    Nothing leaves by itself: staff hand over what is printed. Raises NotFound, Stale when it changed since, was not
    agreed, or was sent before, and Invalid("name", "must_not_know" | "near") (R29).
    """
    row = _writable(actor, partner_referral_id, revision)
    if row.state != ReferralState.AGREED:
        raise Stale("partner_referral")
    client = session.get_one(Client, row.client_id)
    _refuse_who_must_not_know(client, row.name or "", different=different)
    lines = rules.sheet(facts_for(row, client, now), queries.asked(row).agreed)
    row.told = [list(line) for line in lines]
    row.revision += 1
    steps.step(actor, row, ReferralState.SENT, now=now)
    return lines


def note_step(
    actor: Actor,
    partner_referral_id: int,
    *,
    state: str,
    reason: str,
    happened_on: date | None,
    revision: int,
    now: datetime,
) -> PartnerReferral:
    """Note what the partner did, and on which day: accepted, not taken on, first seen, outcome.

    Raises NotFound, Stale when it changed since, Invalid for state unknown, reason missing, happened_on missing, future
    or before_sent.
    """
    row = _writable(actor, partner_referral_id, revision)
    if row.state == ReferralState.WITHDRAWN:
        raise Stale("partner_referral")
    if state not in rules.may_follow(row.state):
        raise Invalid("state", "unknown")
    reasons = {ReferralState.NOT_TAKEN: NOT_TAKEN_WORDS, ReferralState.OUTCOME: OUTCOME_WORDS}.get(ReferralState(state))
    if reasons is not None and reason not in reasons:
        raise Invalid("reason", "missing")
    if happened_on is None:
        raise Invalid("happened_on", "missing")
    if happened_on > clock.london_today(now):
        raise Invalid("happened_on", "future")
    if happened_on < _sent_on(row):
        raise Invalid("happened_on", "before_sent")
    if state == ReferralState.OUTCOME:
        row.outcome = reason
    row.revision += 1
    steps.step(actor, row, ReferralState(state), reason=reason if reasons else "", happened_on=happened_on, now=now)
    return row


def warn_of_told(actor: Actor, client_id: int, *, now: datetime) -> int:
    """Raise a task for each partner that was told of her and, as is known now, must not know (R29); gives how many.

    What was not told yet is taken back.
    """
    client = standing_client(actor, client_id)
    names = _must_not_know(client)
    found = 0
    for each in queries.asked_of(client.id):
        row = each.referral
        if not rules.may_be_withdrawn(row.state) or rules.resemblance(row.name or "", names) != Resemblance.SAME:
            continue
        row.revision += 1
        steps.take_back(actor, row, "must_not_know", now)
        found += 1
    return found


def printable(actor: Actor, partner_referral_id: int) -> tuple[Asked, list[Line]]:
    """What may be printed for the partner: of what it was told, what she still agrees to; before that a look ahead.

    Raises NotFound, and Stale with what keeps it from being printed: not_agreed, withdrawn, must_not_know.
    """
    require(actor, Permission.WRITE_PLAN)
    row = queries.partner_referral(actor, partner_referral_id)
    client = visible_client(actor, row.client_id)
    if row.state == ReferralState.WITHDRAWN:
        raise Stale("withdrawn")
    if row.state == ReferralState.DRAFTED:
        raise Stale("not_agreed")
    if rules.resemblance(row.name or "", _must_not_know(client)) == Resemblance.SAME:
        raise Stale("must_not_know")
    each, facts = queries.asked(row), facts_for(row, client, clock.now())
    if each.is_told:
        return each, rules.still_told(each.lines, each.agreed, facts[rules.REACH])
    return each, rules.sheet(facts, each.agreed)


def _partner_name(service_id: int | None, name: str) -> str:
    if service_id is not None:
        try:
            return published_service(service_id).name
        except NotFound:
            raise Invalid("service_id", "unknown") from None
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", "missing")
    if len(name) > rules.LONGEST_NAME:
        raise Invalid("name", "too_long")
    return name


def _must_not_know(client: Client) -> list[str]:
    return [one.name for one in outsiders(client.id) if one.kind == "partner"]


def _refuse_who_must_not_know(client: Client, name: str, *, different: bool) -> None:
    alike = rules.resemblance(name, _must_not_know(client))
    if alike == Resemblance.SAME:
        raise Invalid("name", "must_not_know")
    if alike == Resemblance.NEAR and not different:
        raise Invalid("name", "near")


def _writable(actor: Actor, partner_referral_id: int, revision: int) -> PartnerReferral:
    require(actor, Permission.WRITE_PLAN)
    row = steps.locked(actor, partner_referral_id)
    if row.revision != revision:
        raise Stale("partner_referral")
    return row


def _sent_on(row: PartnerReferral) -> date:
    statement = select(PartnerStep.happened_on).where(
        PartnerStep.referral_id == row.id, PartnerStep.state == ReferralState.SENT
    )
    return session.scalars(statement).one()
