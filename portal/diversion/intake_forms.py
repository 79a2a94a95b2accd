"""The form with which she asks for support herself: one page, nothing that she need not say."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.core.locales import LANGUAGES
from portal.core.phone import parse_mobile
from portal.diversion.intake import Asked, SaidContact
from portal.web.forms import OnceForm, free_text, one_line, to_choose
from portal.web.routing import row_id

_ANSWER = InputRequired(_l("Answer this question."))
LONGEST_NAMES = 400


class AskForm(OnceForm):
    """What she tells us of herself; nobody asks why."""

    called_name = one_line(_l("What may we call you?"), 60)
    language = SelectField(_l("Which language do you want?"))
    centre_id = SelectField(_l("Which place is best for you?"), coerce=row_id, validate_choice=False)
    may_text = BooleanField(_l("You may text me"))
    may_ring = BooleanField(_l("You may ring me"))
    may_leave_message = BooleanField(_l("You may leave a voice message"))
    comes_in = BooleanField(_l("I will come in"))
    number = one_line(_l("Your mobile number"), 30)
    whose_phone = RadioField(
        _l("Whose phone is it?"),
        choices=to_choose(
            [
                ("own", _l("Mine. Nobody else looks at it.")),
                ("shared", _l("Somebody else may look at it.")),
                ("someone_else", _l("It is another person's phone.")),
            ]
        ),
        validate_choice=False,
    )
    hours = one_line(_l("When is a good time?"), 100)
    must_not_know = RadioField(
        _l("Is there a person who must not know?"),
        choices=to_choose(
            [
                ("nobody", _l("No")),
                ("somebody", _l("Yes. I write the name below.")),
                ("later", _l("Yes. I will tell you later.")),
            ]
        ),
        validators=[_ANSWER],
    )
    names = free_text(_l("Who? One name on each line."), LONGEST_NAMES)
    agreed = BooleanField(_l("Yes, keep what I wrote here. Help me start."))
    messages = {
        ("called_name", "missing"): _l("Fill this in."),
        ("language", "unknown"): _l("Choose a language."),
        ("centre_id", "unknown"): _l("Choose a place."),
        ("may_text", "missing"): _l("Choose one or more ways."),
        ("number", "missing"): _l("Write your number, or choose only “I will come in”."),
        ("number", "not_a_mobile"): _l("That is not a UK mobile number."),
        ("number", "real_number_in_demo"): _l("This is a demo. Use a number from 07700 900000 to 07700 900999."),
        ("whose_phone", "missing"): _l("Answer this question."),
        ("names", "missing"): _l("Write a name, or choose “I will tell you later”."),
        ("names", "too_many"): _l("Write 10 names or fewer."),
        ("agreed", "missing"): _l("Tick this so that we can start."),
        ("request_key", "missing"): _l("Press the button again."),
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [SelectChoice(one.code, one.own_name, {"lang": one.code}) for one in LANGUAGES.values()]

    def asked(self, *, drama_only: bool) -> Asked:
        """What she wrote; raises Invalid of `core.phone` for a number that is none."""
        return Asked(
            called_name=self.called_name.data or "",
            language=self.language.data or "",
            centre_id=self.centre_id.data or 0,
            contact=contact_of(self, drama_only=drama_only),
            must_not_know=self.must_not_know.data or "",
            names=names_of(self),
        )


def contact_of(form, *, drama_only: bool) -> SaidContact:
    """How she may be reached, from a form with these questions; raises Invalid("number", reason)."""
    typed = (form.number.data or "").strip()
    by_phone = form.may_text.data or form.may_ring.data
    return SaidContact(
        may_text=form.may_text.data,
        may_ring=form.may_ring.data,
        may_leave_message=bool(form.may_ring.data and form.may_leave_message.data),
        comes_in=form.comes_in.data,
        number=parse_mobile(typed, drama_only=drama_only) if typed and by_phone else None,
        whose_phone=form.whose_phone.data or "" if by_phone else "",
        hours=(form.hours.data or "").strip(),
    )


def names_of(form) -> tuple[str, ...]:
    """The names of who must not know, one a line; none unless she said that there is somebody."""
    if form.must_not_know.data != "somebody":
        return ()
    return tuple(line.strip() for line in (form.names.data or "").splitlines() if line.strip())
