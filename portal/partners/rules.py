"""Partner referrals as pure rules: kinds, states, and what may be told."""

from enum import StrEnum


class PartnerKind(StrEnum):
    """What a partner helps with."""

    MENTAL_HEALTH = "mental_health"
    DRUG_ALCOHOL = "drug_alcohol"
    DEBT = "debt"
    HOUSING = "housing"
    WORK = "work"
    FAMILY = "family"
    OTHER = "other"


class ReferralState(StrEnum):
    """Where a request to a partner stands."""

    DRAFTED = "drafted"
    AGREED = "agreed"
    SENT = "sent"
    ACCEPTED = "accepted"
    NOT_TAKEN = "not_taken"
    FIRST_SEEN = "first_seen"
    OUTCOME = "outcome"
    WITHDRAWN = "withdrawn"
