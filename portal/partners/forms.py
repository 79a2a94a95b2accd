"""Forms about partners: whom to ask, what she said, what the partner did, taking it back."""

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from portal.partners.rules import LONGEST_NAME, LONGEST_WHAT_FOR
from portal.partners.words import HOW_WORDS, KIND_WORDS, WITHDRAWN_WORDS
from portal.web.forms import OnceForm, PortalForm, free_text, one_line, to_choose

_MUST_NOT_KNOW = "She said that this organisation must not know of her. Nothing was saved."
_NEAR = "This name is like one that must not know of her. Ask her. Tick below if she says that it is another one."


class DraftForm(OnceForm):
    """Which partner, and what she would like from it."""

    kind = RadioField("What for?", choices=to_choose(KIND_WORDS.items()), validators=[Optional()])
    service_id = SelectField("From the directory", coerce=int)
    name = one_line("Or its name", LONGEST_NAME)
    what_for = free_text("What she would like from them", LONGEST_WHAT_FOR)
    different = BooleanField("She says that this is another organisation")
    messages = {
        ("kind", "missing"): "Say what for.",
        ("name", "missing"): "Choose one from the directory, or write its name.",
        ("name", "must_not_know"): _MUST_NOT_KNOW,
        ("name", "near"): _NEAR,
        ("service_id", "unknown"): "That one is not in the directory any more.",
    }


class RevisionForm(PortalForm):
    """A form that says how the request stood when its page was opened."""

    revision = IntegerField("", widget=HiddenInput(), validators=[InputRequired()])


class AgreementForm(RevisionForm):
    """How she was asked; what she said to each item stands beside it in the request."""

    how = RadioField("How did you ask her?", choices=to_choose(HOW_WORDS.items()), validators=[Optional()])
    messages = {
        ("how", "missing"): "Say how you asked her.",
        ("answers", "missing"): "Write down at least one answer.",
    }


class SendForm(RevisionForm):
    """That the partner is told now."""

    different = BooleanField("She says that this is another organisation")
    messages = {("name", "must_not_know"): _MUST_NOT_KNOW, ("name", "near"): _NEAR}


class StepForm(RevisionForm):
    """What the partner did, and on which day."""

    state = RadioField("What did they do?", validators=[Optional()])
    happened_on = DateField("On which day?", validators=[Optional()])
    not_taken = SelectField("If they did not take her on, why?", validators=[Optional()])
    outcome = SelectField("If it has ended, how?", validators=[Optional()])
    messages = {
        ("state", "unknown"): "Say what they did.",
        ("happened_on", "missing"): "Say on which day.",
        ("happened_on", "future"): "That day is still to come.",
        ("happened_on", "before_sent"): "They were not told before that day.",
        ("not_taken", "missing"): "Say why.",
        ("outcome", "missing"): "Say how it ended.",
    }


class WithdrawForm(PortalForm):
    """Why it is taken back."""

    reason = RadioField("Why?", choices=to_choose(WITHDRAWN_WORDS.items()), validators=[Optional()])
    messages = {("reason", "missing"): "Say why."}
