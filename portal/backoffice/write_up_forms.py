"""The form after a session: what came of it, a note, what was done, the same time next week."""

from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.clients.note_rules import LONGEST_NOTE, MARKS_WORDS
from portal.web.forms import OnceForm, free_text, to_choose

ATTENDED = {"yes": "Yes", "late": "Yes, late", "no": "No"}
HAPPENED = {"yes": "Yes", "no": "No"}
REASON_WORDS = {
    "hers_acceptable": "Hers, and acceptable (ill, a child, a benefits appointment)",
    "hers_not": "Hers, with no reason that we know of",
    "service": "Ours (closed, no worker, no reminder reached her, no interpreter)",
    "safety": "It was not safe for her to come",
}
OFFER_WORDS = {
    "another_time": "Another time",
    "a_call": "A call from her worker",
    "other_help": "Other help",
    "not_yet": "Nothing yet",
}


class OutcomeForm(OnceForm):
    """Attended yes, late or no; did the session happen; else whose reason, and what she was offered next; the rest."""

    attendance = RadioField("Did she attend?", choices=to_choose(ATTENDED.items()), validators=[Optional()])
    happened = RadioField("Did the session happen?", choices=to_choose(HAPPENED.items()), validators=[Optional()])
    reason_class = RadioField("If not, whose reason was it?", validators=[Optional()])
    offered = RadioField("What was she offered next?", choices=to_choose(OFFER_WORDS.items()), validators=[Optional()])
    note = free_text("Note, for staff only", LONGEST_NOTE)
    is_opinion = RadioField("The note is", choices=to_choose(MARKS_WORDS.items()), validators=[Optional()])
    third_party = BooleanField("The note tells of somebody else too")
    safe_to_show = BooleanField("The note may go into a copy of her data")
    done = SelectMultipleField(
        "Done since then", coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    again = BooleanField("Book the same time next week")
    messages = {
        ("is_opinion", "missing"): "Say whether your note is a fact or your opinion.",
        ("attendance", "missing"): "Say whether she attended.",
        ("happened", "missing"): "Say whether the session happened.",
        ("happened", "she_did_not_come"): "She did not attend, so the session did not happen.",
        ("reason_class", "missing"): "Say whose reason it was.",
        ("reason_class", "not_reminded"): "No reminder reached her, so the reason is ours.",
        ("offered", "missing"): "Say what she was offered next.",
        ("again", "taken"): "That time is not free next week. Untick this, save, and book another time.",
    }
