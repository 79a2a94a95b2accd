"""Forms of what is known of the risk to a woman."""

from wtforms import DateField, IntegerField, RadioField, SelectField
from wtforms.validators import Optional

from portal.plan.risk_rules import DASH_HIGH, DASH_QUESTIONS, Judgement, Kind, Marac
from portal.plan.rules import LONGEST_WORDS
from portal.web.forms import OnceForm, PortalForm, free_text, to_choose

KIND_NAMES: dict[str, str] = {Kind.DASH: "SafeLives Dash", Kind.OTHER: "Another way, or my own judgement"}
JUDGEMENT_NAMES: dict[str, str] = {
    Judgement.STANDARD: "Standard",
    Judgement.MEDIUM: "Medium",
    Judgement.HIGH: "High",
}
MARAC_NAMES: dict[str, str] = {
    Marac.NONE: "Not for MARAC",
    Marac.TO_REFER: "To be referred",
    Marac.REFERRED: "Referred",
    Marac.HEARD: "Heard",
}
SCORE_HINT = f"Of {DASH_QUESTIONS}. {DASH_HIGH} or more is one sign of high risk; your judgement counts before it."
_MISSING = "Choose one."


class NoteForm(OnceForm):
    """A note of the risk to her."""

    note = free_text("New note", LONGEST_WORDS)
    messages = {("note", "missing"): "Fill this in.", ("note", "too_long"): f"Write at most {LONGEST_WORDS} letters."}


class MaracForm(PortalForm):
    """Where it stands with MARAC."""

    marac = SelectField("MARAC", choices=to_choose(MARAC_NAMES.items()))
    marac_on = DateField("On", validators=[Optional()])
    messages = {
        ("marac", "missing"): _MISSING,
        ("marac_on", "missing"): "Say on which day.",
        ("marac_on", "future"): "That day is still to come.",
    }


class AssessmentForm(OnceForm):
    """One assessment; that she was told first is asked, without a default."""

    kind = RadioField("What was gone through with her", choices=to_choose(KIND_NAMES.items()), validators=[Optional()])
    done_on = DateField("On", validators=[Optional()])
    score = IntegerField("Yes answers", validators=[Optional()])
    judgement = RadioField("Your judgement", choices=to_choose(JUDGEMENT_NAMES.items()), validators=[Optional()])
    marac = SelectField("MARAC", choices=to_choose(MARAC_NAMES.items()))
    marac_on = DateField("MARAC on", validators=[Optional()])
    told_her_first = RadioField(
        "Was she told first what is written here and who gets it?",
        choices=to_choose([("yes", "Yes"), ("no", "No")]),
        validators=[Optional()],
    )
    why_not = free_text("If not, why", LONGEST_WORDS)
    note = free_text("Note", LONGEST_WORDS)
    next_on = DateField("Look again on", validators=[Optional()])
    messages = {
        ("kind", "missing"): _MISSING,
        ("done_on", "missing"): "Say on which day.",
        ("done_on", "future"): "That day is still to come.",
        ("score", "missing"): "Say how many answers were yes.",
        ("score", "unknown"): f"A number from 0 to {DASH_QUESTIONS}.",
        ("judgement", "missing"): _MISSING,
        ("told_her_first", "missing"): "Say whether she was told first.",
        ("why_not", "missing"): "Say why she was not told first.",
        ("next_on", "past"): "That day is past.",
        **MaracForm.messages,
    }
