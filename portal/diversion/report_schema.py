"""The strict shape of a report: what does not fit it is told to nobody (R31)."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from portal.clients.rules import fold_code_name
from portal.diversion.rules import MOST_SESSIONS, REASON_CLASSES, Report, ReportStatus, What

_REFERENCE = re.compile(r"(?=[^0-9]*[0-9])(?!.*[A-Za-z]{7})[A-Za-z0-9]{1,12}(?:[-/. ][A-Za-z0-9]{1,12}){0,4}", re.ASCII)
"""A digit, no word of more than six letters, and parts of letters and digits."""
LONGEST_REFERENCE = 30


class NotAReport(ValueError):
    """That something is no report of ours; it names the field and never its value (R10)."""


def is_reference(reference: str, names: Iterable[str] = ()) -> bool:
    """Whether a referrer's reference is one: short, plain letters and digits with a digit, and none of her names."""
    if len(reference) > LONGEST_REFERENCE or not _REFERENCE.fullmatch(reference):
        return False
    told = fold_code_name(reference)
    words = {fold_code_name(word) for name in names for word in name.split()}
    return not any(word in told for word in words if len(word) > 1 and not word.isdecimal())


def checked(content: dict[str, Any], names: Iterable[str] = ()) -> dict[str, Any]:
    """A report that fits its shape, as it was given; raises NotAReport for anything else.

    The fields, their order, their types and their closed lists are fixed. A reference that is none is told as an
    empty one: `names` are hers, and never part of it.
    """
    if not isinstance(content, dict) or tuple(content) != Report._fields:
        raise NotAReport("fields")
    _check_types(content)
    if content["condition"] not in {one.value for one in What}:
        raise NotAReport("condition")
    if content["status"] not in {one.value for one in ReportStatus}:
        raise NotAReport("status")
    if not 1 <= content["needed"] <= MOST_SESSIONS or not 0 <= content["attended"] <= content["needed"]:
        raise NotAReport("attended")
    _check_days(content)
    reasons = REASON_CLASSES if content["status"] == ReportStatus.NOT_MET else ("",)
    if content["reason_class"] not in reasons:
        raise NotAReport("reason_class")
    is_told = is_reference(content["reference"], names)
    return content if is_told or not content["reference"] else content | {"reference": ""}


_TYPES: dict[str, type] = dict.fromkeys(Report._fields, str) | {"needed": int, "attended": int, "attended_dates": list}


def _check_types(content: dict[str, Any]) -> None:
    for field, wanted in _TYPES.items():
        value = content[field]
        # A yes or no is a whole number to Python, and an enumeration's member a string: neither is one to a reader.
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise NotAReport(field)


def _check_days(content: dict[str, Any]) -> None:
    days = content["attended_dates"]
    if not all(isinstance(day, str) and _is_day(day) for day in days) or days != sorted(days):
        raise NotAReport("attended_dates")
    if days and len(days) != content["attended"]:
        raise NotAReport("attended_dates")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
