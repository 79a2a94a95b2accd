"""Forms about a woman's record: opening one, safe contact, set-up codes."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, PasswordField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.clients.answers import LONGEST_COVER, ContactAnswers, unanswered
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES, named
from portal.core.week import DAYS
from portal.web.forms import OnceForm, PortalForm, free_text, one_line, to_choose
from portal.web.week import WeekForm

LANGUAGE_CHOICES = to_choose((language.code, language.latin) for language in LANGUAGES.values())


NEEDS = ("access", "childcare", "interpreter")
"""What a record says that her sessions need."""

_NEEDED = InputRequired("Fill this in.")
_ANSWER = InputRequired("Answer this question.")
_YES_NO = to_choose([("yes", "Yes"), ("no", "No")])


def to_read() -> list[SelectChoice]:
    """Languages of pages and texts; of one that is not offered it says what comes in its place."""
    return to_choose((code, named(code)) for code in LANGUAGES)


def ticks(label: str) -> SelectMultipleField:
    """Several answers to tick, each a number."""
    return SelectMultipleField(
        label, coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), validate_choice=True
    )


def _yes_or_no(label: str, *, always: bool) -> RadioField:
    """A question about safety: no answer is chosen beforehand (R18)."""
    return RadioField(
        label, choices=_YES_NO, coerce={"yes": True, "no": False}.get, validators=[_ANSWER if always else Optional()]
    )


class ClientForm(OnceForm):
    """Opening a woman's record."""

    code_name = one_line("Code name", 60, validators=[_NEEDED])
    called_name = one_line("Name to call out", 60, validators=[_NEEDED])
    language = SelectField("Her language", choices=to_read)
    centre_id = SelectField("Centre", coerce=int)
    keyworker_id = SelectField("Keyworker", coerce=int)
    access = one_line("Access needs", 120)
    childcare = one_line("Childcare", 80)
    interpreter = SelectField(
        "Interpreter",
        choices=to_choose([("", "None"), *((choice.label, choice.label) for choice in LANGUAGE_CHOICES[1:])]),
    )
    somebody_must_not_know = RadioField(
        "Who must not know of her?",
        choices=to_choose([("nobody", "I asked: everybody here may know"), ("these", "These people must not know")]),
        validators=[_ANSWER],
    )
    must_not_know = ticks("Who must not know")
    messages = {
        ("code_name", "shape"): "Use two plain words and a number, such as Blue Heron 42.",
        ("code_name", "has_her_name"): "The name she is called by must not be in it.",
        ("code_name", "taken"): "Somebody has this code name. Choose another one.",
        ("called_name", "missing"): "Fill this in.",
        ("centre_id", "not_covered"): "Choose a centre that you cover.",
        ("keyworker_id", "not_there"): "This keyworker does not work at that centre.",
        ("must_not_know", "missing"): "Tick who must not know.",
        ("must_not_know", "is_keyworker"): "Her keyworker cannot be one of them.",
        ("must_not_know", "is_you"): "You cannot be one of them: ask a colleague to open this record.",
    }

    @property
    def restricted(self) -> list[int] | None:
        """Who must not know; None while that is not answered."""
        if self.somebody_must_not_know.data == "nobody":
            return []
        return self.must_not_know.data or None

    @property
    def preparation(self) -> dict[str, str]:
        """What her sessions need."""
        return {name: self[name].data or "" for name in NEEDS}


class CorrectionForm(ClientForm):
    """Correcting what a woman's record says; `was` stands for what the page showed."""

    code_name = centre_id = keyworker_id = somebody_must_not_know = must_not_know = None
    pages_follow = BooleanField("Her pages come in this language again")
    was = HiddenField()
    messages = {
        ("called_name", "missing"): "Fill this in.",
        ("called_name", "in_code_name"): "This name is in her code name. Choose another one.",
        ("called_name", "changed"): "Somebody corrected this record meanwhile. Nothing was changed now: open it again.",
    }

    def keep_interpreter(self, recorded: str) -> None:
        """Offer what was recorded, also where it is none of the portal's languages."""
        if recorded not in [choice.value for choice in self.interpreter.choices]:
            self.interpreter.choices = [*self.interpreter.choices, SelectChoice(recorded, recorded)]


class CodeWordForm(OnceForm):
    """How we know that it is her: she is here, or she gave her code word."""

    in_person = BooleanField("She is here in person, and I know her")
    code_word = PasswordField("Her code word", validators=[Length(max=60, message="That is too long.")])
    messages = {
        ("code_word", "wrong"): "That is not her code word. Do not tell the caller anything. Ask her keyworker.",
        ("code_word", "missing"): "Say how you know that it is her.",
    }


class PauseForm(PortalForm):
    """No texts until a day; no day ends the pause."""

    until = DateField("No texts until", validators=[Optional()])
    messages = {
        ("until", "past"): "Choose a day after today.",
        ("until", "too_far"): "Choose a day within a year. To stop texts for good, record that she wants none.",
    }


