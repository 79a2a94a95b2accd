"""Reading referrals to partners: for staff who may see her, for herself what was asked and told."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.clients.models import Client, ClientState
from portal.clients.queries import must_be_asked, safe_contact, visible_client
from portal.clients.rules import read_safe_hours, ring_holds
from portal.core import clock, phone
from portal.core.access import Actor
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.partners import rules
from portal.partners.models import PartnerAgreement, PartnerReferral, PartnerStep
from portal.partners.rules import Line, ReachTerms, ReferralState


class Asked(NamedTuple):
    """One request to a partner: the row, her newest answer to each item, what she agrees to, its steps in order."""

    referral: PartnerReferral
    answers: dict[str, PartnerAgreement]
    agreed: frozenset[str]
    steps: list[PartnerStep]

    @property
    def is_told(self) -> bool:
        """Whether the partner knows what it was told."""
        return self.referral.told is not None

    @property
    def lines(self) -> list[Line]:
        """What the partner was told, line by line, as it was; nothing before it was sent."""
        return [Line(*each) for each in self.referral.told or ()]


def partner_referral(actor: Actor, partner_referral_id: int) -> PartnerReferral:
    """A request about a woman whom the actor may see; raises NotFound. A woman sees her own alone."""
    referral = get_or_none(PartnerReferral, partner_referral_id)
    if referral is None:
        raise NotFound("partner_referral")
    visible_client(actor, referral.client_id)
    return referral


def asked_of(client_id: int) -> list[Asked]:
    """All requests about a client, the newest first, in three queries."""
    rows = session.scalars(
        select(PartnerReferral).where(PartnerReferral.client_id == client_id).order_by(PartnerReferral.id.desc())
    ).all()
    return _with_answers(rows)


def asked(referral: PartnerReferral) -> Asked:
    """One request with what she said of it and its steps."""
    return _with_answers([referral])[0]


def shown_to_her(client: Client) -> list[Asked]:
    """What her own page shows: what she was asked and said yes to, whatever came of it."""
    return [each for each in asked_of(client.id) if _is_shown_to_her(each)]


def own_partner_referral(client: Client, partner_referral_id: int) -> PartnerReferral:
    """A request that her own page shows; raises NotFound for every other."""
    referral = get_or_none(PartnerReferral, partner_referral_id)
    if referral is None or referral.client_id != client.id or not _is_shown_to_her(asked(referral)):
        raise NotFound("partner_referral")
    return referral


def reach_terms(client: Client, now: datetime) -> ReachTerms | None:
    """Her number with its terms for a partner; None unless there is a live record by which she may be rung (R44)."""
    contact = safe_contact(client.id)
    if contact is None or must_be_asked(contact, now) or not contact.number:
        return None
    holds = ring_holds(
        may_ring=contact.may_ring,
        number=contact.number,
        stopped=contact.stopped_at is not None,
        check_again_on=contact.check_again_on,
        open_record=client.state == ClientState.OPEN,
        nothing_before_on=client.nothing_before_on,
        on=clock.london_today(now),
    )
    if holds:
        return None
    return ReachTerms(
        number=phone.national(contact.number),
        may_leave_message=contact.may_leave_message,
        may_say_who=contact.may_say_who,
        hours=read_safe_hours(contact.safe_hours or []),
        until=contact.check_again_on,
    )


def _is_shown_to_her(each: Asked) -> bool:
    if each.referral.state == ReferralState.DRAFTED:
        return False
    return any(step.state == ReferralState.AGREED for step in each.steps)


def _with_answers(referrals: Iterable[PartnerReferral]) -> list[Asked]:
    listed = list(referrals)
    ids = [referral.id for referral in listed]
    said: dict[int, list[PartnerAgreement]] = defaultdict(list)
    steps: dict[int, list[PartnerStep]] = defaultdict(list)
    if ids:
        agreements = select(PartnerAgreement).where(PartnerAgreement.referral_id.in_(ids))
        for answer in session.scalars(agreements.order_by(PartnerAgreement.id)):
            said[answer.referral_id].append(answer)
        taken = select(PartnerStep).where(PartnerStep.referral_id.in_(ids)).order_by(PartnerStep.id)
        for step in session.scalars(taken):
            steps[step.referral_id].append(step)
    return [
        Asked(
            referral=referral,
            answers={answer.item: answer for answer in said[referral.id]},
            agreed=rules.agreed_items((answer.item, answer.agreed) for answer in said[referral.id]),
            steps=steps[referral.id],
        )
        for referral in listed
    ]
