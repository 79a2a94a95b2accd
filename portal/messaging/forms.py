"""Forms of writing to each other."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import InputRequired

from portal.core import clock
from portal.core.errors import Invalid
from portal.messaging.service import LONGEST_MESSAGE, WordsRefused
from portal.web.forms import OnceForm, PortalForm, free_text, one_line, to_choose
from portal.worklist.rules import CHECKED, DONE_WORDS

_WAYS = (("text", "By text"), ("portal", "On her own pages, where she signs in"))


class OwnMessageForm(OnceForm):
    """Her message to us."""

    body = free_text(_l("Your message"), LONGEST_MESSAGE)
    messages = {
        ("body", "missing"): _l("Write your message first."),
        ("body", "too_long"): _l("That is too long. Write less."),
    }


class WriteForm(OnceForm):
    """Staff's text or message to her; `send_at` is London wall time."""

    body = free_text("Your words", LONGEST_MESSAGE)
    by = RadioField("How", choices=to_choose(_WAYS), default="text")
    send_at = StringField("Send at (leave empty for now)")
    messages = {
        ("body", "missing"): "Write something first.",
        ("body", "too_long"): "That is too long for a text. Three parts is the most.",
        ("body", "check_first"): (
            "A text from her number may tell of a risk. Check that it is her, close that task, then answer."
        ),
        ("send_at", "not_a_time"): "Write a day and a time, such as 2026-12-01 14:30.",
        ("send_at", "past"): "That time is past.",
        ("send_at", "too_far"): "That is too far away. 60 days is the most.",
    }

    @property
    def send_at_instant(self) -> datetime | None:
        """The instant of `send_at`, or None when it is empty. Raises Invalid("send_at", "not_a_time")."""
        typed = (self.send_at.data or "").strip()
        if not typed:
            return None
        try:
            local = datetime.fromisoformat(typed)
            return clock.from_london(local.date(), local.time().replace(tzinfo=None))
        except (ValueError, OverflowError):
            raise Invalid("send_at", "not_a_time") from None

    def refuse(self, refusal: Invalid) -> None:
        """Show a refusal at its field; refused words are named."""
        if isinstance(refusal, WordsRefused):
            named = ", ".join(f"“{word}”" for word in refusal.found)
            self.body.errors = [*self.body.errors, f"A text may not carry: {named}. Write it in another way."]
            return
        super().refuse(refusal)


class PressForm(OnceForm):
    """A button that makes something, and nothing else."""


class PlaceForm(PortalForm):
    """Whose a text was, and how that was checked."""

    client_id = IntegerField()
    how = RadioField("How did you check that it was her?", choices=to_choose((how, DONE_WORDS[how]) for how in CHECKED))


class PhoneForm(PortalForm):
    """The demo's phones: a text sent from a number."""

    number = one_line("Number", validators=[InputRequired("Fill this in.")])
    body = free_text("Text", 1600, validators=[InputRequired("Write something first.")])
    messages = {
        ("number", "not_a_mobile"): "Write a mobile number from 07700 900000 to 07700 900999.",
        ("number", "real_number_in_demo"): "Only made-up numbers, 07700 900000 to 07700 900999.",
    }
