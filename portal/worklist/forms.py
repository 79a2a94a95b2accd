"""Closing a task."""

from wtforms import RadioField
from wtforms.validators import InputRequired

from portal.web.forms import OnceForm, free_text, to_choose
from portal.worklist.rules import DONE_WORDS


class CloseForm(OnceForm):
    """What was done; a task closes only with that (R25)."""

    done = RadioField(
        "What was done?", choices=to_choose(DONE_WORDS.items()), validators=[InputRequired("Say what was done.")]
    )
    note = free_text("Note for colleagues", 500)
    messages = {("done", "missing"): "Say what was done."}
