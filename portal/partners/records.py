"""How long the words about a partner are kept (R33): which kind was asked, and what came of it, stay to be counted."""

from datetime import datetime

from sqlalchemy import func, or_, select, update

from portal.clients.records import closed_long_ago
from portal.core.database import session
from portal.partners.models import PartnerReferral


def purge(now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase names, wishes and what was told, kept long enough; gives of how many. A dry run only counts."""
    sealed = (PartnerReferral._name, PartnerReferral._what_for, PartnerReferral._told)
    old = (PartnerReferral.client_id.in_(closed_long_ago(now)), or_(*(column.is_not(None) for column in sealed)))
    count = session.scalar(select(func.count()).select_from(PartnerReferral).where(*old)) or 0
    if not dry_run:
        erased = update(PartnerReferral).where(*old).values(dict.fromkeys(sealed))
        session.execute(erased, execution_options={"synchronize_session": False})
    return {"partner_referrals": count}
