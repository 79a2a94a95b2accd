"""The forms of the first hour; their fields stand on one page, so each has a name of its own."""

from typing import NamedTuple

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.backoffice.people_forms import ROLE_WORDS
from portal.centres.models import BOROUGHS
from portal.centres.ready_kinds import READY_KINDS
from portal.core.access import Role
from portal.core.errors import Invalid
from portal.web.forms import OnceForm, PortalForm, free_text, one_line, to_choose

MOST_PEOPLE = 8
"""People of one press."""
LONGEST_ROOM = 40
ROLES = (Role.KEYWORKER, Role.RECEPTIONIST, Role.MANAGER)
_NEEDED = InputRequired("Fill this in.")
_BANNED = "This would say too much on her phone. Choose neutral words."


class FirstCentreForm(OnceForm):
    """A centre and, in the same press, the hours that most centres have."""

    name = one_line("Name that women read", 80, validators=[_NEEDED])
    borough = SelectField("Borough", choices=to_choose((name, name) for name in BOROUGHS))
    door = one_line("How to find the way in", 300)
    weekdays = BooleanField("Open Monday to Friday, 9:30 to 17:00", default=True)
    messages = {
        ("name", "missing"): "Fill this in.",
        ("name", "banned"): _BANNED,
        ("name", "taken"): "Another centre has this name.",
        ("door", "banned"): _BANNED,
    }


class RoomsForm(OnceForm):
    """Several rooms of one centre, one a line."""

    rooms_at = SelectField("Centre", coerce=int)
    room_names = free_text("Rooms, one a line", 1000, validators=[_NEEDED])
    messages = {
        ("room_names", "missing"): "Write at least one room.",
        ("room_names", "too_long"): f"A room's name has at most {LONGEST_ROOM} letters.",
    }

    @property
    def names(self) -> list[str]:
        """The rooms, each once."""
        return list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in self.room_names.data.splitlines()))))


class ReadyKindsForm(OnceForm):
    """Ready-made kinds of appointment to tick."""

    ready = SelectMultipleField(
        "Kinds",
        choices=to_choose((kind.key, f"{kind.names['en']}, {kind.minutes} minutes") for kind in READY_KINDS),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validators=[InputRequired("Tick at least one.")],
    )


class NewPerson(NamedTuple):
    """One filled row of the form of people."""

    number: int
    name: str
    email: str
    role: str


class FirstPeopleForm(OnceForm):
    """Several people at once: `person_1`, `email_1`, `role_1` and so on; empty rows are left out."""

    people_at = SelectMultipleField(
        "They work at", coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    _words = {
        ("email", "not_an_address"): "That is not an e-mail address.",
        ("email", "taken"): "Somebody else has this e-mail address.",
        ("name", "missing"): "Write her name.",
        ("centre_ids", "missing"): "Tick where they work.",
    }

    @property
    def people(self) -> list[NewPerson]:
        """The rows in which something stands."""
        rows = [
            NewPerson(number, *(self[f"{part}_{number}"].data or "" for part in ("person", "email", "role")))
            for number in range(1, MOST_PEOPLE + 1)
        ]
        return [row for row in rows if row.name.strip() or row.email.strip()]

    @property
    def lines(self) -> list[list]:
        """The fields, row by row."""
        return [[self[f"{part}_{number}"] for part in ("person", "email", "role")] for number in _ROWS]

    def validate(self, extra_validators=None) -> bool:
        """Whether everything is right and somebody is named."""
        valid = super().validate(extra_validators)
        if valid and not self.people:
            self["person_1"].errors = ["Write at least one person."]
            return False
        return valid

    def refuse_row(self, number: int, refusal: Invalid) -> None:
        """Show what is wrong with one person in her row."""
        part = {"email": f"email_{number}", "centre_ids": "people_at"}.get(refusal.field, f"person_{number}")
        words = self._words.get((refusal.field, refusal.reason), "Check this answer.")
        if words not in self[part].errors:
            self[part].errors = [*self[part].errors, words]

    def refuse(self, refusal: Invalid) -> None:
        """What is wrong stands in the rows already."""


_ROWS = range(1, MOST_PEOPLE + 1)
for _number in _ROWS:
    setattr(FirstPeopleForm, f"person_{_number}", one_line(f"Full name {_number}", 80))
    setattr(FirstPeopleForm, f"email_{_number}", one_line(f"E-mail address {_number}", 200))
    _choices = to_choose((role, ROLE_WORDS[role]) for role in ROLES)
    setattr(FirstPeopleForm, f"role_{_number}", SelectField(f"Role {_number}", choices=_choices))


class StaffTestForm(OnceForm):
    """A staff phone for a test text."""

    number = one_line("Number of the phone", 30, validators=[_NEEDED])
    theirs = BooleanField(
        "It belongs to somebody who works here, and she knows that a text comes",
        validators=[InputRequired("Tick this: a test goes to no other phone.")],
    )
    messages = {
        ("number", "not_a_mobile"): "That is not a UK mobile number.",
        ("number", "real_number_in_demo"): "This is the demo: use a number from 07700 900000 to 07700 900999.",
        ("number", "not_usable"): "This number cannot be used for a test.",
        ("number", "too_many"): "There were enough tests in this hour. Wait a little.",
    }


class PressForm(PortalForm):
    """A press that needs nothing typed."""
