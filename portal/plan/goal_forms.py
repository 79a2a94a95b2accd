"""Her forms of goals and actions."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, IntegerField
from wtforms.validators import InputRequired, Optional

from portal.plan.rules import LONGEST_ACTION, LONGEST_WORDS
from portal.web.forms import OnceForm, PortalForm, free_text, one_line

_MISSING = _l("Write something first.")
_TOO_LONG = _l("That is too long. Write at most %(max)d letters.", max=LONGEST_WORDS)
_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]


class DayField(DateField):
    """A day, chosen from the phone's calendar or typed."""

    def process_formdata(self, valuelist):
        """Read the day; a text that is none is refused in words of ours."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_l("Write the day like this: 31/12/2026.")) from None


class HerGoalForm(PortalForm):
    """Her own words of a goal."""

    revision = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
    her_words = free_text(_l("What do you want?"), LONGEST_WORDS)
    why_matters = free_text(_l("Why does it matter to you?"), LONGEST_WORDS)
    messages = {
        ("her_words", "missing"): _MISSING,
        ("her_words", "too_long"): _TOO_LONG,
        ("why_matters", "too_long"): _TOO_LONG,
    }


class NewGoalForm(OnceForm):
    """A goal that she adds."""

    her_words = free_text(_l("What do you want?"), LONGEST_WORDS)
    why_matters = free_text(_l("Why does it matter to you?"), LONGEST_WORDS)
    messages = HerGoalForm.messages


class NewActionForm(OnceForm):
    """Something that she will do."""

    what = one_line(_l("What will you do?"), LONGEST_ACTION)
    due_on = DayField(_l("By when?"), format=_FORMATS, validators=[Optional()])
    reminder_wanted = BooleanField(_l("Send me a text the day before"))
    messages = {
        ("what", "missing"): _MISSING,
        ("what", "too_long"): _l("That is too long. Write at most %(max)d letters.", max=LONGEST_ACTION),
        ("due_on", "past"): _l("That day is over. Choose a day to come."),
    }


class HerActionForm(PortalForm):
    """What she may change of something that is hers to do."""

    revision = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
    what = one_line(_l("What will you do?"), LONGEST_ACTION)
    due_on = DayField(_l("By when?"), format=_FORMATS, validators=[Optional()])
    note = free_text(_l("Note"), LONGEST_WORDS)
    reminder_wanted = BooleanField(_l("Send me a text the day before"))
    messages = {**NewActionForm.messages, ("note", "too_long"): _TOO_LONG}
