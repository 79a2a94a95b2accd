"""Finding a woman at the desk among 5,000 open clients whose names are sealed."""

import statistics
import time
from datetime import timedelta
from pathlib import Path

from portal.app import create_app
from portal.backoffice import desk_search
from portal.booking.models import Appointment
from portal.clients.models import Client, SafeContact
from portal.core import clock, crypto, database
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from tests.support import databases, make

OPEN_CLIENTS = 5_000
LIMIT_MS = 300


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """The median of five searches by each of the three kinds of words, for reception and for a worker."""
    path = databases.make_sqlite(folder / "finding.db")
    create_app(Settings.from_env({"PORTAL_DATABASE_URL": f"sqlite:///{path}"}))
    centre = make.centre()
    jo, sam, kind = make.staff("keyworker", centre), make.staff("receptionist", centre), make.kind()
    actors = {"reception": sam.actor, "a worker": jo.actor}
    _fill(centre.id, jo.id, kind.id)
    rows = []
    for who, actor in actors.items():
        for what, words in (("code name", "Blue Heron 4321"), ("called name", "Rose 4321"), ("4 digits", "0321")):
            times = []
            for _ in range(5):
                session.remove()
                started = time.perf_counter()
                found = desk_search.find(actor, words, clock.now())
                times.append(time.perf_counter() - started)
            rows.append(
                (
                    f"{who} finds {len(found)} of {OPEN_CLIENTS:,} by {what} (limit {LIMIT_MS})",
                    statistics.median(times) * 1000,
                    "ms",
                )
            )
    database.disconnect()
    return rows


def _fill(centre_id: int, staff_id: int, kind_id: int) -> None:
    """Women who are all booked within 7 days, the worst case for reception."""
    keyring, now = crypto.keyring(), clock.now()
    today = clock.london_today(now)
    with unit_of_work():
        for number in range(OPEN_CLIENTS):
            client = Client(
                code_name=f"Blue Heron {number}", code_name_index=keyring.index("code_name", f"blueheron{number}"),
                called_name=f"Rose {number}", keyworker_id=staff_id, centre_id=centre_id, opened_at=now,
            )  # fmt: skip
            session.add(client)
            session.flush()
            phone = f"+44770090{number:04}"
            starts_at = now + timedelta(days=number % 7, hours=1)
            session.add_all([
                SafeContact(
                    client_id=client.id, version=1, may_text=True, number=phone,
                    number_index=keyring.index("phone", phone), number_end_index=keyring.index("phone_end", phone[-4:]),
                    whose_phone="own", wording="plain", text_language="en", voice_language="en", may_reply=True,
                    may_ring=True, may_leave_message=False, may_say_who=False, asked_by=staff_id, asked_on=today,
                    check_again_on=today + timedelta(days=60), recorded_at=now,
                ),
                Appointment(
                    client_id=client.id, kind_id=kind_id, centre_id=centre_id, worker_id=staff_id, starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=50), booked_by_kind="staff", booked_by_id=staff_id,
                    booked_at=now,
                ),
            ])  # fmt: skip
    session.remove()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for name, value, unit in measure(Path(place)):
            print(f"{name:<70}{value:>10.1f} {unit}")  # noqa: T201
