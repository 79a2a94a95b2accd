"""Forms of devices: unlocking a desk, the code that sets a device up."""

from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from portal.web.forms import PortalForm


class UnlockForm(PortalForm):
    """Who comes back to the desk, and her password."""

    who = RadioField("Who are you?", coerce=int, validators=[InputRequired("Choose who you are.")])
    password = PasswordField("Password", validators=[InputRequired("Fill this in."), Length(max=200)])
    messages = {("password", "wrong"): "That password is not right. Try again, or sign in anew."}


class DeviceCodeForm(PortalForm):
    """The code that a colleague reads out."""

    code = StringField("Code", validators=[InputRequired("Fill this in."), Length(max=20)])
    messages = {("code", "wrong"): "That code is not right, was used, or is too old. Ask for a new one."}
