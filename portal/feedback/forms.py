"""The few questions that she may answer without a name; each can be left out."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import Optional

from portal.feedback.rules import LONGEST_WORDS
from portal.web.forms import PortalForm, free_text, to_choose


def _asked(words) -> RadioField:
    answers = [("yes", _l("Yes")), ("partly", _l("Partly")), ("no", _l("No"))]
    return RadioField(words, choices=to_choose(answers), validators=[Optional()])


class FeedbackForm(PortalForm):
    """`ticket` is the form's own signed random number: a second press is known by it, and a woman is not."""

    ticket = HiddenField()
    listened = _asked(_l("Did we listen to you?"))
    helped = _asked(_l("Did we help with what you needed?"))
    welcome = _asked(_l("Did you feel welcome?"))
    easy = _asked(_l("Was it easy to get help from us?"))
    words = free_text(_l("Do you want to say more?"), LONGEST_WORDS)
    messages = {("listened", "missing"): _l("Answer one question, or write something.")}
