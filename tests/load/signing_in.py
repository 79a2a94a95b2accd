"""How long it takes to be refused, for each reason there is: through a real server, one after the other in every round.

What counts are the ratios to a wrong passcode or password (R14); `tests/accounts/test_same_work.py` counts the work.
"""

import sqlite3
import statistics
import time
from pathlib import Path

from portal.accounts.models import ClientPasscode
from portal.accounts.rules import ACCOUNT_LIMIT
from portal.app import create_app
from portal.clients.models import Client, ClientState
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.staff.models import Staff
from tests.load.wire import Wire
from tests.support import databases, live, make

ROUNDS = 25
BETWEEN = 0.26
"""Seconds between two tries, so that they stay below what one visitor may try in a minute; each is a visitor anew."""

Row = tuple[str, float, str]
Case = tuple[str, str, dict[str, str]]


def measure(folder: Path) -> list[Row]:
    """The median time of each reason, and what part it is of that of a wrong passcode or password."""
    path = databases.make_sqlite(folder / "portal.db")
    women, staff = _fill(path)
    with live.portal(folder, demo=False, worker=False, settings={"PORTAL_DATABASE_URL": f"sqlite:///{path}"}) as portal:
        for locked in (case for case in women + staff if case[0] == "locked"):
            for _ in range(ACCOUNT_LIMIT + 1):
                _try(portal.address, locked)
        times = _in_turn(portal.address, path, women + staff)
    return _rows("she", times[: len(women)], women) + _rows("staff", times[len(women) :], staff)


def _fill(path: Path) -> tuple[list[Case], list[Case]]:
    create_app(Settings.from_env({"PORTAL_DATABASE_URL": f"sqlite:///{path}"}))
    worker = make.staff("keyworker", make.centre())
    reasons = ("wrong passcode", "locked", "paused", "right but closed", "no passcode yet")
    women = {reason: make.client(worker, code_name=f"Amber Boat {place}") for place, reason in enumerate(reasons, 21)}
    people = {reason: make.staff("keyworker", make.centre()) for reason in ("wrong password", "locked", "left")}
    with unit_of_work():
        session.get_one(Client, women["right but closed"].id).state = ClientState.CLOSED
        session.get_one(Client, women["paused"].id).sign_in_paused = True
        session.delete(session.get_one(ClientPasscode, women["no passcode yet"].id))
        session.get_one(Staff, people["left"].id).active = False
    names = {reason: session.get_one(Client, one.id).code_name for reason, one in women.items()}
    emails = {reason: session.get_one(Staff, one.id).email for reason, one in people.items()}
    database.disconnect()
    names["unknown"], emails["unknown"] = "Nobody Here 99", "nobody@example.org"
    passcodes = {"wrong passcode": "000111", "locked": "000111"}
    passwords = {"wrong password": "not it at all", "locked": "not it at all"}
    return (
        [
            (reason, "/sign-in", {"code_name": name, "passcode": passcodes.get(reason, make.PASSCODE)})
            for reason, name in names.items()
        ],
        [
            (reason, "/staff/sign-in", {"email": email, "password": passwords.get(reason, make.PASSWORD)})
            for reason, email in emails.items()
        ],
    )


def _in_turn(address: str, path: Path, cases: list[Case]) -> list[list[float]]:
    times: list[list[float]] = [[] for _ in cases]
    network = _network(path)
    for turn in range(ROUNDS):
        _forget(path, network)
        # Each round begins with another one, so that none is always the first.
        for place in [*range(turn % len(cases), len(cases)), *range(turn % len(cases))]:
            times[place].append(_try(address, cases[place]))
    return times


def _network(path: Path) -> int:
    """The row of this machine's network: after two accounts were locked from here, the one that stands highest."""
    with sqlite3.connect(path, timeout=10) as connection:
        return connection.execute("SELECT id FROM attempt_counts ORDER BY failures DESC LIMIT 1").fetchone()[0]


def _forget(path: Path, network: int) -> None:
    """In each round nobody but who is locked has tried yet, and neither has the network."""
    with sqlite3.connect(path, timeout=10) as connection:
        connection.execute(
            "UPDATE attempt_counts SET failures = 0 WHERE failures <= ? OR id = ?", (ACCOUNT_LIMIT, network)
        )


def _try(address: str, case: Case) -> float:
    """Seconds that one try takes, from its sending to its answer."""
    _, path, fields = case
    wire = Wire(address)
    token = wire.token(path)
    time.sleep(BETWEEN)
    began = time.perf_counter()
    answer = wire.post(path, {**fields, "csrf_token": token})
    took = time.perf_counter() - began
    wire.close()
    assert answer.status == 422, (case[0], answer.status)
    return took


def _rows(who: str, times: list[list[float]], cases: list[Case]) -> list[Row]:
    medians = {reason: statistics.median(taken) for (reason, _, _), taken in zip(cases, times, strict=True)}
    usual = medians[next(reason for reason in medians if reason.startswith("wrong"))]
    rows = []
    for (reason, _, _), taken in zip(cases, times, strict=True):
        rows.append((f"{who} is refused: {reason}", medians[reason] * 1000, "ms"))
        rows.append((f"  part of a wrong one's (middle half {_half(taken)})", medians[reason] / usual, "times"))
    return rows


def _half(taken: list[float]) -> str:
    low, _, high = statistics.quantiles(taken, n=4)
    return f"{low * 1000:.0f}–{high * 1000:.0f} ms"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for name, value, unit in measure(Path(place)):
            print(f"{name:<70}{value:>10.3f} {unit}")  # noqa: T201
