"""The steps of choosing a time on her pages: what is asked next, and the pages that ask it."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from flask import render_template, url_for
from flask_babel import get_locale, gettext, ngettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal.booking import availability, offers, openings, queries
from portal.booking.availability import FreeTime
from portal.booking.forms import read_day, read_id, read_suits
from portal.booking.queries import Booked
from portal.booking.rules import ClosedThatDay, NotOffered, PastTime, TooSoon, suits
from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.staff.models import Staff
from portal.web.filters import day_words
from portal.web.forms import PortalForm
from portal.web.once import new_key

DAYS_AT_ONCE = 2
NEAREST = 3
NEAREST_WITHIN = timedelta(days=4)


class Choice(NamedTuple):
    """What she has chosen so far; `moving` is the appointment that she moves, None when she books a new one."""

    kind_id: int | None = None
    centre_id: int | None = None
    worker_id: int | None = None
    day: date | None = None
    later: bool = False
    suits: str | None = None
    moving: Booked | None = None

    @classmethod
    def read(cls, values: MultiDict[str, str]) -> "Choice":
        """What an address or a form says; raises NotFound for ids and days that are none."""
        return cls(
            read_id(values.get("kind")),
            read_id(values.get("centre")),
            read_id(values.get("worker")),
            read_day(values.get("day")),
            "later" in values,
            read_suits(values.get("suits")),
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The chosen ids as the fields that carry them on."""
        named = {"kind": self.kind_id, "centre": self.centre_id, "worker": self.worker_id}
        return {name: value for name, value in named.items() if value is not None} if not self.moving else {}

    def address(self, **more: Any) -> str:
        """The address of the next step."""
        more = {"suits": self.suits} | more
        if self.moving:
            return url_for("booking_own.change", appointment_id=self.moving.appointment.id, **more)
        return url_for("booking_own.new", **self.fields, **more)

    @property
    def moving_id(self) -> int | None:
        """The id of the appointment that makes room."""
        return self.moving.appointment.id if self.moving else None


def settled(choice: Choice) -> Choice | str:
    """The choice with every step of one possible answer filled in, or the page that asks the next question."""
    kinds = openings.kinds_offered()
    if choice.kind_id is None and len(kinds) != 1:
        return _ask_kind(choice, kinds)
    kind_id = choice.kind_id or kinds[0].id
    choice = choice._replace(kind_id=kind_id)
    if kind_id not in {kind.id for kind in kinds}:
        raise NotFound("kind")
    if choice.centre_id is not None:
        return choice
    centres = openings.centres_offering(current_user.actor.id, kind_id, choice.worker_id)
    if len(centres) != 1:
        return _ask_centre(choice, centres)
    return choice._replace(centre_id=centres[0].id)


def place(choice: Choice) -> offers.Place:
    """The place that a choice names, or where her appointment can move; raises NotFound."""
    if choice.moving:
        return offers.place_of(choice.moving.appointment, current_user.record)
    if choice.kind_id is None or choice.centre_id is None:
        raise NotFound("kind and centre")
    return offers.place(current_user.record, choice.kind_id, choice.centre_id, worker_id=choice.worker_id)


def ask_time(choice: Choice, at: offers.Place, form: PortalForm | None = None) -> str:
    """The page of days, or of times once the day is known or the worker is; one day alone needs no asking."""
    now = clock.now()
    if choice.day is not None:
        free = _suiting(choice, at, offers.free_times(at, now=now, from_on=choice.day, days=1, moving=choice.moving_id))
        return _times(choice, at, free, form, later=not free)
    free = offers.free_times(at, now=now, from_on=clock.london_today(now), moving=choice.moving_id)
    free = _suiting(choice, at, free)
    days = availability.days_with_times(free)
    at_once = (choice.worker_id or choice.moving or form) and not choice.later
    if free and not at_once and len(days) > 1:
        return _ask_day(choice, free)
    shown = [each for each in free if clock.london_today(each.starts_at) in days[:DAYS_AT_ONCE]]
    return _times(choice, at, shown, form, later=len(days) > DAYS_AT_ONCE)


