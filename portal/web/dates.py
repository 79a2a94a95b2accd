"""Dates in addresses, and the line of a form that asks for the windows of one date."""

from datetime import MAXYEAR, MINYEAR, date

from wtforms import DateField
from wtforms.validators import InputRequired

from portal.core.errors import Invalid, NotFound
from portal.core.week import read_windows
from portal.web.forms import OnceForm, one_line
from portal.web.week import FAULTS


def read_date(text: str) -> date:
    """A date in an address; raises NotFound for what is none, and for one at the end of all calendars, which has no
    day before or behind it."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise NotFound("date") from None
    if not MINYEAR < on.year < MAXYEAR:
        raise NotFound("date")
    return on


class DatedForm(OnceForm):
    """A date and its windows; staff's own, so in English."""

    on = DateField("Date", validators=[InputRequired("Give a date.")])
    windows = one_line("Times", 120)
    messages = {("windows", reason): words for reason, words in FAULTS.items()} | {
        ("on", "past"): "Choose today or a day to come.",
        ("on", "too_far"): "Choose a day within two years.",
        ("windows", "missing"): "Write at least one time.",
    }

    def validate(self, extra_validators=None) -> bool:
        """Whether everything is right, the windows included."""
        valid = super().validate(extra_validators)
        try:
            self.spans = read_windows(self.windows.data or "")
        except Invalid as refusal:
            self.refuse(refusal)
            return False
        return valid
