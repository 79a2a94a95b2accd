"""Forms of the duty rota."""

from wtforms import SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.week import DAYS
from portal.staff.duty import POSITIONS
from portal.web.forms import OnceForm, one_line, to_choose

PLACES = {1: "First", 2: "Second", 3: "Third"}
"""Each position as staff read it."""


def _hours(first: int, last: int) -> list:
    return to_choose((hour, f"{hour:02}:00") for hour in range(first, last + 1))


class ShiftForm(OnceForm):
    """Somebody on duty, in whole hours of London time."""

    staff_id = SelectField("Who", coerce=int)
    days = SelectMultipleField(
        "Days",
        choices=to_choose((number, name.capitalize()) for number, name in enumerate(DAYS)),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validators=[InputRequired("Tick at least one day.")],
    )
    from_hour = SelectField("From", choices=_hours(0, 23), coerce=int, default=9)
    until_hour = SelectField("Until", choices=_hours(1, 24), coerce=int, default=17)
    position = SelectField("Called", choices=to_choose((each, PLACES[each]) for each in POSITIONS), coerce=int)
    messages = {
        ("days", "missing"): "Tick at least one day.",
        (
            "until_hour",
            "before_start",
        ): "It must end later than it begins. A night is two shifts: to 24:00, from 00:00.",
        ("position", "taken"): "Somebody else stands there in some of these hours. Take that shift away first.",
        ("staff_id", "twice"): "She is on duty already in some of these hours.",
        ("staff_id", "unknown"): "Choose somebody who works here.",
    }


class NumberForm(OnceForm):
    """The phone on which somebody is called out."""

    person = SelectField("Whose", coerce=int)
    number = one_line("Duty phone (empty takes it away)", 40)
    messages = {
        ("number", "not_a_mobile"): "That is not a UK mobile number.",
        ("number", "real_number_in_demo"): "Only made-up numbers here, 07700 900000 to 07700 900999.",
        ("number", "taken"): "Somebody else has this number.",
        ("number", "not_usable"): "This number cannot be used for duty.",
    }
