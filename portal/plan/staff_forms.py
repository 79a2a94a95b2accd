"""Forms of staff for one goal and one action."""

from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, Optional

from portal.core.locales import LANGUAGES
from portal.plan.forms import DOER_NAMES
from portal.plan.rules import LONGEST_ACTION, LONGEST_WORDS
from portal.web.forms import PortalForm, free_text, one_line, to_choose

FIELD_NAMES = {
    "her_words": "In her own words",
    "worker_words": "In your words",
    "why_matters": "Why it matters to her",
    "what": "What",
    "note": "Note",
    "due_on": "By when",
    "doer": "Who",
    "reminder_wanted": "She wants a text the day before",
}
WORDS = ("her_words", "worker_words", "why_matters", "note")
"""Fields of which both texts can stand, one below the other."""


class EditGoalForm(PortalForm):
    """A goal's words; `revision` is the one that the page showed."""

    revision = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
    her_words = free_text(FIELD_NAMES["her_words"], LONGEST_WORDS)
    language = SelectField("Her words are in", choices=to_choose((code, one.latin) for code, one in LANGUAGES.items()))
    worker_words = free_text(FIELD_NAMES["worker_words"], LONGEST_WORDS)
    why_matters = free_text(FIELD_NAMES["why_matters"], LONGEST_WORDS)
    messages = {
        ("her_words", "missing"): "Write the goal in her words, in yours, or both.",
        ("her_words", "too_long"): f"Write at most {LONGEST_WORDS} letters.",
        ("worker_words", "too_long"): f"Write at most {LONGEST_WORDS} letters.",
        ("why_matters", "too_long"): f"Write at most {LONGEST_WORDS} letters.",
    }


class EditActionForm(PortalForm):
    """What an action says."""

    revision = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
    what = one_line(FIELD_NAMES["what"], LONGEST_ACTION)
    doer = SelectField(FIELD_NAMES["doer"], choices=to_choose((str(one), name) for one, name in DOER_NAMES.items()))
    due_on = DateField(FIELD_NAMES["due_on"], validators=[Optional()])
    note = free_text(FIELD_NAMES["note"], LONGEST_WORDS)
    reminder_wanted = BooleanField(FIELD_NAMES["reminder_wanted"])
    messages = {
        ("what", "missing"): "Fill this in.",
        ("note", "too_long"): f"Write at most {LONGEST_WORDS} letters.",
        ("due_on", "past"): "That day is past. Choose a day to come, or none.",
    }
