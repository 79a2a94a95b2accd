"""What a line of the list says, checked against who works here and what is offered: every fault of every line. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from portal.backoffice.moving_file import COLUMNS, Fault, Line
from portal.core import clock
from portal.core.digits import western
from portal.core.errors import Invalid
from portal.core.locales import LANGUAGES
from portal.core.phone import parse_mobile

LONGEST_NAME, LONGEST_REFERENCE, MOST_SESSIONS = 80, 40, 20
NOBODY = ("nobody", "no one", "none")
_APPOINTMENTS = ("appointment 1", "appointment 2", "appointment 3")
_CONDITION = ("sessions needed", "needed by", "counted from", "reference", "reported by family")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d %b %Y", "%d %B %Y")
_TIMES = ("%H:%M", "%H:%M:%S", "%H.%M", "%I:%M %p", "%I:%M%p", "%I%p")
_PHONE_WORDS = {
    "not_a_mobile": "that is not a UK mobile number. Leave it empty if she has none.",
    "real_number_in_demo": "this is the demo: use numbers from 07700 900000 to 07700 900999.",
}


class Worker(NamedTuple):
    """Somebody who works here, as a list may name her; `keyworker` says whether she can have a caseload."""

    id: int
    name: str
    first_name: str
    email: str
    centre_ids: tuple[int, ...]
    keyworker: bool


class House(NamedTuple):
    """What a list is checked against: who works here, the importer's centres by id, each centre's kinds in order."""

    workers: tuple[Worker, ...]
    centres: dict[int, str]
    kinds: dict[int, dict[int, str]]
    importer_id: int
    today: date
    drama_only: bool


Row = dict[str, Any]
"""One woman as plain JSON values: line, called_name, number, language, keyworker_id, centre_id, must_not_know (None:
nobody asked), kind_id, times (ISO instants), and condition (None or its facts)."""


def check(lines: Iterable[Line], house: House) -> tuple[list[Row], list[Fault]]:
    """The women of a list, and every fault of every line at once; the rows count only when there is no fault."""
    rows, faults = [], []
    for line in lines:
        reader = _Reader(line, house)
        rows.append(reader.row())
        faults += reader.faults
    return rows, faults


class _Reader:
    """Reads one line; what is wrong collects in `faults`."""

    def __init__(self, line: Line, house: House) -> None:
        self.cells: Mapping[str, str] = line.cells
        self.number, self.house = line.number, house
        self.faults: list[Fault] = []

    def row(self) -> Row:
        keyworker = self._keyworker()
        centre_id = self._centre(keyworker)
        times = [at for name in _APPOINTMENTS if (at := self._moment(name)) is not None]
        return {
            "line": self.number,
            "called_name": self._name(),
            "number": self._phone(),
            "language": self._language(),
            "keyworker_id": keyworker.id if keyworker else 0,
            "centre_id": centre_id,
            "must_not_know": self._must_not_know(keyworker),
            "kind_id": self._kind(centre_id) if times or self._cell("kind") else None,
            "times": times,
            "condition": self._condition(),
        }

    def _cell(self, name: str) -> str:
        return self.cells.get(name, "")

    def _fault(self, name: str, words: str) -> None:
        self.faults.append(Fault(self.number, COLUMNS[name], words))

    def _name(self) -> str:
        name = self._cell("called name")
        if not name:
            self._fault("called name", "write the name that is called out for her.")
        elif len(name) > LONGEST_NAME:
            self._fault("called name", f"that is too long: at most {LONGEST_NAME} letters.")
        return name

    def _phone(self) -> str | None:
        typed = western(self._cell("phone"))
        if not typed:
            return None
        if re.fullmatch(r"[\d.]+E\+?\d+", typed, re.IGNORECASE):
            words = "your spreadsheet program has shortened this number. Set the column to “Text” and write it again."
            self._fault("phone", words)
            return None
        # Spreadsheet programs take the 0 in front for nothing.
        digits = re.sub(r"\s", "", typed)
        typed = f"0{digits}" if re.fullmatch(r"7\d{9}", digits) else typed
        typed = f"+{digits}" if re.fullmatch(r"447\d{9}", digits) else typed
        try:
            return parse_mobile(typed, drama_only=self.house.drama_only)
        except Invalid as refusal:
            self._fault("phone", _PHONE_WORDS[refusal.reason])
            return None

    def _language(self) -> str:
        said = self._cell("language").casefold() or "english"
        for language in LANGUAGES.values():
            if said in (language.code, language.latin.casefold(), language.own_name.casefold()):
                return language.code
        known = ", ".join(language.latin for language in LANGUAGES.values())
        self._fault("language", f"this language is not one of the portal's: {known}.")
        return "en"

    def _keyworker(self) -> Worker | None:
        said = self._cell("keyworker")
        if not said:
            self._fault("keyworker", "write her keyworker's name or e-mail address.")
            return None
        found = [worker for worker in self._named(said) if worker.keyworker]
        if len(found) == 1:
            return found[0]
        words = "fits more than one keyworker: write the e-mail address" if found else "is no keyworker at your centres"
        self._fault("keyworker", f"“{said[:60]}” {words}.")
        return None

    def _named(self, said: str) -> list[Worker]:
        folded = said.casefold()
        for what in ("email", "name", "first_name"):
            found = [worker for worker in self.house.workers if getattr(worker, what).casefold() == folded]
            if found:
                return found
        return []

    def _centre(self, keyworker: Worker | None) -> int:
        said = self._cell("centre").casefold()
        if said:
            found = [number for number, name in self.house.centres.items() if name.casefold() == said]
            if not found:
                self._fault("centre", f"this is none of your centres: {', '.join(self.house.centres.values())}.")
                return 0
        else:
            found = [number for number in self.house.centres if keyworker and number in keyworker.centre_ids]
            if keyworker and len(found) > 1:
                self._fault("centre", "her keyworker works at several centres: write which.")
                return 0
        if keyworker and found and found[0] not in keyworker.centre_ids:
            self._fault("centre", f"{keyworker.first_name} does not work there.")
        return found[0] if found else 0

    def _must_not_know(self, keyworker: Worker | None) -> list[int] | None:
        said = self._cell("must not know")
        if not said:
            return None
        if said.casefold() in NOBODY:
            return []
        ids: set[int] = set()
        for part in filter(None, (part.strip() for part in re.split(r"[;,|]", said))):
            found = self._named(part)
            if len(found) != 1:
                words = "fits more than one person: write the e-mail address" if found else "does not work here"
                self._fault("must not know", f"“{part[:60]}” {words}. Write “nobody” if there is nobody.")
            ids |= {worker.id for worker in found}
        if keyworker and keyworker.id in ids:
            self._fault("must not know", "that is her keyworker.")
        if self.house.importer_id in ids:
            self._fault("must not know", "that is you: somebody else must bring her over.")
        return sorted(ids)

    def _kind(self, centre_id: int) -> int | None:
        said, offered = self._cell("kind").casefold(), self.house.kinds.get(centre_id, {})
        if not centre_id:
            return None
        if not offered:
            self._fault("kind", "this centre offers no kind of appointment yet.")
            return None
        if not said:
            return next(iter(offered))
        found = [number for number, name in offered.items() if name.casefold() == said]
        if not found:
            self._fault("kind", f"this centre offers: {', '.join(offered.values())}.")
        return found[0] if found else None

    def _moment(self, name: str) -> str | None:
        said = self._cell(name)
        if not said:
            return None
        moment = read_moment(said)
        if moment is None:
            self._fault(name, "write a day and a time like 03/12/2026 14:30.")
            return None
        return clock.from_london(moment.date(), moment.time()).isoformat()

    def _day(self, name: str) -> date | None:
        said = self._cell(name)
        day = read_day(said)
        if said and day is None:
            self._fault(name, "write a day like 31/01/2027.")
        return day

    def _condition(self) -> dict[str, Any] | None:
        if not any(self._cell(name) for name in _CONDITION if name != "reported by family"):
            return None
        needed = western(self._cell("sessions needed"))
        if not re.fullmatch(r"\d{1,2}", needed) or not 1 <= int(needed) <= MOST_SESSIONS:
            self._fault("sessions needed", f"write how many, from 1 to {MOST_SESSIONS}.")
        due_on, since = self._day("needed by"), self._day("counted from") or self.house.today
        if due_on is None and not self._cell("needed by"):
            self._fault("needed by", "write by which day.")
        if due_on is not None and due_on < since:
            self._fault("needed by", "this comes before the day from which sessions count.")
        if len(self._cell("reference")) > LONGEST_REFERENCE:
            self._fault("reference", f"that is too long: at most {LONGEST_REFERENCE} letters.")
        family = self._cell("reported by family").casefold()
        if family not in ("", "yes", "no"):
            self._fault("reported by family", "write yes or no.")
        return {
            "needed": int(needed) if needed.isdecimal() and len(needed) < 3 else 0,
            "due_on": due_on.isoformat() if due_on else "",
            "since": since.isoformat(),
            "reference": self._cell("reference"),
            # R45: until somebody says who reported her, others are told counts alone.
            "family": family != "no",
        }


def read_day(said: str) -> date | None:
    """A day as people and spreadsheet programs write it, the day before the month; None when it is none."""
    for shape in _DAYS:
        try:
            day = datetime.strptime(western(said), shape).date()  # noqa: DTZ007  # a day of the calendar
        except ValueError:
            continue
        return day if 2000 <= day.year <= 2100 else None
    return None


def read_moment(said: str) -> datetime | None:
    """A day and a time in London wall time; None when it is none."""
    found = re.fullmatch(r"(?:[A-Za-z]{3,9},? )?(.*\d{2})[T ,]+(\d{1,2}[:.]?.*)", western(said))
    if not found:
        return None
    day, at = read_day(found[1].strip()), _read_time(found[2].strip())
    return datetime.combine(day, at) if day is not None and at is not None else None


def _read_time(said: str) -> time | None:
    for shape in _TIMES:
        try:
            return datetime.strptime(said.upper(), shape).time().replace(second=0)  # noqa: DTZ007  # wall time
        except ValueError:
            continue
    return None
