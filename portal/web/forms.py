"""Forms: one base class with our messages, our kind of fields, and the answer 422 when something is wrong."""

import re
from collections.abc import Iterable
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from portal.core.errors import Invalid
from portal.web.once import new_key

LONGEST_TEXT = 2000

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class _LibraryWords:
    """What WTForms says by itself: kept for staff; to her it would be English, or words that nobody read for us."""

    def gettext(self, words: str) -> str:
        return words if request.path.startswith("/staff") else gettext("Check this answer.")

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


class PortalForm(FlaskForm):
    """A form of ours. `messages` maps a refusal's (field, reason) to the words that stand at the field."""

    messages: dict[tuple[str, str], str] = {}

    class Meta(FlaskForm.Meta):
        """Where the library's own messages come from."""

        def get_translations(self, form) -> _LibraryWords:
            """Ours, in every language."""
            return _LibraryWords()

    def refuse(self, refusal: Invalid) -> None:
        """Show a service's refusal at its field."""
        field = self._fields.get(refusal.field)
        words = self.messages.get((refusal.field, refusal.reason)) or _l("Check this answer.")
        target = field if field is not None else next(iter(self._fields.values()))
        target.errors = [*target.errors, words]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(field id, words) of every fault, for the summary at the top."""
        return [(field.id, str(error)) for field in self for error in field.errors]


class OnceForm(PortalForm):
    """A form that makes something: its request_key keeps a second press from making it twice (R38)."""

    request_key = HiddenField(default=new_key)


def one_line(label, longest: int = 80, **kwargs) -> StringField:
    """A text field of one line; longer answers are refused with words, never cut."""
    return StringField(label, **_with_our_checks(longest, kwargs))


def free_text(label, longest: int = LONGEST_TEXT, **kwargs) -> TextAreaField:
    """A text field of several lines."""
    return TextAreaField(label, **_with_our_checks(longest, kwargs))


def to_choose(options: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """Choices of a select or radio field from (value, words)."""
    return [SelectChoice(value, words) for value, words in options]


def unprocessable(template: str, **values):
    """The page of a form with faults: status 422, everything typed still in it."""
    return render_template(template, **values), 422


def described(field, hint: str, attributes: dict) -> dict:
    """A field's attributes with the ids of its hint and its faults, for those who hear the page."""
    faults = [f"{field.id}-fault{f'-{number}' if number > 1 else ''}" for number in range(1, len(field.errors) + 1)]
    ids = ([f"{field.id}-hint"] if hint else []) + faults
    described_by = {"aria-describedby": " ".join(ids)} if ids else {}
    return {**attributes, **described_by, **({"aria-invalid": "true"} if field.errors else {})}


def _with_our_checks(longest: int, options: dict) -> dict:
    validators = [*options.pop("validators", []), _at_most(longest)]
    filters = [_clean, *options.pop("filters", [])]
    return {**options, "validators": validators, "filters": filters}


def _clean(typed: str | None) -> str | None:
    """Without control letters, which no page may show and PostgreSQL does not store; line ends and tabs stay."""
    return typed if typed is None else _CONTROL.sub("", typed.replace("\r\n", "\n"))


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=_l("That is too long. Write at most %(max)d letters."))
