"""A small program that prints England's bank holidays as JSON: `python -m portal.centres.england 2027 2029`.

It runs in a process of its own, because the list it reads from costs a tenth of a second and memory that would stay.
"""

import json
import sys

import holidays


def bank_holidays(first_year: int, last_year: int) -> list[tuple[str, str]]:
    """The days (ISO dates) and their names, both years included."""
    found = holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1))
    return [(on.isoformat(), name) for on, name in sorted(found.items())]


if __name__ == "__main__":
    json.dump(bank_holidays(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
