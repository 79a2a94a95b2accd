"""The form of one part of her safety plan, on her pages."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired

from portal.plan.rules import LONGEST_WORDS
from portal.plan.safety_rules import Part
from portal.web.forms import PortalForm, free_text

HER_PARTS = {
    Part.NOTICE: _l("What I notice first"),
    Part.HELPS: _l("What helps me"),
    Part.RING: _l("Who I can ring"),
    Part.GO: _l("Where I can go"),
    Part.TAKE: _l("What to take"),
    Part.CHILDREN: _l("Things for my children"),
    Part.WORD: _l("A word that my friend knows"),
}


class PartForm(PortalForm):
    """One part in her words."""

    revision = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
    words = free_text("", LONGEST_WORDS)
    messages = {("words", "too_long"): _l("That is too long. Write at most %(max)d letters.", max=LONGEST_WORDS)}
