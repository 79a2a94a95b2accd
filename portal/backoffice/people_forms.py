"""Forms about staff."""

from wtforms import BooleanField, DateTimeLocalField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.access import Role
from portal.core.locales import LANGUAGES
from portal.core.week import DAYS
from portal.web.forms import OnceForm, one_line, to_choose
from portal.web.week import WeekForm

_NEEDED = InputRequired("Fill this in.")

ROLE_WORDS = {
    Role.KEYWORKER: "keyworker",
    Role.RECEPTIONIST: "reception",
    Role.MANAGER: "manager",
    Role.ADMIN: "admin",
    Role.REFERRER: "referrer",
}


class PersonForm(OnceForm):
    """A member of staff."""

    name = one_line("Full name", 80, validators=[_NEEDED])
    first_name = one_line("First name", 40, validators=[_NEEDED])
    email = one_line("E-mail address", 200, validators=[_NEEDED])
    role = SelectField("Role", choices=to_choose(ROLE_WORDS.items()))
    centre_ids = SelectMultipleField(
        "Centres", coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    languages = SelectMultipleField(
        "Languages spoken",
        choices=to_choose((language.code, language.latin) for language in LANGUAGES.values()),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    safeguarding_lead = BooleanField("Safeguarding lead: is called when a contact may have put a woman at risk")
    messages = {
        ("name", "missing"): "Fill this in.",
        ("first_name", "missing"): "Fill this in.",
        ("email", "not_an_address"): "That is not an e-mail address.",
        ("email", "taken"): "Somebody else has this e-mail address.",
        ("role", "last_admin"): "This is the last admin. Make somebody else an admin first.",
        ("centre_ids", "missing"): "Tick at least one centre for this role.",
    }


class WorkingHoursForm(WeekForm):
    """When somebody can be booked at a centre."""

    messages = {(day, "elsewhere"): "This overlaps the hours at another centre." for day in DAYS}


class AbsenceForm(OnceForm):
    """When somebody cannot be booked, in London wall time."""

    local_from = DateTimeLocalField("Away from", validators=[InputRequired("Give a day and a time.")])
    local_until = DateTimeLocalField("Back at", validators=[InputRequired("Give a day and a time.")])
    messages = {
        ("local_until", "before_start"): "She must be back later than she leaves.",
        ("local_until", "too_long"): "An absence is at most a year long.",
    }