def not_offered(refusal: NotOffered, choice: Choice, wanted_at: datetime) -> tuple[str, int]:
    """The page of a time that cannot be had, with the nearest ones: one press takes one."""
    at, now = place(choice), clock.now()
    around = clock.london_today(max(wanted_at, now) - NEAREST_WITHIN)
    free = offers.free_times(at, now=now, from_on=around, days=2 * NEAREST_WITHIN.days, moving=choice.moving_id)
    free = free or offers.free_times(at, now=now, from_on=clock.london_today(now), moving=choice.moving_id)
    page = render_template(
        "booking/not_offered.html",
        why=_why(refusal),
        nearest=availability.nearest(free, wanted_at, NEAREST),
        choice=choice,
        request_key=new_key(),
        **words(),
    )
    return page, 409


def has_one(standing_id: int, starts_at: datetime) -> str:
    """The page that says she has one of this kind, and offers to move it to the time she chose."""
    return render_template(
        "booking/has_one.html",
        booked=queries.booked(Actor("client", current_user.actor.id), standing_id),
        starts_at=starts_at,
        request_key=new_key(),
        **words(),
    )


def words() -> dict[str, Any]:
    """What the pages of this room need for saying things: kind and worker in her words, instants for fields."""
    return {"kind_name": _kind_name, "bring_words": _bring_words, "worker_name": worker_name, "iso": iso}


def worker_name(worker: Staff | None) -> str:
    """A worker as she may be named on a page: by first name only if she wants that (R16)."""
    client = current_user.record
    if worker is not None and client.shows_worker_name:
        return worker.first_name
    if worker is not None and worker.id == client.keyworker_id:
        return gettext("your worker")
    return gettext("a worker")


def iso(instant: datetime) -> str:
    """An instant as the fields carry it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _kind_name(kind) -> str:
    return kind.name_in(str(get_locale()).partition("_")[0])


def _bring_words(kind) -> str:
    return kind.bring_in(str(get_locale()).partition("_")[0])


def _ask_kind(choice: Choice, kinds: list) -> str:
    options = [(choice._replace(kind_id=kind.id).address(), _kind_name(kind), "") for kind in kinds]
    return _ask(gettext("What would you like?"), options)


def _ask_centre(choice: Choice, centres: list) -> str:
    mine = current_user.record.centre_id
    ordered = sorted(centres, key=lambda centre: (centre.id != mine, centre.name))
    options = [(choice._replace(centre_id=centre.id).address(), centre.name, centre.borough) for centre in ordered]
    return _ask(gettext("Where suits you?"), options)


def _ask_day(choice: Choice, free: list[FreeTime]) -> str:
    options = []
    for on, times in groupby(free, key=lambda each: clock.london_today(each.starts_at)):
        count = len(list(times))
        number = ngettext("%(num)d time", "%(num)d times", count)
        options.append((choice.address(day=on.isoformat()), day_words(on), number))
    return _ask(gettext("Which day suits you?"), options)


def _suiting(choice: Choice, at: offers.Place, free: list[FreeTime]) -> list[FreeTime]:
    return [each for each in free if suits(each.starts_at, at.terms.minutes, choice.suits)]


def _narrowing(choice: Choice) -> list[tuple[str, str, bool]]:
    """The ways to see only times that suit her: address, words, whether it is the one she chose."""
    ways = ((None, gettext("Any time")), ("morning", gettext("Mornings")), ("school", gettext("School hours")))
    kept = {"day": choice.day.isoformat()} if choice.day else {}
    return [(choice.address(suits=way, **kept), words, way == choice.suits) for way, words in ways]


def _ask(question: str, options: list[tuple[str, str, str]]) -> str:
    return render_template("booking/choose.html", question=question, options=options)


def _times(choice: Choice, at: offers.Place, free: list[FreeTime], form: PortalForm | None, *, later: bool) -> str:
    days = [(on, list(times)) for on, times in groupby(free, key=lambda each: clock.london_today(each.starts_at))]
    return render_template(
        "booking/times.html",
        choice=choice,
        kind=at.kind,
        worker=openings.worker_of(choice.worker_id) if choice.worker_id else None,
        days=days,
        later=later,
        narrowing=_narrowing(choice),
        form=form,
        request_key=new_key(),
        **words(),
    )


def _why(refusal: NotOffered) -> tuple[str, str]:
    if isinstance(refusal, PastTime):
        return gettext("That time has passed"), gettext("Nothing is wrong. Choose another time.")
    if isinstance(refusal, TooSoon):
        return gettext("That time is too soon"), gettext("We need a little more time to get ready for you.")
    if isinstance(refusal, ClosedThatDay):
        return gettext("We are closed that day"), gettext("Choose another day.")
    return gettext("That time has gone"), gettext("Someone took it just now. Nothing was booked.")
