"""Forms of her own pages and of the demo's phones; those of staff are in `staff_forms`, which her pages never load."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from portal.messaging.hers import LONGEST_MESSAGE
from portal.web.forms import OnceForm, PortalForm, free_text, one_line


class OwnMessageForm(OnceForm):
    """Her message to us."""

    body = free_text(_l("What do you want to say?"), LONGEST_MESSAGE)
    messages = {
        ("body", "missing"): _l("Write your message first."),
        ("body", "too_long"): _l("That is too long. Write less."),
    }


class PhoneForm(PortalForm):
    """The demo's phones: a text sent from a number."""

    number = one_line("Number", validators=[InputRequired("Fill this in.")])
    body = free_text("Text", 1600, validators=[InputRequired("Write something first.")])
    messages = {
        ("number", "not_a_mobile"): "Write a mobile number from 07700 900000 to 07700 900999.",
        ("number", "real_number_in_demo"): "Only made-up numbers, 07700 900000 to 07700 900999.",
    }
