"""Making the women of a list: records, conditions, appointments and the tasks that follow; nothing goes to anybody."""

from datetime import date, datetime, timedelta
from typing import Any

from portal.backoffice.moving_rules import Row
from portal.booking import service as booking
from portal.booking import taking
from portal.booking.models import Appointment
from portal.booking.rules import NotOffered, PastTime
from portal.clients import service as clients
from portal.clients.code_names import free_code_name
from portal.clients.models import Client
from portal.clients.rules import code_name_fault
from portal.core import clock, crypto
from portal.core.access import Actor
from portal.core.database import session
from portal.diversion import service as diversion
from portal.worklist import service as worklist

ASKED_WITHIN = timedelta(days=14)
"""By when somebody asks how she may be reached, where no appointment comes before."""
NOBODY_ASKED = "Brought over from the old list. Ask her too who must not know that she comes here."
BROUGHT_OVER = "Brought over from the old list."


def make_all(actor: Actor, rows: list[Row], *, once: str, now: datetime) -> list[dict[str, Any]]:
    """Make women, their conditions, appointments and tasks; gives by woman what was booked and what could not be."""
    taking.hold_centres({row["centre_id"] for row in rows if row["times"]})
    found = []
    for row in rows:
        client = _make(actor, row, now)
        _record_condition(actor, client, row["condition"], now)
        booked, not_booked = _book(actor, client, row, once, now)
        _ask_for_safe_contact(client, row, booked, now)
        found.append({"line": row["line"], "client_id": client.id, "booked": booked, "not_booked": not_booked})
    return found


def _make(actor: Actor, row: Row, now: datetime) -> Client:
    code_name = free_code_name(row["language"])
    # A code name may not hold the name that she is called by.
    while code_name_fault(code_name, row["called_name"]):
        code_name = free_code_name(row["language"])
    client = clients.make_client(
        actor,
        code_name=code_name,
        called_name=row["called_name"],
        language=row["language"],
        centre_id=row["centre_id"],
        keyworker_id=row["keyworker_id"],
        preparation={},
        must_not_know=row["must_not_know"] or [],
        now=now,
    )
    if row["number"]:
        client.listed_number = row["number"]
        client.listed_number_index = crypto.keyring().index("phone", row["number"])
        session.flush()
    return client


def _record_condition(actor: Actor, client: Client, condition: dict[str, Any] | None, now: datetime) -> None:
    if condition is None:
        return
    diversion.record_condition(
        actor,
        client.id,
        source="not_recorded",
        disposal="not_recorded",
        reference=condition["reference"],
        reporter_is_family=condition["family"],
        referred_on=date.fromisoformat(condition["since"]),
        sessions_needed=condition["needed"],
        due_on=date.fromisoformat(condition["due_on"]),
        now=now,
    )


def _book(
    actor: Actor, client: Client, row: Row, once: str, now: datetime
) -> tuple[list[tuple[str, int]], list[tuple[str, str]]]:
    """Book what can be had, with her own keyworker, else with anyone: (when, with whom), and (when, why not).

    What cannot be had becomes a task of her keyworker's.
    """
    booked, not_booked = [], []
    for number, at in enumerate(row["times"]):
        found = _try_to_book(actor, client, row, at, f"{once}-{row['line']}-{number}", now)
        if isinstance(found, Appointment):
            booked.append((at, found.worker_id))
            continue
        not_booked.append((at, found))
        if found != PastTime.__name__:
            _ask_to_book(client, at, now)
    return booked, not_booked


def _try_to_book(actor: Actor, client: Client, row: Row, at: str, once: str, now: datetime) -> Appointment | str:
    why = ""
    for worker_id in (row["keyworker_id"], None):
        try:
            with session.begin_nested():
                return booking.book(
                    actor,
                    client_id=client.id,
                    kind_id=row["kind_id"],
                    centre_id=row["centre_id"],
                    starts_at=datetime.fromisoformat(at),
                    worker_id=worker_id,
                    request_key=f"{once}-{worker_id or 0}",
                    now=now,
                    known=True,
                )
        except NotOffered as refusal:
            why = why or type(refusal).__name__
    return why


def _ask_to_book(client: Client, at: str, now: datetime) -> None:
    worklist.raise_task(
        "appointment_not_brought_over",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        subject=f"listed:{at[:16]}",
        note=f"{BROUGHT_OVER} It said {clock.london(datetime.fromisoformat(at)):%d/%m/%Y %H:%M}.",
    )


def _ask_for_safe_contact(client: Client, row: Row, booked: list[tuple[str, int]], now: datetime) -> None:
    due_at = min([now + ASKED_WITHIN, *(datetime.fromisoformat(at) for at, _ in booked)])
    worklist.raise_task(
        "record_safe_contact",
        now=now,
        client_id=client.id,
        owner_id=client.keyworker_id,
        centre_id=client.centre_id,
        due_at=due_at,
        note=BROUGHT_OVER if row["must_not_know"] is not None else NOBODY_ASKED,
    )
