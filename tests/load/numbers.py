"""The numbers of a quarter in which 5,000 women came to 20,000 appointments, beside reading the same rows plainly."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Table, select

from portal.app import create_app
from portal.booking.models import Appointment
from portal.clients.models import Client
from portal.core import clock, database
from portal.core.database import Base, session, unit_of_work
from portal.core.settings import Settings
from portal.diversion.models import Referral
from portal.plan.answer_models import NeedAnswer, PlanVersion, Rating
from portal.reports import kept, page, service
from portal.reports.quarters import newest_published
from tests.reports import records
from tests.support import databases, make
from tests.support.measures import statements

WOMEN = 5_000
APPOINTMENTS = (3, 5)
READ: tuple[type[Base], ...] = (Client, Referral, Appointment, NeedAnswer, PlanVersion, Rating)


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """Milliseconds and queries of taking a quarter, of showing it afterwards, and of only reading its rows."""
    create_app(Settings.from_env({"PORTAL_DATABASE_URL": f"sqlite:///{databases.make_sqlite(folder / 'numbers.db')}"}))
    centres = [make.centre(borough=borough) for borough in ("Camden", "Islington", "Lambeth", "Southwark")]
    kind, worker = make.kind("Time", *centres), make.staff("keyworker", *centres)
    quarter = newest_published(clock.london_today(clock.now()))
    with unit_of_work():
        records.fill(quarter, centres, kind, worker, WOMEN, appointments=APPOINTMENTS)
    count = session.query(Appointment).count()
    with statements() as asked:
        taken = service.counted(quarter, clock.now())
    names = {centre.id: centre.name for centre in centres}
    rows = [
        (f"taking the numbers of {WOMEN:,} women, {count:,} appointments", _ms(lambda: _take(quarter)), "ms"),
        ("the same rows, only read", _ms(_read), "ms"),
        ("queries for it", float(len(asked)), ""),
        ("showing them by centre afterwards", _ms(lambda: page.sections(_again(taken), "centre", names)), "ms"),
    ]
    database.disconnect()
    return rows


def _take(quarter) -> None:
    session.remove()
    service.counted(quarter, clock.now())


def _read() -> None:
    session.remove()
    for model in READ:
        table: Table = model.__table__
        plain = [column for column in table.c if column.type.python_type is not bytes]
        for _ in session.execute(select(*plain)):
            pass


def _again(taken: kept.Kept) -> kept.Kept:
    return kept.from_json(kept.as_json(taken))


def _ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000
