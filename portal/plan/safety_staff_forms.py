"""The form of a safety plan that a worker writes down with her."""

from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired

from portal.core.locales import LANGUAGES
from portal.plan.rules import LONGEST_WORDS
from portal.plan.safety_rules import Part
from portal.web.forms import PortalForm, free_text, to_choose

STAFF_PARTS: dict[str, str] = {
    Part.NOTICE: "What she notices first",
    Part.HELPS: "What helps her",
    Part.RING: "Whom she can ring",
    Part.GO: "Where she can go",
    Part.TAKE: "What to take",
    Part.CHILDREN: "Things for her children",
    Part.WORD: "Her code word with a friend",
}


class WithHerForm(PortalForm):
    """All parts, as a worker writes them down with her."""

    revision = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
    notice = free_text(STAFF_PARTS[Part.NOTICE], LONGEST_WORDS)
    helps = free_text(STAFF_PARTS[Part.HELPS], LONGEST_WORDS)
    ring = free_text(STAFF_PARTS[Part.RING], LONGEST_WORDS)
    go = free_text(STAFF_PARTS[Part.GO], LONGEST_WORDS)
    take = free_text(STAFF_PARTS[Part.TAKE], LONGEST_WORDS)
    children = free_text(STAFF_PARTS[Part.CHILDREN], LONGEST_WORDS)
    word = free_text(STAFF_PARTS[Part.WORD], LONGEST_WORDS)
    language = SelectField("Language", choices=to_choose((code, known.latin) for code, known in LANGUAGES.items()))
    together = BooleanField(
        "She and I wrote this together, and she wants me to be able to read it",
        validators=[InputRequired("Write it only with her, and only if she wants you to read it.")],
    )
