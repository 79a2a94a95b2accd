"""What the presses of the first hour do, each through the room whose it is."""

from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy import select

from portal.accounts import service as accounts
from portal.backoffice.start_forms import LONGEST_ROOM, FirstPeopleForm
from portal.backoffice.start_steps import keyworkers_without_hours
from portal.centres import queries as centres
from portal.centres import service as centre_service
from portal.centres.models import Centre, Room
from portal.centres.ready_kinds import READY_KINDS
from portal.core.access import Actor
from portal.core.database import session
from portal.core.errors import Invalid
from portal.core.week import Window
from portal.staff import service as staff

USUAL_HOURS: list[Window] = [(day, time(9, 30), time(17)) for day in range(5)]
"""Monday to Friday, 9:30 to 17:00 in London wall time."""


def make_centre(
    actor: Actor, *, name: str, borough: str, door: str, usual_hours: bool, banned_words: Iterable[str], now: datetime
) -> Centre:
    """Make a centre, open at the usual hours if asked. Raises Invalid as `save_centre`."""
    centre = centre_service.save_centre(
        actor, None, name=name, borough=borough, door=door, phone="", archived=False, banned_words=banned_words, now=now
    )
    if usual_hours:
        centre_service.set_opening_hours(actor, centre.id, USUAL_HOURS, now=now)
    return centre


def open_at_usual_hours(actor: Actor, *, now: datetime) -> int:
    """Give the usual hours to every centre in use that has none; gives how many."""
    without = [centre for centre in centres.centres() if not centre.hours]
    for centre in without:
        centre_service.set_opening_hours(actor, centre.id, USUAL_HOURS, now=now)
    return len(without)


def make_rooms(actor: Actor, centre_id: int, names: list[str], *, now: datetime) -> int:
    """Make those rooms of a centre that are not there yet; gives how many.

    Raises Invalid("room_names", "missing" | "too_long"), NotFound.
    """
    if not names:
        raise Invalid("room_names", "missing")
    if any(len(name) > LONGEST_ROOM for name in names):
        raise Invalid("room_names", "too_long")
    there = set(session.scalars(select(Room.name).where(Room.centre_id == centres.centre(centre_id).id)))
    new = [name for name in names if name not in there]
    for name in new:
        centre_service.save_room(
            actor, centre_id, None, name=name, step_free=False, child_corner=False, quiet=False, archived=False, now=now
        )
    return len(new)


def make_kinds(actor: Actor, keys: Iterable[str], *, banned_words: Iterable[str], now: datetime) -> int:
    """Make the ticked kinds that are not there yet, offered at every centre in use; gives how many."""
    there = {kind.name_in("en") for kind in centres.kinds(archived=True)}
    ids, wanted = [centre.id for centre in centres.centres()], set(keys)
    new = [kind for kind in READY_KINDS if kind.key in wanted and kind.names["en"] not in there]
    for kind in new:
        centre_service.save_kind(actor, None, **kind.facts, centre_ids=ids, banned_words=banned_words, now=now)
    return len(new)


def invite(actor: Actor, form: FirstPeopleForm, *, now: datetime) -> list[tuple[int, str]]:
    """Add everybody of a form; gives (id, token of her one-time link) for each.

    Raises Invalid when any row cannot stand; every fault of every row is at its field by then, and nobody is added.
    """
    made, valid = [], True
    for row in form.people:
        try:
            with session.begin_nested():
                person = staff.add_person(
                    actor,
                    name=row.name,
                    first_name=(row.name.split() or [""])[0],
                    email=row.email,
                    role=row.role,
                    centre_ids=form.people_at.data,
                    languages=["en"],
                    now=now,
                )
        except Invalid as refusal:
            form.refuse_row(row.number, refusal)
            valid = False
            continue
        made.append((person.id, accounts.make_staff_link(actor, person, now=now)))
    if not valid:
        raise Invalid("people", "rows")
    return made


def work_as_centres_open(actor: Actor, *, now: datetime) -> int:
    """Let every keyworker without hours be booked while her first centre is open; gives how many."""
    people = keyworkers_without_hours()
    for person in people:
        for centre_id in person.centre_ids[:1]:
            opening = centres.centre(centre_id).hours
            windows = [(window.weekday, window.local_from, window.local_until) for window in opening]
            staff.set_hours(actor, person.id, centre_id, windows, now=now)
    return len(people)
