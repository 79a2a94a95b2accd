"""What the day's board shows, in a constant number of queries."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.booking.queries import Booked, day_board
from portal.centres.models import Centre
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor, Permission, can
from portal.core.database import session
from portal.core.locales import LANGUAGES
from portal.worklist.queries import open_tasks
from portal.worklist.rules import words_for

NEEDS_SHOWN = ("access", "childcare", "interpreter", "language")
"""What reception may see of her preparation (R28): never why."""

ANSWERS = {
    "coming": "Coming",
    "change": "Wants to change",
    "call": "Ring her",
    "late": "Will be late",
    "cannot_come": "Cannot come",
}
"""Her answer as a state, never as words (R28)."""


def board(actor: Actor, on: date, centre_id: int | None, now: datetime, *, mine: bool) -> dict[str, Any]:
    """The day's rows, tomorrow's number, the tasks that need a person, and the centres to choose from."""
    centres = list(session.scalars(select(Centre).where(Centre.id.in_(actor.centres)).order_by(Centre.name)))
    shown = [centre.id for centre in centres if centre_id in (None, centre.id)] or [centre.id for centre in centres]
    booked = day_board(actor, shown, on)
    if mine:
        booked = [one for one in booked if one.worker.id == actor.id]
    rows = [_row(one, now) for one in booked]
    tasks = open_tasks(actor, limit=12) if can(actor, Permission.WORK_TASKS) else []
    return {
        "on": on,
        "is_today": on == clock.london_today(now),
        "rows": rows,
        "counts": {
            state: sum(row["state"] == state for row in rows) for state in ("expected", "here", "gone", "missed")
        },
        "next_day": _next_working_day(on),
        "coming": len(day_board(actor, shown, _next_working_day(on))),
        "centres": centres,
        "centre_id": shown[0] if len(shown) == 1 else None,
        "mine": mine,
        "tasks": [(task, words_for(task.kind)) for task in tasks],
        "clients": _names({task.client_id for task in tasks if task.client_id}),
    }


def _row(one: Booked, now: datetime) -> dict[str, Any]:
    appointment, client = one.appointment, one.client
    state = "expected"
    if appointment.attendance == "no":
        state = "missed"
    elif appointment.attendance in ("yes", "late") or appointment.left_at:
        state = "gone"
    elif appointment.arrived_at:
        state = "here"
    return {
        "booked": one,
        "state": state,
        "overdue": state == "expected" and now > appointment.starts_at + timedelta(minutes=10),
        "needs": _needs(client),
        "answer": ANSWERS.get(appointment.answer, ""),
    }


def _needs(client: Client) -> list[str]:
    preparation = client.preparation or {}
    needs = [str(preparation[name]) for name in NEEDS_SHOWN if preparation.get(name)]
    if client.language != "en" and not preparation.get("interpreter"):
        needs.append(f"Speaks {LANGUAGES[client.language].latin}")
    return needs


def _names(client_ids: set[int]) -> dict[int, str]:
    return {row.id: row.called_name for row in session.scalars(select(Client).where(Client.id.in_(client_ids)))}


def _next_working_day(on: date) -> date:
    day = on + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day
