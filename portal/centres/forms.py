"""Forms about centres, rooms, closures and kinds of appointment."""

from wtforms import BooleanField, DateField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from portal.centres.creche import MOST_PLACES, CrecheSession, read_day
from portal.centres.models import BOROUGHS, Mode
from portal.centres.service import KIND_RANGES
from portal.core.locales import LANGUAGES, SOURCE, WITH_CATALOGUE, offered
from portal.web.forms import OnceForm, one_line, to_choose
from portal.web.week import WeekForm

_NEEDED = InputRequired("Fill this in.")
_BANNED = "This name would say too much on her phone. Choose a neutral one."


class CentreForm(OnceForm):
    """A centre's name, place and way in."""

    name = one_line("Name that women read", 80, validators=[_NEEDED])
    borough = SelectField("Borough", choices=to_choose((name, name) for name in BOROUGHS))
    door = one_line("How to find the way in", 300)
    phone = one_line("Phone", 20)
    archived = BooleanField("Not in use any more")
    messages = {
        ("name", "missing"): "Fill this in.",
        ("name", "banned"): _BANNED,
        ("name", "taken"): "Another centre has this name.",
        ("door", "banned"): "These words would say too much on her phone. Choose neutral ones.",
    }


class OpeningHoursForm(WeekForm):
    """When a centre is open."""


class CrecheForm(WeekForm):
    """When the crèche is open, and for how many children."""

    line_faults = WeekForm.line_faults | {
        "unreadable": "Write times and places like 09:30-12:30 for 4, with a comma between two.",
        "places": f"Write a number of places from 1 to {MOST_PLACES}.",
    }

    def read_line(self, day: int, text: str) -> list[CrecheSession]:
        """The sessions of one day."""
        return read_day(day, text)


class ClosureForm(OnceForm):
    """Days on which a centre is closed."""

    starts_on = DateField("First day closed", validators=[InputRequired("Give a date.")])
    ends_on = DateField("Last day closed", validators=[InputRequired("Give a date.")])
    reason = one_line("Why (staff read this)", 120)
    messages = {
        ("ends_on", "before_start"): "The last day must not come before the first.",
        ("ends_on", "too_long"): "A closure is at most a year long. To close a centre for good, take it out of use.",
    }


class BankHolidayForm(OnceForm):
    """A single bank holiday more."""

    on = DateField("Date", validators=[InputRequired("Give a date.")])
    name = one_line("Name (staff read this)", 60, validators=[_NEEDED])
    messages = {
        ("name", "missing"): "Fill this in.",
        ("on", "past"): "Choose today or a day to come.",
        ("on", "there"): "This day is a bank holiday already.",
    }


class RoomForm(OnceForm):
    """A room and what it has."""

    name = one_line("Name of the room", 40, validators=[_NEEDED])
    step_free = BooleanField("Step-free")
    child_corner = BooleanField("Children's corner")
    quiet = BooleanField("Quiet")
    archived = BooleanField("Not in use any more")
    messages = {("name", "missing"): "Fill this in.", ("name", "taken"): "Another room here has this name."}


def _number(label: str, field: str) -> IntegerField:
    least, most = KIND_RANGES[field]
    words = f"Give a whole number from {least} to {most}."
    return IntegerField(label, validators=[InputRequired(words), NumberRange(least, most, words)])


class KindForm(OnceForm):
    """A kind of appointment; for every language that women are offered it has `name_en` and `bring_en` and so on."""

    minutes = _number("Length in minutes", "minutes")
    buffer_before = _number("Minutes kept free before", "buffer_before")
    buffer_after = _number("Minutes kept free after", "buffer_after")
    least_notice_minutes = _number("Least notice in minutes", "least_notice_minutes")
    furthest_days = _number("How many days ahead it can be booked", "furthest_days")
    change_until_minutes = _number("She can change it until so many minutes before", "change_until_minutes")
    cancel_until_minutes = _number("She can cancel it until so many minutes before", "cancel_until_minutes")
    mode = SelectField("How it is held", choices=to_choose([(Mode.IN_PERSON, "In person"), (Mode.PHONE, "By phone")]))
    needs_room = BooleanField("Needs a room")
    group = BooleanField("Is a group")
    own_keyworker_only = BooleanField("Only with her own keyworker")
    bookable_by_clients = BooleanField("Women can book it themselves")
    one_at_a_time = BooleanField("She books one at a time; staff may book more")
    counts = BooleanField("Counts toward a condition")
    archived = BooleanField("Not in use any more")
    centre_ids = SelectMultipleField(
        "Offered at", coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    messages = {("name_en", "missing"): "Fill this in.", ("centre_ids", "unknown"): "Choose from the list."} | {
        (f"{field}_{code}", "banned"): _BANNED for field in ("name", "bring") for code in WITH_CATALOGUE
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.languages = [code for code in offered() if code != SOURCE]
        for code in set(WITH_CATALOGUE) - set(offered()):
            del self[f"name_{code}"]
            del self[f"bring_{code}"]

    @property
    def translated(self) -> list[tuple]:
        """Name and what to bring in each language that women are offered beside English."""
        return [(self[f"name_{code}"], self[f"bring_{code}"]) for code in self.languages]

    @property
    def unnamed(self) -> list[str]:
        """The languages in which women will read the English name."""
        return [LANGUAGES[code].latin for code in self.languages if not self[f"name_{code}"].data]

    @property
    def fault_in_translation(self) -> bool:
        """Whether something is wrong with a name or words that are not English."""
        return any(field.errors for pair in self.translated for field in pair)

    def typed(self, what: str) -> dict[str, str]:
        """What was typed as `name` or `bring`, by language; a language without a field on the page is left out."""
        fields = {code: f"{what}_{code}" for code in (SOURCE, *self.languages)}
        return {code: self[field].data or "" for code, field in fields.items() if self[field].raw_data}


for _code in WITH_CATALOGUE:
    _validators = [_NEEDED] if _code == "en" else []
    setattr(KindForm, f"name_{_code}", one_line(f"Name in {LANGUAGES[_code].latin}", 60, validators=_validators))
    setattr(KindForm, f"bring_{_code}", one_line(f"What to bring, in {LANGUAGES[_code].latin}", 160))
