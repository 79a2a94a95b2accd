"""Forms of booking, changing, cancelling and marking, and reading what an address or a field says."""

from datetime import UTC, date, datetime

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired

from portal.booking.queries import LARGEST_ID
from portal.booking.rules import SUITING
from portal.core.errors import Invalid, NotFound
from portal.web.forms import OnceForm, PortalForm, free_text, one_line
from portal.web.routing import row_id

_YEARS = range(2000, 2100)


class BookForm(OnceForm):
    """A time to book: kind, centre, start and, if she chose one, the worker."""

    kind = HiddenField(_l("What for"))
    centre = HiddenField(_l("Place"))
    starts_at = StringField(_l("Time"))
    worker = HiddenField(_l("With"))
    messages = {
        ("starts_at", "unknown"): _l("Choose a time."),
        ("request_key", "missing"): _l("Press the button again."),
    }


class ChangeForm(OnceForm):
    """Another time for an appointment."""

    starts_at = StringField(_l("Time"))
    messages = BookForm.messages


class CancelForm(PortalForm):
    """Her reason, if she wants to give one."""

    reason = free_text(_l("Why? You do not have to say."), longest=500)


class StaffCancelForm(PortalForm):
    """Why staff cancel."""

    reason = one_line("Why is it cancelled?", longest=200)
    messages = {("reason", "missing"): "Say why. It stays in her record."}


class WalkInForm(PortalForm):
    """Who came in."""

    name = one_line("Her code name, or the name she is called by", longest=80)


class ArrivedForm(OnceForm):
    """Somebody who came in: without a record only a name to call out, and what she needs."""

    called_name = one_line("Name to call out", 60)
    needs = one_line("What she needs now", 200)
    centre = SelectField("Centre", coerce=row_id, validate_choice=False)
    urgent = BooleanField("Urgent: see her first")
    messages = {("called_name", "missing"): "Ask what you may call her. It need not be her name."}


class ClosingForm(OnceForm):
    """Which day is closed, and for whom."""

    centre = SelectField("Centre", coerce=int)
    worker_id = SelectField("For whom", validate_choice=False)
    on = DateField("Day", validators=[InputRequired("Choose a day.")])
    messages = {
        ("on", "past"): "Choose today or a day to come.",
        ("on", "too_far"): "Choose a day within 60 days.",
        ("worker_id", "unknown"): "She does not work at that centre.",
    }


class SettleForm(OnceForm):
    """New times for whom a closed day hits; the choices are named by the rows."""


class BookForHerForm(OnceForm):
    """What staff choose when they book for a woman."""

    kind = SelectField("Kind", validate_choice=False)
    centre = SelectField("Centre", validate_choice=False)
    worker = SelectField("Worker", validate_choice=False)
    day = StringField("Day")
    starts_at = StringField("Time")
    messages = {
        ("starts_at", "unknown"): "Choose a time.",
        ("starts_at", "past"): "That time has passed. Choose another.",
        ("starts_at", "closed"): "The centre is closed that day. Choose another.",
        ("starts_at", "taken"): "That time has just gone. Choose another.",
    }


class MoveForHerForm(OnceForm):
    """Another time, chosen by staff."""

    starts_at = StringField("Time")
    messages = BookForHerForm.messages


def read_id(text: str | None) -> int | None:
    """An id from an address or a field, None when it is not given; raises NotFound for anything else."""
    if not text:
        return None
    if not (len(text) <= 10 and text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_ID):
        raise NotFound("id")
    return int(text)


def read_day(text: str | None) -> date | None:
    """A day from an address, None when it is not given; raises NotFound for a day that is not in any calendar here."""
    if not text:
        return None
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise NotFound("day") from None
    if on.year not in _YEARS:
        raise NotFound("day")
    return on


def read_suits(text: str | None) -> str | None:
    """Which times suit her, from an address, None for any; raises NotFound for a word that is none of SUITING."""
    if text and text not in SUITING:
        raise NotFound("suits")
    return text or None


def read_start(text: str | None) -> datetime:
    """An instant with its zone, as aware UTC; raises Invalid("starts_at", "unknown")."""
    try:
        start = datetime.fromisoformat((text or "").strip().replace(" ", "+"))
        if start.tzinfo is None or start.year not in _YEARS:
            raise ValueError("no zone")
        return start.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("starts_at", "unknown") from None
