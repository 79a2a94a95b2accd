"""Forms of the directory, and its codes in words."""

import re

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice

from portal.help.rules import (
    BILL_NOTES,
    COLUMNS,
    COSTS,
    FAULT_WORDS,
    NEEDS,
    THIRD_PARTY,
    VERIFIED,
    faults_of,
    tidied,
)  # fmt: skip
from portal.web.forms import LONGEST_TEXT, OnceForm, one_line

NEED_WORDS = {
    "danger": lazy_gettext("I am in danger"),
    "abuse": lazy_gettext("Someone hurts, scares or controls me"),
    "sexual-violence": lazy_gettext("Unwanted sex or touch"),
    "mental-health": lazy_gettext("Feeling low, or very worried"),
    "drugs-alcohol": lazy_gettext("Drink or drugs"),
    "housing": lazy_gettext("A place to live"),
    "money": lazy_gettext("Money, benefits and debt"),
    "legal": lazy_gettext("The law and my rights"),
    "immigration": lazy_gettext("Staying in the UK"),
    "family": lazy_gettext("Family"),
    "children": lazy_gettext("Children"),
    "work": lazy_gettext("Work"),
    "prison-family": lazy_gettext("Someone I love is in prison"),
    "stalking": lazy_gettext("Someone follows or watches me"),
    "exploitation": lazy_gettext("Someone makes me work or have sex"),
    "disability": lazy_gettext("I am Deaf or disabled"),
}
"""Needs as she would say them."""

ACCESS_WORDS = {
    "bsl": lazy_gettext("British Sign Language"),
    "relay": lazy_gettext("Relay UK"),
    "text": lazy_gettext("text"),
    "webchat": lazy_gettext("chat on the web"),
    "email": lazy_gettext("email"),
    "in-person": lazy_gettext("go there"),
}
"""Ways to be heard beside a call, in words."""

WAY_WORDS = {
    "phone": lazy_gettext("Call"),
    "text": lazy_gettext("Text"),
    "webchat": lazy_gettext("Chat on the web"),
    "in-person": lazy_gettext("Go there"),
}
"""Ways to choose by, in words."""


def _choices(codes: tuple[str, ...]) -> list[SelectChoice]:
    return [SelectChoice(code, code.replace("-", " ").capitalize()) for code in codes]


def _line(label: str) -> StringField:
    # Signs that cannot be seen have no place in a page, so they are gone before the rules or the page meet them.
    return one_line(label, LONGEST_TEXT, filters=[lambda typed: re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", typed or "")])


class EntryForm(OnceForm):
    """One entry, as staff type it; the rules of the imported file hold here too."""

    name = _line("Name, as a woman would hear it")
    helps_with = _line("What it helps with, in 15 words or fewer")
    needs = SelectMultipleField("Needs", choices=_choices(NEEDS))
    audience = _line("Who it is for (empty: everyone)")
    boroughs = _line("Boroughs, with ; between them (empty: all London)")
    phone = _line("Number to ring")
    sms = _line("Number to text")
    sms_say = _line("The exact words to text, if there are any")
    web = _line("Address on the web, beginning with https://")
    hours = _line("Opening hours as OpenStreetMap writes them: Mo-Fr 09:00-17:00; PH off (PH: bank holidays)")
    hours_note = _line("Opening hours and other rules in plain words")
    cost = SelectField("Cost of the call or text", choices=[SelectChoice("", "Not said"), *_choices(COSTS)])
    bill_note = SelectField("On the phone bill", choices=[SelectChoice("", "No phone or text"), *_choices(BILL_NOTES)])
    languages = _line("Languages beside English, as ISO 639 codes or interpreter, with ; between")
    access = _line("Access: bsl, relay, text, webchat, email or in-person, with ; between")
    emergency = BooleanField("This is a 999 service")
    source = _line("Where this comes from")
    source_date = _line("Date of that: a year, 2026-03 or 2026-03-31")
    status = SelectField("Seen on", choices=[
        SelectChoice(VERIFIED, "Its own page, or a council's, the NHS's or another public body's"),
        SelectChoice(THIRD_PARTY, "Somebody else's page: hidden until you ring"),
    ], default=THIRD_PARTY)  # fmt: skip
    checked = BooleanField("I rang or opened it just now, and all of this is right")
    seen = HiddenField()
    messages = {
        ("key", "twice"): "Another entry has this key.",
        ("seen", "changed"): "Somebody changed this entry while you had it open. Look at what they wrote, then save.",
    }

    @property
    def row(self) -> dict[str, str]:
        """What was typed, as a tidied row; its key is empty unless the form asks for one."""
        typed = {column: self._fields[column].data or "" for column in COLUMNS if column in self._fields}
        return tidied(typed | {"needs": ";".join(typed["needs"]), "emergency": "yes" if typed["emergency"] else ""})

    def other_than(self, row: dict[str, str]) -> dict[str, str]:
        """What stands in an entry where something else was typed: labels and texts."""
        typed = self.row
        return {
            self._fields[column].label.text: row[column] or "(empty)"
            for column in COLUMNS
            if column in self._fields and typed[column] != row[column]
        }

    def validate(self, extra_validators=None) -> bool:
        """Check the fields, then the entry as a whole; every fault stands at its field."""
        if not super().validate(extra_validators):
            return False
        for column, reason in faults_of(self.row | self._key()):
            field = self._fields.get(column)
            if field is not None:
                field.errors = [*field.errors, FAULT_WORDS[reason].capitalize() + "."]
        return not any(field.errors for field in self)

    def _key(self) -> dict[str, str]:
        return {} if "key" in self._fields else {"key": "kept"}


class NewEntryForm(EntryForm):
    """An entry that is not there yet: its key can be chosen once."""

    key = _line("Short neutral key: small letters, digits, hyphens. It never changes.")


class ImportForm(OnceForm):
    """A CSV file; `text` and `seen` carry what was looked at to the import itself."""

    file = FileField("CSV file")
    text = HiddenField()
    seen = HiddenField()
    messages = {
        ("seen", "changed"): "Somebody changed the directory meanwhile. This is what the file would do now.",
        ("file", "missing"): "Choose a CSV file that is not empty.",
        ("file", "too_long"): "The file is larger than 300 kB.",
        ("file", "not_utf8"): "The file is not UTF-8. Save it as “CSV UTF-8”.",
    }
