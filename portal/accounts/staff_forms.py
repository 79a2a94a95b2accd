"""Forms of staff: signing in, the second step, set-up, and their own sign-in page."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.accounts.passkeys import LONGEST_ANSWER
from portal.web.forms import PortalForm, one_line

_NEEDED = InputRequired("Fill this in.")
_CODE_WRONG = "That code is not right, or was used before. Wait for the next one."
_PASSKEY_FAULTS = {
    ("passkey", "wrong"): "The passkey was not accepted. Try again.",
    ("passkey", "taken"): "This passkey is somebody's already.",
    ("passkey", "too_many"): "You have 10 passkeys. Remove one first.",
    ("passkey", "missing"): "Press the button to make a passkey.",
}
_PASSWORD_FAULTS = {
    "too_short": "Use 12 letters or more. Three random words are good.",
    "too_long": "Use 128 letters or fewer.",
    "too_easy": "That is too easy to guess. Leave out your name and the word password.",
}


def _passkey() -> HiddenField:
    return HiddenField("Passkey", validators=[Length(max=LONGEST_ANSWER)])


class StaffSignInForm(PortalForm):
    """A member of staff's e-mail address and password."""

    email = StringField("E-mail address", validators=[_NEEDED, Length(max=200)])
    password = PasswordField("Password", validators=[_NEEDED, Length(max=200)])
    messages = {("password", "wrong"): "The e-mail address or the password is not right."}


class PasskeySignInForm(PortalForm):
    """A passkey alone."""

    passkey = _passkey()
    messages = _PASSKEY_FAULTS


class SecondFactorForm(PortalForm):
    """The second step: the code of the authenticator app, or a passkey."""

    code = StringField("Code from your app", validators=[Length(max=20)])
    passkey = _passkey()
    messages = {
        ("code", "missing"): "Fill this in.",
        ("code", "wrong"): _CODE_WRONG,
        **_PASSKEY_FAULTS,
    }


class RecoveryForm(PortalForm):
    """A recovery code in place of the second step."""

    recovery_code = one_line("Recovery code", 40, validators=[_NEEDED])
    messages = {("recovery_code", "wrong"): "That code is not right, or was used before. Try another one."}


class ProofForm(PortalForm):
    """The second step asked for again; names of its own, because another form's fields may travel beside them."""

    proof_code = StringField("Code from your app", validators=[Length(max=20)])
    proof_passkey = _passkey()
    messages = {
        ("proof_code", "missing"): "Fill this in.",
        ("proof_code", "wrong"): _CODE_WRONG,
        ("proof_passkey", "wrong"): _PASSKEY_FAULTS["passkey", "wrong"],
    }


class StaffSetUpForm(PortalForm):
    """A new password, and the first code of a new authenticator app or a new passkey."""

    password = PasswordField("New password", validators=[_NEEDED, Length(max=200)])
    code = StringField("Code from your app", validators=[Length(max=20)])
    passkey = _passkey()
    messages = {
        **{("password", reason): words for reason, words in _PASSWORD_FAULTS.items()},
        ("code", "missing"): "Type the code of your app, or make a passkey.",
        ("code", "wrong"): "That code is not right. Scan the picture again and type the newest code.",
        **_PASSKEY_FAULTS,
    }


class AddPasskeyForm(PortalForm):
    """A new passkey and what she calls it."""

    name = one_line("Name of the passkey", 40)
    passkey = _passkey()
    messages = _PASSKEY_FAULTS


class AppForm(PortalForm):
    """The first code of a new authenticator app."""

    code = StringField("Code from the new app", validators=[_NEEDED, Length(max=20)])
    messages = {("code", "wrong"): "That code is not right. Scan the new picture and type the newest code."}


class PasswordForm(PortalForm):
    """The old password and a new one."""

    old_password = PasswordField("Old password", validators=[_NEEDED, Length(max=200)])
    new_password = PasswordField("New password", validators=[_NEEDED, Length(max=200)])
    messages = {
        ("old_password", "wrong"): "That is not your password.",
        **{("new_password", reason): words for reason, words in _PASSWORD_FAULTS.items()},
    }
