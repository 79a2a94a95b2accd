"""Changing centres: names, opening hours, closures, rooms, kinds of appointment and who offers them."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import delete, func, select

from portal.audit import service as audit
from portal.centres import creche, queries
from portal.centres.creche import CrecheSession
from portal.centres.models import BOROUGHS, Centre, CentreKind, Closure, Kind, Mode, OpeningHours, Room
from portal.core.access import Actor, Permission, require
from portal.core.banned import banned_in
from portal.core.banned_words import WORDS_BY_LANGUAGE
from portal.core.database import get_or_none, session
from portal.core.errors import Invalid, NotFound
from portal.core.week import Window, check_week

LONGEST_CLOSURE_DAYS = 366


def save_centre(
    actor: Actor,
    centre_id: int | None,
    *,
    name: str,
    borough: str,
    door: str,
    phone: str,
    archived: bool,
    banned_words: Iterable[str],
    now: datetime,
) -> Centre:
    """Make a centre, or change one; women read its name, so it holds no banned word (R7).

    Raises Invalid("name", "missing" | "banned" | "taken"), Invalid("door", "banned"), Invalid("borough", "unknown").
    """
    require(actor, Permission.MANAGE_CENTRES)
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", "missing")
    for field, words in (("name", name), ("door", door)):
        if banned_in(words, banned_words):
            raise Invalid(field, "banned")
    if borough not in BOROUGHS:
        raise Invalid("borough", "unknown")
    same = session.scalar(select(Centre.id).where(func.lower(Centre.name) == name.lower()))
    if same is not None and same != centre_id:
        raise Invalid("name", "taken")
    centre = queries.centre(centre_id) if centre_id is not None else Centre()
    centre.name, centre.borough, centre.door, centre.phone = name, borough, door.strip(), phone
    centre.archived = archived
    return _saved(actor, centre, "centre", now)


def set_opening_hours(actor: Actor, centre_id: int, windows: list[Window], *, now: datetime) -> None:
    """Replace a centre's weekly opening hours; raises Invalid(name of the day, …) when they cannot stand."""
    require(actor, Permission.MANAGE_CENTRES)
    check_week(windows)
    centre = queries.centre(centre_id)
    weekly = (OpeningHours.centre_id == centre.id, OpeningHours.only_on.is_(None))
    session.execute(delete(OpeningHours).where(*weekly))
    session.add_all(
        OpeningHours(centre_id=centre.id, weekday=day, local_from=opens, local_until=closes)
        for day, opens, closes in windows
    )
    session.flush()
    session.expire(centre, ["hours"])
    audit.record(actor, "opening_hours_set", now=now, subject=f"centre:{centre.id}")


def set_creche(actor: Actor, centre_id: int, sessions: Iterable[CrecheSession], *, now: datetime) -> None:
    """Replace when a centre's crèche is open and for how many; places kept before stay kept."""
    require(actor, Permission.MANAGE_CENTRES)
    centre = queries.centre(centre_id)
    centre.creche = creche.kept(sessions)
    _saved(actor, centre, "creche", now)


def add_closure(actor: Actor, centre_id: int, *, starts_on: date, ends_on: date, reason: str, now: datetime) -> Closure:
    """Close a centre on some days, first and last included; appointments on them stay until somebody moves them.

    Raises Invalid("ends_on", "before_start" | "too_long").
    """
    require(actor, Permission.MANAGE_CENTRES)
    if ends_on < starts_on:
        raise Invalid("ends_on", "before_start")
    if (ends_on - starts_on).days >= LONGEST_CLOSURE_DAYS:
        raise Invalid("ends_on", "too_long")
    closure = Closure(
        centre_id=queries.centre(centre_id).id, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()
    )
    return _saved(actor, closure, "closure", now)


def remove_closure(actor: Actor, centre_id: int, closure_id: int, *, now: datetime) -> None:
    """Open a centre again on the days of a closure; raises NotFound."""
    require(actor, Permission.MANAGE_CENTRES)
    closure = get_or_none(Closure, closure_id)
    if closure is None or closure.centre_id != centre_id:
        raise NotFound("closure")
    session.delete(closure)
    audit.record(actor, "closure_removed", now=now, subject=f"centre:{centre_id}")


