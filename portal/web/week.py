"""The part of a form that asks for the windows of a week: one line a day, such as 09:30-14:30, 18:00-19:00."""

from collections.abc import Iterable
from typing import Any

from portal.core.errors import Invalid
from portal.core.week import DAYS, Window, read_windows, write_windows
from portal.web.forms import PortalForm, one_line

_LONGEST_DAY = 120

FAULTS = {
    "unreadable": "Write times like 09:30-14:30, with a comma between two.",
    "reversed": "Each time must end later than it begins.",
    "order": "Write the earlier time first.",
    "overlap": "Two of these times overlap.",
}
"""What is said of windows that cannot stand."""


class WeekForm(PortalForm):
    """A form with a line for each weekday; staff's own, so in English."""

    monday = one_line("Monday", _LONGEST_DAY)
    tuesday = one_line("Tuesday", _LONGEST_DAY)
    wednesday = one_line("Wednesday", _LONGEST_DAY)
    thursday = one_line("Thursday", _LONGEST_DAY)
    friday = one_line("Friday", _LONGEST_DAY)
    saturday = one_line("Saturday", _LONGEST_DAY)
    sunday = one_line("Sunday", _LONGEST_DAY)
    line_faults = FAULTS

    def validate(self, extra_validators=None) -> bool:
        """Whether everything is right, every day's line included."""
        valid = super().validate(extra_validators)
        self.windows: list[Any] = []
        for day, field in enumerate(self.days):
            if field.errors:
                continue
            try:
                self.windows += self.read_line(day, field.data or "")
            except Invalid as refusal:
                field.errors = [self.line_faults[refusal.reason]]
                valid = False
        return valid

    def read_line(self, day: int, text: str) -> list[Any]:
        """What one day's line says; raises Invalid with a reason of `line_faults`."""
        return [(day, opens, closes) for opens, closes in read_windows(text)]

    @property
    def days(self) -> list:
        """The seven lines, Monday first."""
        return [self[name] for name in DAYS]


def as_lines(windows: Iterable[Window]) -> dict[str, str]:
    """The windows of a week as the seven lines of a WeekForm."""
    listed = sorted(windows)
    return {
        name: write_windows((opens, closes) for day, opens, closes in listed if day == number)
        for number, name in enumerate(DAYS)
    }
