"""Rows of the directory for tests."""

import csv
import io

from portal.help.rules import COLUMNS, tidied

LINE = {
    "key": "example-line",
    "name": "Example Line",
    "helps_with": "Talk to somebody made up.",
    "needs": "housing;money",
    "phone": "020 7946 0123",
    "hours": "Mo-Fr 09:00-17:00",
    "hours_note": "Monday to Friday, 9am to 5pm.",
    "cost": "free",
    "bill_note": "operator-silent",
    "source": "example.org",
    "status": "verified",
}


def row(**cells: str) -> dict[str, str]:
    """A faultless row with some cells changed."""
    return tidied(LINE | cells)


def file(*rows: dict[str, str], columns=COLUMNS) -> str:
    """Rows as a CSV file."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows or (row(),))
    return target.getvalue()
