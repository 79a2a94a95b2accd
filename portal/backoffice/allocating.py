"""A woman who was referred gets her keyworker: with all that is open, by the rules of giving a keyworker (R29)."""

from datetime import datetime

from portal.backoffice import transferring
from portal.core.access import Actor
from portal.core.errors import Stale
from portal.diversion.models import Referral
from portal.diversion.referrals import referral_for


def give(actor: Actor, referral_id: int, *, to_id: int, now: datetime) -> Referral:
    """Give her a keyworker and accept her referral, in one act.

    Raises NotFound, NotAllowed, Stale when the referral was declined or she has a keyworker by now, and
    Invalid("to_id", reason) as `clients.transfers.give_keyworker`.
    """
    referral, client = referral_for(actor, referral_id)
    if referral.state == "declined" or client.keyworker_id is not None:
        raise Stale("referral")
    transferring.give_keyworker(actor, client.id, from_id=None, to_id=to_id, now=now)
    return referral