class SafeContactForm(OnceForm, WeekForm):
    """Every question of the safe-contact record; each is asked anew each time. `seen`: the record that stood then."""

    seen = HiddenField()
    may_text = _yes_or_no("May we text her?", always=True)
    number = one_line("Her number", 30)
    whose_phone = RadioField(
        "Whose phone is it?",
        choices=to_choose(
            [
                ("own", "Her own, and nobody else looks at it"),
                ("shared", "Shared, or somebody else may look at it"),
                ("someone_else", "Somebody else's"),
                ("none", "She has no phone"),
            ]
        ),
        validators=[_ANSWER],
    )
    who_else_sees = one_line("Who else may see it?", 200)
    wording = RadioField(
        "How are texts worded?",
        choices=to_choose(
            [
                ("plain", "Plain: “Appointment Tue 3 Dec 2:30pm”"),
                ("short", "Short: “Tue 3 Dec 2:30pm”"),
                ("cover", "Cover: a phrase of her own, and the time"),
            ]
        ),
        validators=[Optional()],
    )
    cover_phrase = one_line("Her phrase for the cover", LONGEST_COVER)
    names_worker = _yes_or_no("May a text say her worker's first name?", always=False)
    text_language = SelectField("Language of texts", choices=to_read)
    voice_language = SelectField("Language of calls", choices=LANGUAGE_CHOICES)
    may_reply = _yes_or_no("May she answer by text?", always=False)
    auto_reply = _yes_or_no("May we answer a text of hers by machine, in neutral words?", always=False)
    may_ring = _yes_or_no("May we ring her?", always=True)
    may_leave_message = _yes_or_no("May we leave a message?", always=False)
    may_say_who = _yes_or_no("May we say who we are?", always=False)
    code_word = one_line("Code word", 60)
    may_post = _yes_or_no("May we write letters to her?", always=True)
    post_to = free_text("How is the envelope addressed?", 300)
    may_email = _yes_or_no("May we send her e-mail?", always=True)
    email = one_line("Her e-mail address", 200)
    stable_phone = _yes_or_no("Does her phone number stay the same?", always=False)
    stable_home = _yes_or_no("Does she have a home that stays the same?", always=True)
    reminds_week_before = _yes_or_no("Does she want a reminder 7 days before, too?", always=False)
    reminds_same_morning = _yes_or_no("Does she want a reminder on the same morning, too?", always=False)
    code_by_text = _yes_or_no("Does she want to be able to sign in with a code by text?", always=False)
    trusted_person = one_line("A person she trusts, and how to reach them", 200)
    check_again_on = DateField("Ask again by", validators=[InputRequired("Give a date.")])
    messages = {
        ("may_text", "changed"): (
            "Something changed while you asked her: she made it stricter herself, or all contact was stopped because "
            "it may have put her at risk. Look at what stands now. Save again only if she said so just now."
        ),
        ("number", "missing"): "Write her number, or say no to texts and calls.",
        ("number", "not_a_mobile"): "That is not a UK mobile number.",
        ("number", "real_number_in_demo"): "This is the demo: use a number from 07700 900000 to 07700 900999.",
        ("monday", "missing"): "Write when texts are safe, on one day at least.",
        ("cover_phrase", "missing"): "Write the phrase that she chose.",
        ("cover_phrase", "too_long"): f"Use {LONGEST_COVER} letters or fewer.",
        ("cover_phrase", "banned"): "This phrase would say too much on her phone. Choose a neutral one.",
        ("cover_phrase", "link"): "A phrase holds no link.",
        ("post_to", "missing"): "Write what stands on the envelope.",
        ("email", "missing"): "Write her e-mail address, or say no to e-mail.",
        ("email", "not_an_address"): "That is not an e-mail address.",
        ("check_again_on", "past"): "Choose a day after today.",
        ("check_again_on", "too_far"): "Choose a day within a year.",
    } | {
        (name, "missing"): "Answer this question."
        for name in ("wording", "names_worker", "may_reply", "auto_reply", "may_leave_message", "may_say_who",
                     "stable_phone", "reminds_week_before", "reminds_same_morning")
    }  # fmt: skip

    def validate(self, extra_validators=None) -> bool:
        """Whether every question that her answers leave open is answered."""
        valid = super().validate(extra_validators)
        if not self.check_again_on.data:
            return False
        for question in unanswered(self.answers()):
            field = DAYS[0] if question == "safe_hours" else question
            if not (self[field].errors or (question == "safe_hours" and any(day.errors for day in self.days))):
                self.refuse(Invalid(field, "missing"))
            valid = False
        return valid

    def answers(self, **further) -> ContactAnswers:
        """What she said, with what only the view can tell (number, hash of the code word)."""
        plain: dict[str, Any] = {name: self[name].data for name in _ASKED_PLAINLY}
        texts: dict[str, Any] = {
            name: self[name].data or ""
            for name in (
                "whose_phone",
                "who_else_sees",
                "wording",
                "cover_phrase",
                "trusted_person",
                "post_to",
                "email",
            )
        }
        return ContactAnswers(**plain, **texts, safe_hours=tuple(self.windows), **further)


_ASKED_IN_WORDS = ("whose_phone", "who_else_sees", "wording", "cover_phrase", "trusted_person", "post_to", "email")
_ASKED_PLAINLY = (
    "may_text",
    "may_ring",
    "text_language",
    "voice_language",
    "check_again_on",
    "names_worker",
    "may_reply",
    "auto_reply",
    "may_leave_message",
    "may_say_who",
    "may_post",
    "may_email",
    "stable_phone",
    "stable_home",
    "reminds_week_before",
    "reminds_same_morning",
    "code_by_text",
)
