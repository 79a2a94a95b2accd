"""Reading centres: which there are, what each offers, when it is closed."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.centres.models import Centre, CentreKind, Closure, Kind
from portal.core.database import get_or_none, session
from portal.core.errors import NotFound


def centres(*, archived: bool = False) -> list[Centre]:
    """The centres by name, with their hours, closures and rooms; archived ones only when asked for."""
    statement = select(Centre).options(
        selectinload(Centre.hours), selectinload(Centre.closures), selectinload(Centre.rooms)
    )
    if not archived:
        statement = statement.where(~Centre.archived)
    return list(session.scalars(statement.order_by(Centre.name)))


def centre(centre_id: int) -> Centre:
    """The centre with this id; raises NotFound."""
    found = get_or_none(Centre, centre_id)
    if found is None:
        raise NotFound("centre")
    return found


def centre_names() -> dict[int, str]:
    """Every centre's name by id, archived ones included."""
    return {row.id: row.name for row in session.execute(select(Centre.id, Centre.name).order_by(Centre.name))}


def kinds(*, archived: bool = False) -> list[Kind]:
    """The kinds of appointment; archived ones only when asked for."""
    statement = select(Kind) if archived else select(Kind).where(~Kind.archived)
    return list(session.scalars(statement.order_by(Kind.id)))


def kind(kind_id: int) -> Kind:
    """The kind of appointment with this id; raises NotFound."""
    found = get_or_none(Kind, kind_id)
    if found is None:
        raise NotFound("kind")
    return found


def kinds_for(centre_id: int, *, bookable_by_clients: bool = False) -> list[Kind]:
    """The kinds that a centre offers; with `bookable_by_clients` only those that women book themselves."""
    offered = select(CentreKind.kind_id).where(CentreKind.centre_id == centre_id)
    statement = select(Kind).where(Kind.id.in_(offered), ~Kind.archived)
    if bookable_by_clients:
        statement = statement.where(Kind.bookable_by_clients)
    return list(session.scalars(statement.order_by(Kind.id)))


def centre_ids_offering(kind_id: int) -> set[int]:
    """The ids of the centres that offer a kind."""
    return set(session.scalars(select(CentreKind.centre_id).where(CentreKind.kind_id == kind_id)))


def offers() -> dict[int, set[int]]:
    """For each kind's id the ids of the centres that offer it."""
    found: dict[int, set[int]] = {}
    for centre_id, kind_id in session.execute(select(CentreKind.centre_id, CentreKind.kind_id)):
        found.setdefault(kind_id, set()).add(centre_id)
    return found


def is_closed(centre_id: int, on: date) -> bool:
    """Whether a dated closure of the centre holds on a London date."""
    statement = select(Closure.id).where(Closure.centre_id == centre_id, Closure.starts_on <= on, Closure.ends_on >= on)
    return session.scalar(statement.limit(1)) is not None
