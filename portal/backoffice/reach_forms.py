"""Forms about who sees whom: break-glass, who must not know, who must not meet."""

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from portal.backoffice.break_glass import LONGEST_WORDS, REASONS
from portal.clients.restrictions import KINDS, LIFTED_BECAUSE
from portal.web.forms import OnceForm, PortalForm, free_text, one_line, to_choose

_NEEDED = InputRequired("Fill this in.")


class BreakGlassForm(OnceForm):
    """Whom, and why."""

    typed = one_line("Her code name, or her phone number", 60, validators=[_NEEDED])
    reason = RadioField("Why?", choices=to_choose(REASONS.items()), validators=[InputRequired("Say why.")])
    words = free_text("In your words", LONGEST_WORDS, validators=[InputRequired("Say why, in your words.")])
    messages = {
        ("typed", "not_there"): "No record that can be opened has this code name or number. Write all of it.",
        ("typed", "too_many"): "That is too often. Try again in a quarter of an hour, or ask a manager.",
        ("words", "missing"): "Say why, in your words.",
    }


class JudgeForm(PortalForm):
    """Whether it was right."""

    right = RadioField(
        "Was it right?", choices=to_choose([("yes", "Yes"), ("no", "No")]), validators=[InputRequired("Say yes or no.")]
    )
    words = one_line("What you found", 300)
    messages = {("words", "missing"): "Say what you found."}


class StaffMustNotKnowForm(OnceForm):
    """A colleague or a referrer with an account who must not know of her."""

    staff_id = SelectField("Who must not know of her?", coerce=int)
    messages = {
        ("staff_id", "missing"): "Choose somebody.",
        ("staff_id", "is_keyworker"): "She is her keyworker. Give the record to another keyworker first.",
        ("staff_id", "is_you"): "You cannot be the one. Hand the record on, and ask a colleague to do this.",
        ("staff_id", "unknown"): "Choose somebody from the list.",
    }


class OutsiderMustNotKnowForm(OnceForm):
    """Somebody who does not work here."""

    kind = RadioField("What are they?", choices=to_choose(KINDS.items()), validators=[InputRequired("Say what.")])
    name = one_line("Name", 120, validators=[_NEEDED])
    messages = {("name", "missing"): "Fill this in."}


class LiftForm(OnceForm):
    """Why somebody may know, or meet her, after all."""

    why = RadioField("Why?", choices=to_choose(LIFTED_BECAUSE.items()), validators=[InputRequired("Say why.")])
    messages = {("why", "missing"): "Say why."}


class MustNotMeetForm(OnceForm):
    """Another woman, by exact words; a keyworker can ask a manager where she is beyond her reach."""

    typed = one_line("Her code name, or her phone number", 60, validators=[_NEEDED])
    ask = RadioField("", choices=to_choose([("manager", "Ask a manager to set it")]), validators=[Optional()])
    messages = {
        ("typed", "not_there"): "Nobody whom you may see has this code name or number.",
        ("typed", "same"): "That is this woman.",
        ("typed", "too_many"): "That is too often. Try again in a quarter of an hour, or ask a manager.",
    }
