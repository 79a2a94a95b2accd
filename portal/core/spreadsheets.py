"""Every CSV file that leaves: no cell of it is run as a formula by the program that opens it."""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[\s\ufeff\u200b]*[=+@＝＋－＠\t\r\n-]")
"""What makes a spreadsheet program read a cell as a formula, or end it; full-width signs count in East Asian ones."""


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet program may take a cell for a formula, also after spaces or the mark of a byte order."""
    return _FORMULA.match(cell) is not None


def harmless(cell: str) -> str:
    """A cell behind the apostrophe that makes it text, where it needs one; `plain` takes that off again."""
    return f"'{cell}" if is_formula(cell.lstrip("'")) else cell


def plain(cell: str) -> str:
    """A cell as it was before `harmless`."""
    return cell[1:] if cell.startswith("'") and is_formula(cell.lstrip("'")) else cell


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Rows as a CSV file whose cells are all harmless."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return target.getvalue()
