"""The list of disposals that a referral can name: kept by managers and admins, never deleted from."""

import re
from datetime import datetime

from sqlalchemy import func, select

from portal.audit import service as audit
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound
from portal.diversion.disposal_models import Disposal

LONGEST_NAME = 80


def listed(*, archived: bool = False) -> list[Disposal]:
    """The disposals in their order; with `archived` those that are not in use any more too."""
    statement = select(Disposal) if archived else select(Disposal).where(~Disposal.archived)
    return list(session.scalars(statement.order_by(Disposal.position, Disposal.id)))


def names() -> dict[str, str]:
    """What each code is called, those not in use any more among them."""
    return {disposal.code: disposal.name for disposal in listed(archived=True)}


def one(disposal_id: int) -> Disposal:
    """A disposal; raises NotFound."""
    found = get_or_none(Disposal, disposal_id)
    if found is None:
        raise NotFound("disposal")
    return found


def check(code: str) -> None:
    """Raise Invalid("disposal", "unknown") unless a referral can name it."""
    if code not in {disposal.code for disposal in listed()}:
        raise Invalid("disposal", "unknown")


def add(actor: Actor, *, name: str, now: datetime) -> Disposal:
    """Add a disposal at the end; its code comes from its name.

    Raises NotAllowed, Invalid("name", "missing" | "taken").
    """
    require(actor, Permission.EDIT_DISPOSALS)
    name = _checked(name)
    code = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:36] or "disposal"
    known = set(session.scalars(select(Disposal.code)))
    number = 2
    while code in known:
        code, number = f"{code.rstrip('0123456789_')}_{number}", number + 1
    last = session.scalar(select(func.max(Disposal.position))) or 0
    disposal = Disposal(code=code, name=name, position=last + 1)
    session.add(disposal)
    session.flush()
    audit.record(actor, "disposal_added", now=now, subject=f"disposal:{disposal.id}")
    return disposal


def change(actor: Actor, disposal_id: int, *, name: str, archived: bool, now: datetime) -> Disposal:
    """Call a disposal otherwise, or take it out of use and back; what names it keeps its code.

    Raises NotAllowed, NotFound, Invalid("name", "missing" | "taken").
    """
    require(actor, Permission.EDIT_DISPOSALS)
    disposal = one(disposal_id)
    disposal.name, disposal.archived = _checked(name, but=disposal.id), archived
    session.flush()
    audit.record(actor, "disposal_changed", now=now, subject=f"disposal:{disposal.id}")
    return disposal


def _checked(name: str, but: int = 0) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", "missing")
    if any(other.name.casefold() == name.casefold() and other.id != but for other in listed(archived=True)):
        raise Invalid("name", "taken")
    return name
