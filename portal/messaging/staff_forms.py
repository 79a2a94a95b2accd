"""Staff's forms of writing to women, to one and to many, of templates, searching and transcripts."""

from datetime import datetime

from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import Optional

from portal.core import clock
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES
from portal.messaging.batches import MOST_WOMEN
from portal.messaging.composing import WordsRefused
from portal.messaging.hers import LONGEST_MESSAGE
from portal.messaging.rules import words_for_texts
from portal.messaging.templates import LONGEST_BODY, LONGEST_TITLE
from portal.web.forms import OnceForm, PortalForm, free_text, one_line, to_choose
from portal.web.guards import settings
from portal.worklist.rules import CHECKED, DONE_WORDS

_WAYS = (("text", "By text"), ("portal", "On her own pages, where she signs in"))


def words_refused() -> tuple[str, ...]:
    """The words that no text of this house may carry."""
    return words_for_texts(settings().banned_words, settings().site_name)


class TextForm(OnceForm):
    """Words for a text; refused words are named at their field."""

    body = free_text("Your words", LONGEST_MESSAGE)

    @property
    def typed(self) -> str:
        """What was typed so far, for looking at; more than may be sent is not looked at."""
        return (self.body.data or "")[:LONGEST_MESSAGE]

    def refuse(self, refusal: Invalid) -> None:
        """Show a refusal at its field; refused words are named."""
        if isinstance(refusal, WordsRefused):
            named = ", ".join(f"“{word}”" for word in refusal.found)
            self.body.errors = [*self.body.errors, f"A text may not carry: {named}. Write it in another way."]
            return
        super().refuse(refusal)


class PlannedForm(TextForm):
    """A text that has not left yet; `send_at` is London wall time."""

    send_at = StringField("Send at (leave empty for now)")
    messages = {
        ("body", "missing"): "Write something first.",
        ("body", "too_long"): "That is too long for a text. Three parts is the most.",
        ("body", "check_first"): (
            "A text from her number may tell of a risk. Check that it is her, close that task, then answer."
        ),
        ("body", "said_meanwhile"): (
            "Somebody wrote meanwhile, she or one of us. Look at what was said, then send yours if it still fits."
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


class WriteForm(PlannedForm):
    """Staff's text or message to her; `seen` is what she was shown when she began to write."""

    by = RadioField("How", choices=to_choose(_WAYS), default="text")
    seen = HiddenField()


class PressForm(OnceForm):
    """A button that makes something, and nothing else."""


class PlaceForm(PortalForm):
    """Whose a text was, and how that was checked."""

    client_id = IntegerField()
    how = RadioField("How did you check that it was her?", choices=to_choose((how, DONE_WORDS[how]) for how in CHECKED))


class TemplateForm(TextForm):
    """Words that staff send often."""

    title = one_line("Name, for staff only", LONGEST_TITLE)
    language = SelectField("Language", choices=to_choose((code, known.latin) for code, known in LANGUAGES.items()))
    body = free_text("The words", LONGEST_BODY)
    messages = {
        ("title", "missing"): "Give it a name by which you find it.",
        ("body", "missing"): "Write something first.",
        ("body", "too_long"): (
            "That is too long for a template: 160 plain letters, or 134 in Arabic and other scripts, is the most."
        ),
    }


class BatchForm(TextForm):
    """One text to many; who was ticked is read beside it."""

    language = SelectField(
        "Written in", choices=to_choose((code, known.latin) for code, known in LANGUAGES.items()), default="en"
    )
    who = HiddenField()
    messages = {
        ("body", "missing"): "Write something first.",
        ("body", "too_long"): "That is too long for a text. Three parts is the most.",
        ("who", "missing"): "Tick somebody.",
        ("who", "too_many"): f"That is too many at once. {MOST_WOMEN} women is the most.",
    }


class SearchForm(PortalForm):
    """Words to look for."""

    words = one_line("Words")
    messages = {("words", "too_short"): "Write two letters or more."}


class DaysForm(PortalForm):
    """The days of a transcript, both included; it only asks, so it stands in the address and needs no token."""

    class Meta:
        csrf = False

    from_on = DateField("From", validators=[Optional()])
    until_on = DateField("Until", validators=[Optional()])
    messages = {("until_on", "before_from"): "The last day is before the first."}
