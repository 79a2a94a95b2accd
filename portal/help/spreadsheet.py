"""The directory as a spreadsheet (CSV, UTF-8): reading it with every fault named, and writing it."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from portal.core.spreadsheets import as_csv, plain
from portal.help.models import Service
from portal.help.rules import COLUMNS, FAULT_WORDS, LISTS, digits, faults_of, listed, text_only, tidied

MOST_FAULTS = 200
_FILE_FAULTS = {
    "unreadable": "it holds letters that no CSV file has. Save it as “CSV UTF-8”",
    "more": "there are more faults: put these right first",
    "broken": "this is not a CSV file, or a quotation mark is not closed",
    "no_rows": "there is no entry in it",
    "no_column": "this column is missing",
    "unknown_column": "this column is not known",
    "wrong_width": "this line has more or fewer cells than the first line",
}


class Fault(NamedTuple):
    """One fault: where (a line, an entry or the file), in which column, and why."""

    place: str
    column: str
    reason: str

    def __str__(self) -> str:
        words = FAULT_WORDS.get(self.reason) or _FILE_FAULTS[self.reason]
        return f"{self.place}, {self.column}: {words}." if self.column else f"{self.place}: {words}."


def read(text: str) -> tuple[list[dict[str, str]], list[Fault]]:
    """Read a CSV file: tidied rows in order, and every fault by line and column (rows count only without faults)."""
    if "\x00" in text:
        return [], [Fault("The file", "", "unreadable")]
    try:
        lines = list(_lines(text))
    except csv.Error:
        return [], [Fault("The file", "", "broken")]
    if len(lines) < 2:
        return [], [Fault("The file", "", "no_rows")]
    header = [name.strip() for name in lines[0][1]]
    faults = [Fault("Line 1", column, "no_column") for column in COLUMNS if column not in header]
    faults += [Fault("Line 1", column[:40], "unknown_column") for column in header if column not in COLUMNS]
    if faults or len(header) != len(COLUMNS):
        return [], faults or [Fault("Line 1", "", "wrong_width")]
    numbered = [
        (line, tidied(_as_typed(dict(zip(header, map(plain, cells), strict=True)))))
        for line, cells in lines[1:]
        if len(cells) == len(header)
    ]
    faults = [Fault(f"Line {line}", "", "wrong_width") for line, cells in lines[1:] if len(cells) != len(header)]
    faults += faults_among([(f"Line {line}", row) for line, row in numbered])
    if len(faults) > MOST_FAULTS:
        faults = [*faults[:MOST_FAULTS], Fault("The file", "", "more")]
    return [row for _, row in numbered], faults


def faults_among(placed: list[tuple[str, dict[str, str]]]) -> list[Fault]:
    """Every fault of (place, row) pairs, each by itself and beside the others."""
    texted, keys = text_only([row for _, row in placed]), set()
    faults = []
    for place, row in placed:
        found = faults_of(row)
        if row["key"] in keys:
            found.append(("key", "twice"))
        if digits(row["phone"]) in texted and ("phone", "text_only") not in found:
            found.append(("phone", "text_only"))
        keys.add(row["key"])
        faults += [Fault(place, column, reason) for column, reason in found]
    return faults


def write(services: Iterable[Service]) -> str:
    """The directory as a CSV file that a spreadsheet opens without running any cell as a formula."""
    rows = (row_of(service) for service in services)
    return as_csv([COLUMNS, *([row[column] for column in COLUMNS] for row in rows)])


def row_of(service: Service) -> dict[str, str]:
    """An entry as a row of text."""
    cells = {column: getattr(service, column) for column in COLUMNS if column not in (*LISTS, "emergency")}
    lists = {column: ";".join(getattr(service, column)) for column in LISTS}
    return cells | lists | {"emergency": "yes" if service.emergency else ""}


def version_of(service: Service) -> str:
    """A mark that changes whenever a word of an entry does: whoever sends it back has seen the entry as it is."""
    return hashlib.sha256(repr(sorted(row_of(service).items())).encode()).hexdigest()[:16]


def mark_of(new: Iterable[str], others: Iterable[Service]) -> str:
    """A mark of what an import would do: the keys that it adds, and the entries, as they stand, that it writes over."""
    parts = [*new, *(f"{service.key} {version_of(service)}" for service in others)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def values_of(row: dict[str, str]) -> dict[str, Any]:
    """A faultless row as the values of an entry."""
    return row | {column: listed(row[column]) for column in LISTS} | {"emergency": row["emergency"] == "yes"}


def _as_typed(row: dict[str, str]) -> dict[str, str]:
    """A row without the dates that a spreadsheet program makes of other things when it opens and saves a file."""
    # Excel in the UK takes 24/7 for the 24th of July, and writes 2021-05 as May-21.
    always = re.fullmatch(r"24[-/ ](jul|07)([-/ ]\d{2,4})?", row["hours"].strip(), re.IGNORECASE | re.ASCII)
    told = row["source_date"].strip()
    day = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", told, re.ASCII)
    month = re.fullmatch(r"([A-Z][a-z]{2})-(\d\d)", told, re.ASCII)
    if day:
        told = f"{day[3]}-{day[2]}-{day[1]}"
    elif month and month[1] in _MONTHS:
        told = f"20{month[2]}-{_MONTHS.index(month[1]) + 1:02}"
    return row | {"hours": "24/7" if always else row["hours"], "source_date": told}


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _lines(text: str) -> Iterable[tuple[int, list[str]]]:
    text = text.removeprefix("\ufeff")
    # Spreadsheets of other countries part cells by semicolons, some by tabs: the first line tells.
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1
