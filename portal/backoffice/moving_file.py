"""The list of current clients as a CSV file: its template, and reading it with every fault by its line. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from portal.core.spreadsheets import as_csv, is_formula, plain

LARGEST_FILE = 256 * 1024
"""Bytes of a list; 150 women need a tenth of it."""
MOST_ROWS = 150
"""Women of one list: its import is one change, and others must not wait for it longer than they are patient."""
MOST_FAULTS = 200
LONGEST_CELL = 200

COLUMNS = {
    "called name": "Called name",
    "phone": "Phone",
    "language": "Language",
    "keyworker": "Keyworker",
    "centre": "Centre",
    "must not know": "Must not know",
    "kind": "Kind",
    "appointment 1": "Appointment 1",
    "appointment 2": "Appointment 2",
    "appointment 3": "Appointment 3",
    "sessions needed": "Sessions needed",
    "needed by": "Needed by",
    "counted from": "Counted from",
    "reference": "Reference",
    "reported by family": "Reported by family",
}
"""Columns as they are read (folded) and as they are written."""
NEEDED = ("called name", "keyworker")
EXAMPLE_NAME = "Example only"
_EXAMPLE = (
    EXAMPLE_NAME, "07700 900123", "English", "name@example.org", "", "nobody", "", "03/12/2026 14:30",
    "10/12/2026 14:30", "", "2", "31/01/2027", "", "REF-123", "no",
)  # fmt: skip
_PACKED = (b"PK", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"Rar!", b"7z\xbc\xaf")


class Fault(NamedTuple):
    """One fault: in which line of the file (0: the file as a whole), in which column, and what is wrong."""

    line: int
    column: str
    words: str

    def __str__(self) -> str:
        place = f"Line {self.line}" if self.line else "The file"
        return f"{place}, {self.column}: {self.words}" if self.column else f"{place}: {self.words}"


class Line(NamedTuple):
    """One filled line of the list: where it stands in the file, and its cells by folded column."""

    number: int
    cells: dict[str, str]


def template() -> bytes:
    """The empty list with one example line, so written that spreadsheet programs see its encoding."""
    return as_csv([COLUMNS.values(), _EXAMPLE]).encode("utf-8-sig")


def read(data: bytes) -> tuple[list[Line], list[Fault]]:
    """Read a list in whatever way a spreadsheet program wrote it; the lines count only when there is no fault."""
    text = _decoded(data)
    if isinstance(text, Fault):
        return [], [text]
    rows, fault = _rows(text)
    if fault is not None:
        return [], [fault]
    if not rows:
        return [], [Fault(0, "", "there is nothing in it.")]
    header, faults = _header(*rows[0])
    if faults:
        return [], faults
    if len(rows) > MOST_ROWS + 2:
        return [], [_too_many(len(rows) - 1)]
    lines: list[Line] = []
    for number, cells in rows[1:]:
        line, found = _line(number, cells, header)
        faults += found
        if line.cells.get("called name") != EXAMPLE_NAME:
            lines.append(line)
    if not lines and not faults:
        faults = [Fault(0, "", "there is no woman in it: write one line for each below the headings.")]
    if len(lines) > MOST_ROWS:
        faults = [_too_many(len(lines))]
    return lines, faults


def _too_many(count: int) -> Fault:
    return Fault(0, "", f"it has {count} lines. At most {MOST_ROWS} go at once: split it in two.")


def _decoded(data: bytes) -> str | Fault:
    if len(data) > LARGEST_FILE:
        return Fault(0, "", f"it is too large: at most {LARGEST_FILE // 1024} kilobytes. Is it the right file?")
    if not data.strip():
        return Fault(0, "", "there is nothing in it.")
    if data.startswith(_PACKED):
        return Fault(
            0, "", "this is a spreadsheet or a packed file. Open it in your spreadsheet program, choose “Save as”, "
            "then “CSV UTF-8”."
        )  # fmt: skip
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return unicodedata.normalize("NFC", text)
    return Fault(0, "", "its letters cannot be read. Save it as “CSV UTF-8”.")


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\x00" in data:
        return ("utf-16-be",) if data.startswith(b"\x00") else ("utf-16-le",)
    return ("utf-8-sig", "cp1252")


def _rows(text: str) -> tuple[list[tuple[int, list[str]]], Fault | None]:
    """The lines that hold something, each with where it begins."""
    begins, mark = 1, re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if mark:
        text, begins = text[mark.end() :], 2
    first = next((line for line in text.splitlines() if line.strip(",;\t ")), "")
    delimiter = mark[1] if mark else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    offset, rows = begins - 1, []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begins, cells))
            begins = reader.line_num + 1 + offset
    except csv.Error:
        words = "from here on it cannot be read: a quotation mark is not closed, or stands in the middle of a cell."
        return [], Fault(begins, "", words)
    return rows, None


def _header(number: int, cells: list[str]) -> tuple[list[str], list[Fault]]:
    names = [_folded(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    faults = [
        Fault(number, "", f"the column “{COLUMNS[name]}” is missing. Take the headings from the template.")
        for name in NEEDED
        if name not in names
    ]
    for position, name in enumerate(names):
        if name and name not in COLUMNS:
            faults.append(Fault(number, cells[position].strip()[:40], "this column is not known. Take it out."))
        elif name and name in names[:position]:
            faults.append(Fault(number, COLUMNS[name], "this column is there twice. Take one out."))
    return names, faults


def _line(number: int, cells: list[str], header: list[str]) -> tuple[Line, list[Fault]]:
    line, faults = Line(number, {}), []
    for position, raw in enumerate(cells):
        name, cell = header[position] if position < len(header) else "", _tidied(raw)
        shown = COLUMNS.get(name, "")
        if not name:
            if cell:
                faults.append(Fault(number, "", f"“{cell[:20]}” stands under no heading."))
            continue
        if len(cell) > LONGEST_CELL:
            faults.append(Fault(number, shown, f"that is too long: at most {LONGEST_CELL} letters."))
        elif _is_formula(name, cell):
            faults.append(Fault(number, shown, "this looks like a formula. Write the plain words."))
        line.cells[name] = cell[:LONGEST_CELL]
    return line, faults


def _is_formula(name: str, cell: str) -> bool:
    return is_formula(cell) and not (name == "phone" and re.fullmatch(r"\+[\d\s().-]+", cell))


def _tidied(cell: str) -> str:
    """Without control letters, doubled spaces, and the apostrophe that spreadsheet programs put before text."""
    tidy = " ".join("".join(_kept(cell)).split())
    return tidy[1:] if tidy.startswith("'0") else plain(tidy)


def _kept(cell: str) -> Iterator[str]:
    for letter in cell:
        category = unicodedata.category(letter)
        if category not in ("Cc", "Cs", "Cn", "Co"):
            yield letter
        elif category == "Cc":
            yield " "


def _folded(cell: str) -> str:
    return re.sub(r"[\s_\-]+", " ", _tidied(cell)).strip().casefold()
