"""Forms of signing in and setting up."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField
from wtforms.validators import InputRequired, Length

from portal.web.forms import PortalForm, one_line

_NEEDED = InputRequired(message=_l("Fill this in."))
_NO_MORE = Length(max=64, message=_l("Use 32 numbers or fewer."))
"""What is longer than any passcode is not even looked at; up to there a wrong one is only wrong (R14)."""
_PASSCODE_FAULTS = {
    "too_short": _l("Use 6 numbers or more."),
    "too_long": _l("Use 32 numbers or fewer."),
    "not_digits": _l("Use numbers only."),
    "too_few": _l("That is too easy to guess. Use at least 3 different numbers."),
    "in_a_row": _l("That is too easy to guess. Do not use numbers in a row, like 123456."),
    "twice": _l("That is too easy to guess. Do not use the same numbers twice, like 482482."),
}
"""What each rule says when a passcode breaks it; the page says the same rules before she types."""


def _shared() -> BooleanField:
    """Ticked by her alone: no guess is made about a phone (R15)."""
    return BooleanField(_l("This is not my own phone or computer"))


def _passcode_faults(field: str) -> dict:
    return {(field, fault): words for fault, words in _PASSCODE_FAULTS.items()}


class SignInForm(PortalForm):
    """Her code name and passcode."""

    code_name = one_line(_l("Code name"), validators=[_NEEDED])
    passcode = PasswordField(_l("Passcode"), validators=[_NEEDED, _NO_MORE])
    shared = _shared()
    messages = {("passcode", "wrong"): _l("The code name or the passcode is not right. Try again, or ask a worker.")}


class SetUpForm(PortalForm):
    """Her code name, the one-time code from her worker, and the passcode that she chooses."""

    code_name = one_line(_l("Code name"), validators=[_NEEDED])
    code = one_line(_l("One-time code"), longest=20, validators=[_NEEDED])
    passcode = PasswordField(_l("New passcode"), validators=[_NEEDED, _NO_MORE])
    shared = _shared()
    messages = {
        ("code", "wrong"): _l("The code name or the code is not right. It may be too old. Ask a worker for a new one."),
        **_passcode_faults("passcode"),
    }


class AskCodeForm(PortalForm):
    """For whom a code by text is wanted."""

    code_name = one_line(_l("Code name"), validators=[_NEEDED])


class TextCodeForm(PortalForm):
    """The code that a text brought."""

    code = one_line(_l("Code from the text"), longest=20, validators=[_NEEDED])
    shared = _shared()
    messages = {("code", "wrong"): _l("That did not work. Use your passcode, or ask a worker.")}


class PasscodeForm(PortalForm):
    """The passcode that she has, and the one that she wants in its place."""

    passcode = PasswordField(_l("The passcode you have now"), validators=[_NEEDED, _NO_MORE])
    new_passcode = PasswordField(_l("New passcode"), validators=[_NEEDED, _NO_MORE])
    messages = {("passcode", "wrong"): _l("That is not right. Try again."), **_passcode_faults("new_passcode")}


class StepUpForm(PortalForm):
    """Her passcode, asked again."""

    passcode = PasswordField(_l("Passcode"), validators=[_NEEDED, _NO_MORE])
    messages = {("passcode", "wrong"): _l("That is not right. Try again.")}
