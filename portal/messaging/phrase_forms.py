"""Forms of the phrases that texts are searched for."""

from wtforms.validators import InputRequired

from portal.messaging.phrase_book import LONGEST
from portal.web.forms import OnceForm, PortalForm, free_text, one_line


class AddForm(OnceForm):
    """A phrase of staff's own."""

    words = one_line("New phrase", LONGEST, validators=[InputRequired("Write a phrase first.")])
    messages = {
        ("words", "missing"): "Write a phrase first.",
        ("words", "too_long"): "That is too long. Write at most 80 letters.",
        ("words", "too_short"): "That is too short: it would be found in every text.",
        ("words", "known"): "Texts are searched for that already.",
    }


class TryForm(PortalForm):
    """Words to try; nothing of them is kept."""

    body = free_text("What would this text be taken for?", 1600, validators=[InputRequired("Write something first.")])
