"""`make bench`: bytes, queries, free times, bookings, requests and texts a second, start, memory; build/bench.json.

Ratios are measured side by side in one run: the bare apps of `bare.py` stand beside the portal.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.load import booking, finding, first_visits, numbers, pages, processes, signing_in, texts

Row = tuple[str, float, str]

PARTS: tuple[tuple[str, Callable[[Path], list[Row]]], ...] = (
    ("Bytes and queries", pages.measure),
    ("First visits", first_visits.measure),
    ("Booking", booking.measure),
    ("Finding at the desk", finding.measure),
    ("Numbers of a quarter", numbers.measure),
    ("Being refused at signing in", signing_in.measure),
    ("Processes", processes.measure),
    ("Texts", texts.measure),
)


def main() -> None:
    """Measure everything, print a table, write build/bench.json."""
    found: dict[str, dict[str, float | str]] = {}
    for heading, measure in PARTS:
        print(f"\n{heading}")  # noqa: T201  # a table on screen is what this is for
        with tempfile.TemporaryDirectory() as folder:
            for name, value, unit in measure(Path(folder)):
                found[name] = {"value": round(value, 3), "unit": unit}
                print(f"  {name:<62}{value:>12,.2f} {unit}")  # noqa: T201
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
