"""What the day's board shows, in a constant number of queries."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.booking import attendance, group_reading, outcomes, practical, preparing, walk_ins
from portal.booking.group_reading import Sitting
from portal.booking.matching import spoken
from portal.booking.queries import Booked, day_board
from portal.centres.models import Centre
from portal.centres.queries import next_open_day
from portal.clients.models import Client
from portal.core import clock
from portal.core.access import Actor, Permission, can
from portal.core.database import session
from portal.core.locales import LANGUAGES
from portal.diversion.referrals import first_contacts_due
from portal.worklist.queries import open_tasks
from portal.worklist.rules import words_for

ANSWERS = {
    "coming": "Coming",
    "change": "Wants to change",
    "call": "Ring her",
    "late": "Will be late",
    "cannot_come": "Cannot come",
}
"""Her answer as a state, never as words (R28)."""

STATES = {"arrived": "waiting", "in": "with", "gone": "gone", "yes": "gone", "late": "gone", "no": "missed"}
"""Where an appointment stands on the board; else it is expected."""

OVERDUE_AFTER = timedelta(minutes=10)
AGES_SHOWN_FOR = timedelta(minutes=1)
"""How long a board may stand with the waiting times that it showed."""


def board(actor: Actor, on: date, centre_id: int | None, now: datetime, *, mine: bool) -> dict[str, Any]:
    """The day's rows, who waits without an appointment, what to prepare next, what needs a person, the centres."""
    centres = list(session.scalars(select(Centre).where(Centre.id.in_(actor.centres)).order_by(Centre.name)))
    shown = [centre.id for centre in centres if centre_id in (None, centre.id)] or [centre.id for centre in centres]
    next_day, is_today = next_open_day(shown, on), on == clock.london_today(now)
    booked, coming = ([one for one in day_board(actor, shown, day) if not mine or one.worker.id == actor.id]
                      for day in (on, next_day))  # fmt: skip
    alone = [one for one in booked if one.appointment.session_id is None]
    prepared = practical.to_prepare([*alone, *coming])
    rows = [_row(one, prepared[one.appointment.id].words, now) for one in alone]
    span = (clock.london_midnight(on), clock.london_midnight(on + timedelta(days=1)))
    groups = group_reading.sittings(actor, span, centre_ids=shown, worker_id=actor.id if mine else None)
    tasks = open_tasks(actor, limit=12) if can(actor, Permission.WORK_TASKS) else []
    return {
        "on": on,
        "is_today": is_today,
        "rows": rows,
        "groups": groups,
        "listed": _listed(rows, groups),
        "counts": {state: sum(row["state"] == state for row in rows) for state in ("expected", *STATES.values())},
        "queue": walk_ins.queue(actor, shown, now) if is_today else [],
        "drop_ins": walk_ins.drop_ins(shown, now) if is_today else {},
        "next_day": next_day,
        "coming": len(coming),
        "prepare": [(one, prepared[one.appointment.id].words) for one in coming if prepared[one.appointment.id].words],
        "totals": preparing.totals(prepared[one.appointment.id] for one in coming),
        "centres": centres,
        "centre_id": shown[0] if len(shown) == 1 else None,
        "mine": mine,
        "tasks": [(task, words_for(task.kind)) for task in tasks],
        "clients": _names({task.client_id for task in tasks if task.client_id}),
        "first_contacts": first_contacts_due(actor, now) if can(actor, Permission.READ_REFERRALS) else (0, 0),
        "without_outcome": outcomes.count_without_outcome(actor, now) if can(actor, Permission.READ_CLIENT) else 0,
    }


def version(shown: Mapping[str, Any], now: datetime) -> str:
    """A short version of a board that changes when something on it does, and each minute while anybody waits."""
    waits = shown["queue"] or shown["counts"]["waiting"]
    facts = (
        shown["on"],
        [
            (row["booked"].appointment.id, row["state"], row["overdue"], row["answer"], row["needs"],
             row["booked"].worker.id, row["booked"].appointment.attendance)
            for row in shown["rows"]
        ],
        shown["groups"],
        [(walk_in.id, walk_in.urgent) for walk_in, _ in shown["queue"]],
        sorted(shown["drop_ins"].items()),
        [(task.id, task.due_at < now) for task, _ in shown["tasks"]],
        shown["prepare"] and [(one.appointment.id, words) for one, words in shown["prepare"]],
        shown["coming"],
        shown["without_outcome"],
        shown["first_contacts"],
        int(now.timestamp() // AGES_SHOWN_FOR.total_seconds()) if waits else 0,
    )  # fmt: skip
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _listed(rows: list[dict[str, Any]], groups: list[Sitting]) -> list[dict[str, Any]]:
    """The rows by time, a group session as one row among them."""
    together = [(row["booked"].appointment.starts_at, row) for row in rows]
    together += [(group.starts_at, {"group": group}) for group in groups]
    return [row for _, row in sorted(together, key=lambda each: each[0])]


def _row(one: Booked, needs: list[str], now: datetime) -> dict[str, Any]:
    appointment = one.appointment
    state = STATES.get(attendance.standing(appointment), "expected")
    return {
        "booked": one,
        "state": state,
        "overdue": state == "expected" and now > appointment.starts_at + OVERDUE_AFTER,
        "needs": _with_language(one, needs),
        "answer": ANSWERS.get(appointment.answer, ""),
    }


def _with_language(one: Booked, needs: list[str]) -> list[str]:
    """What reception may see of what she needs, and what she speaks (R28): never why."""
    preparation = one.client.preparation or {}
    language = spoken(one.client.language, preparation)
    if preparation.get("language"):
        return [*needs, str(preparation["language"])]
    if language is None or any("interpreter" in words for words in needs):
        return needs
    words = LANGUAGES[language].latin
    return [
        *needs,
        f"Speaks {words}, as {one.worker.first_name} does" if language in one.worker.languages else f"Speaks {words}",
    ]


def _names(client_ids: set[int]) -> dict[int, str]:
    return {row.id: row.called_name for row in session.scalars(select(Client).where(Client.id.in_(client_ids)))}
