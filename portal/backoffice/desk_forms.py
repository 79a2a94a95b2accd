"""Forms at the desk: finding somebody, a message for a worker, a caller's code word."""

from wtforms import PasswordField, SelectField
from wtforms.validators import Length

from portal.backoffice.desk_service import LONGEST_MESSAGE
from portal.web.forms import OnceForm, PortalForm, free_text, one_line
from portal.web.routing import row_id

LONGEST_SEARCH = 80


class FindForm(PortalForm):
    """Whom the desk looks for."""

    q = one_line("Code name, name to call out, or last 4 digits", LONGEST_SEARCH)


class MessageForm(OnceForm):
    """A message for a worker."""

    worker_id = SelectField("For", coerce=row_id, validate_choice=False)
    words = free_text("Message", LONGEST_MESSAGE)
    messages = {
        ("worker_id", "unknown"): "Choose a worker.",
        ("words", "missing"): "Write the message.",
    }


class CallerForm(PortalForm):
    """The code word that a caller gave."""

    code_word = PasswordField("The code word that the caller gave", validators=[Length(max=60, message="Too long.")])
    messages = {
        ("code_word", "wrong"): "That is not her code word. Say nothing about her, not even that you know her.",
        ("code_word", "missing"): "Ask for the code word first.",
    }
