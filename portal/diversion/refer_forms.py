"""The form of whoever refers a woman, and the small ones of those who read referrals."""

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from portal.core.boroughs import BOROUGHS
from portal.core.locales import LANGUAGES, named
from portal.diversion import intake_rules as rules
from portal.diversion.intake import MOST_NAMES, MOST_SESSIONS, Asked
from portal.diversion.intake_forms import LONGEST_NAMES, contact_of, names_of
from portal.web.forms import OnceForm, free_text, one_line, to_choose
from portal.web.routing import row_id

_ANSWER = InputRequired("Answer this question.")
_CHOOSE = InputRequired("Choose one.")
_A_NUMBER = "Write a number."


def _or_none(listed: dict[str, str], none: str) -> list:
    return to_choose([("", none), *listed.items()])


class ReferForm(OnceForm):
    """Everything that a referral says; whatever has an answer already is asked for with it filled in."""

    called_name = one_line("What may we call her?", 60)
    language = SelectField("Language", choices=lambda: to_choose((code, named(code)) for code in LANGUAGES))
    centre_id = SelectField("Centre", coerce=row_id, validate_choice=False)
    agreed_how = RadioField(
        "She agrees to be referred, and said so",
        choices=to_choose(
            [("herself", "here, beside me"), ("spoken", "by phone or video"), ("written", "in writing, on file")]
        ),
        validators=[InputRequired("Ask her. Without her agreement there is no referral.")],
    )
    may_text = BooleanField("May be texted")
    may_ring = BooleanField("May be rung")
    may_leave_message = BooleanField("A voice message may be left")
    comes_in = BooleanField("Will come in")
    number = one_line("Mobile number", 30)
    whose_phone = RadioField(
        "Whose phone?",
        choices=to_choose([("own", "Hers alone"), ("shared", "Others may look"), ("someone_else", "Another's")]),
        validate_choice=False,
    )
    hours = one_line("When is it safe?", 100)
    must_not_know = RadioField(
        "Who must not know of this?",
        choices=to_choose(
            [("nobody", "She says: nobody"), ("somebody", "These people"), ("later", "Somebody; she will say who")]
        ),
        validators=[InputRequired("Ask her. There is no usual answer.")],
    )
    names = free_text("Names, one on each line", LONGEST_NAMES)
    source = SelectField("From", choices=_or_none({k: v for k, v in rules.SOURCES.items() if k != "herself"}, "Choose"),
                         validators=[_CHOOSE])  # fmt: skip
    reference = one_line("Your reference", 40)
    borough = SelectField("Borough she lives in", choices=_or_none({name: name for name in BOROUGHS}, "Not said"))
    police_area = SelectField("Police area", choices=_or_none(rules.POLICE_AREAS, "None"))
    disposal = SelectField("Disposal", validate_choice=False)
    disposal_on = DateField("Given on", validators=[Optional()])
    offence_group = SelectField("Group of offence", choices=to_choose(rules.OFFENCE_GROUPS.items()), default="not_said")
    reporter_is_family = RadioField(
        "Is or was the person who reported it her partner or family?",
        choices=to_choose([("yes", "Yes"), ("no", "No"), ("unknown", "Not known")]),
        validators=[_ANSWER],
    )
    sessions_needed = IntegerField("Appointments asked of her", validators=[Optional()])
    due_on = DateField("By", validators=[Optional()])
    release_on = DateField("Released from prison on", validators=[Optional()])
    messages = {
        ("called_name", "missing"): "Fill this in. It need not be her real name.",
        ("centre_id", "unknown"): "Choose a centre.",
        ("may_text", "missing"): "Tick what she agreed to, or that she will come in.",
        ("number", "missing"): "Write her number, or tick only that she will come in.",
        ("number", "not_a_mobile"): "That is not a UK mobile number.",
        ("number", "real_number_in_demo"): "This is the demo: use a number from 07700 900000 to 07700 900999.",
        ("whose_phone", "missing"): "Ask her whose phone it is.",
        ("names", "missing"): "Write the names, or choose that she will say who.",
        ("names", "too_many"): f"Write {MOST_NAMES} names or fewer.",
        ("reference", "missing"): "Write the reference by which you know this referral. Never her name.",
        ("disposal", "unknown"): "Choose one from the list.",
        ("disposal_on", "future"): "That day is still to come.",
        ("sessions_needed", "range"): f"Write a number from 1 to {MOST_SESSIONS}.",
        ("due_on", "missing"): "Write by when.",
        ("due_on", "past"): "Choose a day after today.",
        ("due_on", "too_far"): "Choose a day within a year.",
        ("release_on", "missing"): "Write the day of her release. Nothing is sent to her before it.",
        ("release_on", "past"): "That day is past. Leave it empty if she is free.",
        ("release_on", "too_far"): "Choose a day within a year.",
    }

    def asked(self, *, drama_only: bool) -> Asked:
        """What the form says; raises Invalid of `core.phone` for a number that is none."""
        return Asked(
            called_name=self.called_name.data or "",
            language=self.language.data or "",
            centre_id=self.centre_id.data or 0,
            contact=contact_of(self, drama_only=drama_only),
            must_not_know=self.must_not_know.data or "",
            names=names_of(self),
            agreed_how=self.agreed_how.data or "",
            source=self.source.data or "",
            reference=self.reference.data or "",
            borough=self.borough.data or "",
            police_area=self.police_area.data or "",
            disposal=self.disposal.data or "",
            disposal_on=self.disposal_on.data,
            offence_group=self.offence_group.data or "",
            release_on=self.release_on.data,
            # R45: where it is not known, what is told holds counts alone.
            reporter_is_family=self.reporter_is_family.data != "no",
            sessions_needed=self.sessions_needed.data,
            due_on=self.due_on.data,
        )


class KeyworkerForHerForm(OnceForm):
    """Who is to be her keyworker."""

    to_id = SelectField("Keyworker", coerce=row_id, validate_choice=False)
    messages = {
        ("to_id", "not_there"): "She does not work here any more. Choose another.",
        ("to_id", "away"): "She is away and nobody covers. Choose another.",
        ("to_id", "must_not_know"): "She must not know of her. Choose another.",
        ("to_id", "elsewhere"): "She does not work at that centre. Choose another.",
        ("to_id", "moved"): "Somebody gave her a keyworker meanwhile. Look again.",
        ("to_id", "same"): "Choose a keyworker.",
    }


class DeclineForm(OnceForm):
    """Why a referral is declined; who referred her reads only that it was."""

    reason = RadioField(
        "Why?", choices=to_choose(rules.DECLINED_BECAUSE.items()), validators=[InputRequired("Say why.")]
    )
    messages = {
        ("reason", "missing"): "Say why.",
        (
            "reason",
            "has_appointment",
        ): "She has an appointment. Tell her and cancel it first: nobody comes for nothing.",
    }


class FirstContactForm(OnceForm):
    """How first contact was made: each way is a button."""

    how = SelectField("How", choices=to_choose(rules.FIRST_CONTACT_HOW.items()), validate_choice=False)
    messages = {("how", "missing"): "Say how."}


class ReleaseForm(OnceForm):
    """The day on which she is released; empty when she is free."""

    release_on = DateField("Released on", validators=[Optional()])
    messages = {
        ("release_on", "past"): "That day is past. Leave it empty if she is free.",
        ("release_on", "too_far"): "Choose a day within a year.",
    }


class DisposalForm(OnceForm):
    """A disposal by its name, and whether it is in use."""

    name = one_line("Name", 80)
    archived = BooleanField("Not in use any more")
    messages = {("name", "missing"): "Write its name.", ("name", "taken"): "There is one of this name."}
