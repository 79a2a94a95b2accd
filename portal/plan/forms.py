"""Forms of the plan: her own words; goals, actions and state for staff."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.core.locales import LANGUAGES
from portal.plan.rules import LONGEST_ACTION, LONGEST_WORDS, Doer, PlanState
from portal.plan.staff_words import STAFF_NAMES
from portal.web.forms import OnceForm, PortalForm, free_text, one_line

DOER_NAMES: dict[str, str] = {Doer.HER: "Her", Doer.WORKER: "Worker", Doer.PARTNER: "Partner organisation"}
STATE_NAMES: dict[str, str] = {
    PlanState.DRAFT: "Draft: not on her pages",
    PlanState.SHARED: "Shared with her",
    PlanState.AGREED: "Agreed",
    PlanState.UNDER_REVIEW: "Under review",
    PlanState.CLOSED: "Closed",
}
_MISSING = "Fill this in."


def _choices(names: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(str(value), name) for value, name in names.items()]


class WordsForm(OnceForm):
    """Words of her own."""

    words = free_text(_l("What do you want to say?"), LONGEST_WORDS)
    messages = {
        ("words", "missing"): _l("Write something first."),
        ("words", "too_long"): _l("That is too long. Write at most %(max)d letters.", max=LONGEST_WORDS),
        ("words", "goal_gone"): _l("That part of your plan is not there now. Your words are here. Send them again?"),
    }


class GoalForm(OnceForm):
    """A goal in her words beside the worker's."""

    pathway = SelectField(
        "Pathway", choices=_choices({"": "Choose one", **STAFF_NAMES}), validators=[InputRequired("Choose one.")]
    )
    her_words = free_text("In her own words", LONGEST_WORDS)
    worker_words = free_text("In your words", LONGEST_WORDS)
    why_matters = free_text("Why it matters to her", LONGEST_WORDS)
    language = SelectField(
        "Her words are in",
        choices=[SelectChoice(code, known.latin) for code, known in LANGUAGES.items()],
        default="en",
    )
    messages = {("her_words", "missing"): "Write the goal in her words, in yours, or both."}


class ActionForm(OnceForm):
    """Something to do, who does it, by when."""

    what = one_line("What", LONGEST_ACTION)
    doer = SelectField("Who", choices=_choices(DOER_NAMES))
    due_on = DateField("By when", validators=[Optional()])
    note = free_text("Note", LONGEST_WORDS)
    messages = {("what", "missing"): _MISSING, ("due_on", "past"): "That day is past. Choose today or later."}


class StateForm(PortalForm):
    """How far the plan is."""

    state = SelectField("State", choices=_choices(STATE_NAMES))
    agreed_on = DateField("Agreed on", validators=[Optional()])
    review_on = DateField("Review on", validators=[Optional()])
    messages = {
        ("agreed_on", "missing"): "Say on which day she agreed.",
        ("agreed_on", "future"): "That day is still to come.",
        ("review_on", "past"): "The review cannot lie before the agreement, nor in the past.",
    }


def tell_apart(form: PortalForm, suffix: str) -> PortalForm:
    """The same form with its own ids, for a page that holds several of a kind."""
    for field in form:
        field.id = field.label.field_id = f"{field.id}-{suffix}"
    return form
