"""Forms of signing in and setting up."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from portal.web.forms import PortalForm, one_line

_NEEDED = InputRequired(message=_l("Fill this in."))
_PASSCODE_FAULTS = {
    ("passcode", "too_short"): _l("Use 6 numbers or more."),
    ("passcode", "too_long"): _l("Use 32 numbers or fewer."),
    ("passcode", "not_digits"): _l("Use numbers only."),
    ("passcode", "too_easy"): _l("That is too easy to guess. Mix the numbers more."),
}


class SignInForm(PortalForm):
    """Her code name and passcode."""

    code_name = one_line(_l("Code name"), validators=[_NEEDED])
    passcode = PasswordField(_l("Passcode"), validators=[_NEEDED, Length(max=64)])
    messages = {("passcode", "wrong"): _l("The code name or the passcode is not right. Try again, or ask a worker.")}


class SetUpForm(PortalForm):
    """Her code name, the one-time code from her worker, and the passcode that she chooses."""

    code_name = one_line(_l("Code name"), validators=[_NEEDED])
    code = one_line(_l("One-time code"), longest=20, validators=[_NEEDED])
    passcode = PasswordField(_l("New passcode"), validators=[_NEEDED, Length(max=64)])
    messages = {
        ("code", "wrong"): _l("The code name or the code is not right. It may be too old. Ask a worker for a new one."),
        **_PASSCODE_FAULTS,
    }


class StepUpForm(PortalForm):
    """Her passcode, asked again."""

    passcode = PasswordField(_l("Passcode"), validators=[_NEEDED, Length(max=64)])
    messages = {("passcode", "wrong"): _l("That is not right. Try again.")}
