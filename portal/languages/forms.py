"""Forms about one language; each carries what stood on its page, so that nobody decides about other words."""

from wtforms import DateField, HiddenField, IntegerField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from portal.languages.service import LONGEST_NAME, Seen
from portal.web.forms import PortalForm, one_line


class StepForm(PortalForm):
    """A press of a button."""

    number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    words = HiddenField()
    messages = {
        ("step", "not_read"): "Nobody who speaks it has read these words yet. Record the reading first.",
    }

    @property
    def seen(self) -> Seen:
        """What stood on the page."""
        return Seen(self.number.data or 0, self.words.data or "")


class ReadingForm(StepForm):
    """Who read the words, and when."""

    reader = one_line("Who read it (a native speaker)", LONGEST_NAME, validators=[InputRequired("Give her name.")])
    read_on = DateField("Day on which she had read it all", validators=[InputRequired("Give a date.")])
    messages = {
        ("reader", "missing"): "Give her name.",
        ("read_on", "future"): "Choose today or a day before.",
    }