def save_room(
    actor: Actor,
    centre_id: int,
    room_id: int | None,
    *,
    name: str,
    step_free: bool,
    child_corner: bool,
    quiet: bool,
    archived: bool,
    now: datetime,
) -> Room:
    """Make a room in a centre, or change one. Raises Invalid("name", "missing" | "taken"), NotFound."""
    require(actor, Permission.MANAGE_CENTRES)
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", "missing")
    room = Room(centre_id=queries.centre(centre_id).id) if room_id is None else get_or_none(Room, room_id)
    if room is None or room.centre_id != centre_id:
        raise NotFound("room")
    same = session.scalar(select(Room.id).where(Room.centre_id == centre_id, Room.name == name))
    if same is not None and same != room_id:
        raise Invalid("name", "taken")
    room.name, room.step_free, room.child_corner, room.quiet = name, step_free, child_corner, quiet
    room.archived = archived
    return _saved(actor, room, "room", now)


def save_kind(
    actor: Actor,
    kind_id: int | None,
    *,
    names: dict[str, str],
    bring: dict[str, str],
    mode: str,
    minutes: int,
    buffer_before: int,
    buffer_after: int,
    least_notice_minutes: int,
    furthest_days: int,
    change_until_minutes: int,
    cancel_until_minutes: int,
    needs_room: bool,
    group: bool,
    own_keyworker_only: bool,
    bookable_by_clients: bool,
    one_at_a_time: bool,
    counts: bool,
    archived: bool,
    centre_ids: Iterable[int],
    banned_words: Iterable[str],
    now: datetime,
) -> Kind:
    """Make a kind of appointment, or change one, and say which centres offer it.

    Lengths are minutes; a session by phone takes no room. Raises Invalid("name_en", "missing"),
    Invalid("name_<language>" | "bring_<language>", "banned"), Invalid("minutes" | "buffer_before" | …, "range"),
    Invalid("mode" | "centre_ids", "unknown").
    """
    require(actor, Permission.MANAGE_CENTRES)
    names, bring = _words("name", names, banned_words), _words("bring", bring, banned_words)
    if "en" not in names:
        raise Invalid("name_en", "missing")
    if mode not in tuple(Mode):
        raise Invalid("mode", "unknown")
    numbers = {
        "minutes": minutes,
        "buffer_before": buffer_before,
        "buffer_after": buffer_after,
        "least_notice_minutes": least_notice_minutes,
        "furthest_days": furthest_days,
        "change_until_minutes": change_until_minutes,
        "cancel_until_minutes": cancel_until_minutes,
    }
    for field, number in numbers.items():
        least, most = KIND_RANGES[field]
        if not least <= number <= most:
            raise Invalid(field, "range")
    kind = queries.kind(kind_id) if kind_id is not None else Kind()
    kind.names, kind.bring, kind.mode, kind.counts = names, bring, mode, counts
    for field, number in numbers.items():
        setattr(kind, field, number)
    kind.needs_room = needs_room and mode != Mode.PHONE
    kind.group, kind.own_keyworker_only = group, own_keyworker_only
    kind.bookable_by_clients, kind.one_at_a_time, kind.archived = bookable_by_clients, one_at_a_time, archived
    _saved(actor, kind, "kind", now)
    _set_offers(kind, set(centre_ids))
    return kind


KIND_RANGES = {
    "minutes": (5, 480),
    "buffer_before": (0, 120),
    "buffer_after": (0, 120),
    "least_notice_minutes": (0, 20160),
    "furthest_days": (1, 180),
    "change_until_minutes": (0, 20160),
    "cancel_until_minutes": (0, 20160),
}
"""Least and most of a kind's numbers."""


def _words(field: str, words: dict[str, str], banned_words: Iterable[str]) -> dict[str, str]:
    said = {language: " ".join(text.split()) for language, text in words.items() if text.strip()}
    for language, text in said.items():
        if banned_in(text, (*banned_words, *WORDS_BY_LANGUAGE.get(language, ()))):
            raise Invalid(f"{field}_{language}", "banned")
    return said


def _set_offers(kind: Kind, centre_ids: set[int]) -> None:
    if not centre_ids <= set(queries.centre_names()):
        raise Invalid("centre_ids", "unknown")
    session.execute(delete(CentreKind).where(CentreKind.kind_id == kind.id))
    session.add_all(CentreKind(centre_id=centre_id, kind_id=kind.id) for centre_id in sorted(centre_ids))
    session.flush()


def _saved(actor: Actor, row, what: str, now: datetime):
    session.add(row)
    session.flush()
    audit.record(actor, f"{what}_saved", now=now, subject=f"{what}:{row.id}")
    return row
