"""Reading clients' records: who may see whom, and the safe-contact record that counts."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, false, func, or_, select

from portal.clients.models import Client, ClientState, KeptApart, OptOut, Restriction, SafeContact
from portal.clients.rules import sign_is_old
from portal.core import clock, crypto
from portal.core.access import Actor, Role
from portal.core.at_once import read_at_once
from portal.core.database import UtcDateTime, get_or_none, one_of, session
from portal.core.errors import MovedTo, NotFound
from portal.staff.queries import COVERING, Away, away_among, looked_after_by


class Whom(NamedTuple):
    """A woman and how she may be reached, as one unit of work has read them; `contact` is None when nobody asked."""

    client: Client
    contact: SafeContact | None


def visible_client_ids(actor: Actor, now: datetime | None = None) -> Select[int]:
    """The ids of the clients whose record an actor may see.

    Herself; a keyworker's caseload and the centres she covers; a manager's and a receptionist's centres; the caseload
    of a colleague who is away for whoever covers her; nobody for admins and referrers. Who must not know (R29) never
    sees her, whatever the role; until it is settled who that is, only managers do. A record that goes on in another
    one is nobody's.
    """
    return select(Client.id).where(*_visible(actor, clock.now() if now is None else now))


def readable_client_ids(actor: Actor) -> Select[int]:
    """As `visible_client_ids`, with the records that a member of staff opened by break-glass, while they are open.

    For what lies on the pages of one record. Lists, counts and searches show nobody on the strength of that.
    """
    return select(Client.id).where(*_visible(actor, clock.now(), opened=True))


def _visible(actor: Actor, now: datetime, *, opened: bool = False) -> tuple[ColumnElement[bool], ...]:
    if actor.kind == "system":
        return ()
    return (*_in_reach(actor, now, opened=opened), Client.merged_into_id.is_(None))


def _in_reach(actor: Actor, now: datetime, *, opened: bool = False) -> tuple[ColumnElement[bool], ...]:
    if actor.is_client:
        return (Client.id == actor.id,)
    never = Client.id.not_in(select(Restriction.client_id).where(Restriction.staff_id == actor.id))
    unrestricted = never if actor.role is Role.MANAGER else and_(never, Client.managers_only.is_(False))
    in_centres = one_of(Client.centre_id, sorted(actor.centres))
    if actor.role is Role.RECEPTIONIST:
        return (in_centres, unrestricted)
    if actor.role in COVERING:
        covered = Client.keyworker_id.in_(looked_after_by(actor.id, now))
        own = Client.keyworker_id == actor.id if actor.role is Role.KEYWORKER else false()
        by_glass = (Client.id.in_(_opened_by(actor, now)),) if opened else ()
        return (or_(own, in_centres, covered, *by_glass), unrestricted)
    return (false(),)


def _opened_by(actor: Actor, now: datetime) -> Select[int]:
    # Late: her own pages never need it.
    from portal.clients.reach_models import BrokenGlass

    return select(BrokenGlass.client_id).where(BrokenGlass.staff_id == actor.id, BrokenGlass.until_at > now)


def visible_client(actor: Actor, client_id: int) -> Client:
    """The record of a client whom the actor may see; raises NotFound otherwise, and for ids that are not there.

    What she opened by break-glass is among them. For a record that goes on in one that she may see, it raises MovedTo,
    a NotFound that says where.
    """
    return _look_for(actor, client_id, with_contact=False)[0]


def standing_client(actor: Actor, client_id: int) -> Client:
    """As `visible_client`, but never by break-glass: for what outlasts it, such as who has her or can sign in."""
    return _look_for(actor, client_id, with_contact=False, opened=False)[0]


def visible_whom(actor: Actor, client_id: int) -> Whom:
    """As `visible_client`, with how she may be reached, in one query."""
    return Whom(*_look_for(actor, client_id, with_contact=True))


def _look_for(actor: Actor, client_id: int, *, with_contact: bool, opened: bool = True) -> tuple[Any, ...]:
    if not 0 < client_id < 2**31:
        raise NotFound("client")
    asked = {"client_id": client_id, "actor_id": actor.id, "seen_at": clock.now()}
    models = (Client, SafeContact) if with_contact else (Client,)
    statement = _visible_by_id(actor.kind, actor.role, actor.centres, with_contact, opened)
    found = read_at_once(statement, asked, *models)
    if found is None:
        _say_where(actor, client_id)
        raise NotFound("client")
    return found


def client_in_reach(actor: Actor, client_id: int) -> Client:
    """As `visible_client`, for a record that may go on in another one."""
    in_reach = _in_reach(actor, clock.now())
    client = session.scalars(select(Client).where(Client.id == client_id, *in_reach)).first()
    if client is None:
        raise NotFound("client")
    return client


def kept_record(client: Client) -> Client:
    """The record in which this one goes on, or itself."""
    while client.merged_into_id is not None:
        client = session.get_one(Client, client.merged_into_id)
    return client


def ids_of_hers(client_id: int) -> list[int]:
    """The ids of her record and of all that went on in it."""
    found, newest = [client_id], [client_id]
    while newest:
        newest = list(session.scalars(select(Client.id).where(Client.merged_into_id.in_(newest))))
        found += newest
    return found


def _say_where(actor: Actor, client_id: int) -> None:
    client = get_or_none(Client, client_id)
    if client is None or client.merged_into_id is None or not actor.is_staff:
        return
    kept = kept_record(client).id
    if session.scalar(select(Client.id).where(Client.id == kept, Client.id.in_(readable_client_ids(actor)))):
        raise MovedTo(client_id, kept)


@lru_cache(100)
def _visible_by_id(kind: str, role: Role | None, centres: frozenset[int], with_contact: bool, opened: bool) -> Select:
    """The statement of `visible_client` or `visible_whom` for one sort of actor.

    Putting it together takes longer than running it. Who covers for whom depends on the time, so the instant is asked
    with each look. Her own record alone is looked at: "is she among all whom the actor may see" would gather them all.
    """
    actor = Actor(kind, cast(Any, bindparam("actor_id", type_=Integer)), role, centres)
    visible = _visible(actor, cast(Any, bindparam("seen_at", type_=UtcDateTime)), opened=opened)
    statement = select(Client).where(Client.id == bindparam("client_id", type_=Integer), *visible)
    return _with_newest_contact(statement) if with_contact else statement


def client_by_code_name(code_name: str) -> Client | None:
    """The client with this code name, however it is spaced or capitalised, or None."""
    from portal.clients.rules import fold_code_name

    index = crypto.keyring().index("code_name", fold_code_name(code_name))
    return session.scalars(select(Client).where(Client.code_name_index == index)).first()


# Built once, as it is asked with every booking and every text.
_NEWEST_CONTACT = (
    select(SafeContact)
    .where(SafeContact.client_id == bindparam("client_id", type_=Integer))
    .order_by(SafeContact.version.desc())
    .limit(1)
)


def safe_contact(client_id: int) -> SafeContact | None:
    """Her newest safe-contact record, or None when nobody asked yet."""
    return session.scalars(_NEWEST_CONTACT, {"client_id": client_id}).first()


def whom_it_is(client_id: int) -> Whom:
    """Her record and how she may be reached, for what has been found to be hers; raises NotFound."""
    client = get_or_none(Client, client_id)
    if client is None:
        raise NotFound("client")
    return Whom(client, safe_contact(client_id))


def state_apart_and_contact(client_id: int) -> tuple[str, bool, SafeContact | None]:
    """The state of her record, whether there is a woman she must not meet (R43), and her newest safe-contact record.

    One query; raises NotFound.
    """
    row = session.execute(_state_apart_and_newest(), {"client_id": client_id}).first()
    if row is None:
        raise NotFound("client")
    return row[0], row[1], row[2]


@cache
def _state_apart_and_newest() -> Select:
    hers = or_(KeptApart.one_id == Client.id, KeptApart.other_id == Client.id)
    facts = select(Client.state, select(KeptApart.id).where(hers).correlate(Client).exists())
    return _with_newest_contact(facts.where(Client.id == bindparam("client_id", type_=Integer)))


def _with_newest_contact(of_one: Select) -> Select:
    hers = SafeContact.client_id == Client.id
    return of_one.add_columns(SafeContact).outerjoin(SafeContact, hers).order_by(SafeContact.version.desc()).limit(1)


def safe_contacts(client_ids: Iterable[int]) -> dict[int, SafeContact]:
    """The newest safe-contact record of each client, in one query."""
    newest = (
        select(SafeContact.client_id, func.max(SafeContact.version).label("version"))
        .where(SafeContact.client_id.in_(list(client_ids)))
        .group_by(SafeContact.client_id)
        .subquery()
    )
    this = and_(SafeContact.client_id == newest.c.client_id, SafeContact.version == newest.c.version)
    return {row.client_id: row for row in session.scalars(select(SafeContact).join(newest, this))}


def must_be_asked(record: SafeContact | None, now: datetime) -> bool:
    """Whether somebody must ask her how she may be reached before anything goes to her again (R18, R47)."""
    if record is None or record.stopped_at is not None or record.check_again_on <= clock.london_today(now):
        return True
    return record.may_text and record.proved_at is not None and sign_is_old(record.sign_at, now)


def clients_with_number(number: str) -> list[Client]:
    """The clients whose newest safe-contact record holds this E.164 number; two women may share one (R23)."""
    index = crypto.keyring().index("phone", number)
    ids = holders_of({index}).get(index, set())
    return list(session.scalars(select(Client).where(Client.id.in_(ids)).order_by(Client.id)))


def holders_of(indexes: set[str]) -> dict[str, set[int]]:
    """The ids of the women whose newest record holds each number, by its blind index, in a few queries.

    For a record that goes on in another one, that other one: one woman never looks like two, nor like nobody.
    """
    having = session.scalars(select(SafeContact.client_id).where(SafeContact.number_index.in_(indexes)).distinct())
    newest = {number: record for number, record in safe_contacts(having).items() if record.number_index in indexes}
    goes_on_in = dict.fromkeys(newest)
    while True:
        ids = {number: goes_on_in[number] or number for number in newest}
        further = select(Client.id, Client.merged_into_id).where(Client.id.in_(ids.values()), Client.merged_into_id > 0)
        next_of = {row[0]: row[1] for row in session.execute(further)}
        if not next_of:
            break
        goes_on_in = {number: next_of.get(ids[number], ids[number]) for number in newest}
    found: dict[str, set[int]] = {}
    for number, record in newest.items():
        found.setdefault(record.number_index or "", set()).add(ids[number])
    return found


def has_opted_out(number: str) -> bool:
    """Whether this E.164 number asked for no more texts and she has not undone it (R22)."""
    return session.scalar(opted_out_now(crypto.keyring().index("phone", number)).limit(1)) is not None


def opted_out_now(number_index: str | None) -> Select[int]:
    """The opt-outs in force of the number with this blind index."""
    return select(OptOut.id).where(and_(OptOut.number_index == number_index, OptOut.undone_at.is_(None)))


def caseload(actor: Actor, *, closed: bool = False) -> list[Client]:
    """The open clients that a member of staff may see, or those whose record is closed, her own first, then by name."""
    state = ClientState.CLOSED if closed else ClientState.OPEN
    statement = select(Client).where(Client.id.in_(visible_client_ids(actor)), Client.state == state)
    clients = list(session.scalars(statement.where(Client.merged_into_id.is_(None))))
    return sorted(clients, key=lambda client: (client.keyworker_id != actor.id, client.called_name.casefold()))


def hidden_from(staff_id: int, keyworker_id: int) -> list[Client]:
    """The open clients of a keyworker whom somebody must not know (R29)."""
    restricted = select(Restriction.client_id).where(Restriction.staff_id == staff_id)
    hidden = _open_of(keyworker_id).where(Client.id.in_(restricted))
    return list(session.scalars(select(Client).where(Client.id.in_(hidden)).order_by(Client.id)))


def has_clients(keyworker_id: int) -> bool:
    """Whether somebody has open clients."""
    return session.scalar(_open_of(keyworker_id).limit(1)) is not None


def away_uncovered(centre_ids: Iterable[int], now: datetime) -> list[Away]:
    """The keyworkers of open clients at some centres who are away while nobody covers for them, by name."""
    theirs = select(Client.keyworker_id).where(
        Client.centre_id.in_(list(centre_ids)), Client.state == ClientState.OPEN, Client.keyworker_id.is_not(None)
    )
    away = away_among(session.scalars(theirs.distinct()), now).values()
    uncovered = [absence for absence in away if absence.cover is None]
    return sorted(uncovered, key=lambda absence: absence.person.name.casefold())


def _open_of(keyworker_id: int) -> Select[int]:
    return select(Client.id).where(Client.keyworker_id == keyworker_id, Client.state == ClientState.OPEN)
