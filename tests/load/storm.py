"""A storm: 2,000 texts, a gateway that errs in every way it can, workers that are killed twenty times.

Nothing of it is simulated but the gateway: real workers, a real web process that takes the callbacks, a real database.
What counts afterwards is what the gateway took, and whether each text stands where a person understands it.
"""

import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from portal.clients.models import Client, OptOut, SafeContact
from portal.clients.queries import safe_contact
from portal.clients.rules import inside_safe_hours, read_safe_hours
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.messaging.models import Text, TextState
from portal.worklist.models import Task
from tests.load import fleet
from tests.support import live
from tests.support.fake_twilio import FakeTwilio, Message

TEXTS, KILLS, SEED = 2_000, 20, 7
FAULTS = (
    "429 1", "500", "503", "slow 0.4", "hang", "cut", "500-accepted", "garbage", "blank", "refuse", "403",
    "error 21610", "error 30007", "error 21211", "error 20003",
)  # fmt: skip
PATIENCE = 240.0
"""Seconds until all must have ended; a machine of its own needs a quarter of it."""
WINDOW = [{"day": 1, "from": "11:00", "to": "12:02"}]
"""Hours that end while the storm goes on."""
NOT_NOW: Mapping[str, dict[str, Any] | None] = {
    "no record": None,
    "expired": {"check_again_on": clock.london_today(datetime.fromisoformat(fleet.NOW))},
    "no texts": {"may_text": False},
    "not proved": {"proved_at": None},
    "no hours": {"safe_hours": []},
    "not now": {"safe_hours": [{"day": 1, "from": "18:00", "to": "19:00"}]},
    "paused": {"pause_until": datetime.fromisoformat(fleet.NOW) + timedelta(days=1)},
    "opted out": {},
    "no texts since": {},
}
"""Women to whom nothing may go; the last two are safe when the text is wanted, and not any more when it leaves."""
EACH = 20


class StormyTwilio(FakeTwilio):
    """Errs in one send of ten, and tells of each text it took what became of it: late, twice, in the wrong order."""

    def __init__(self) -> None:
        super().__init__(chance=self._next)
        self.dice = random.Random(SEED)
        self.taken_at: dict[str, datetime] = {}
        self.untold: set[str] = set()
        self.callers = ThreadPoolExecutor(4)

    def take(self, form: Mapping[str, str]) -> Message:
        """Keep a text, and let its end be told in a while."""
        message = super().take(form)
        self.taken_at[message.sid] = clock.real_now()
        self.callers.submit(self._tell, message, self.dice.random(), self.dice.random())
        return message

    def _next(self) -> str:
        return self.dice.choice(FAULTS) if self.dice.random() < 0.1 else "ok"

    def _tell(self, message: Message, fate: float, manner: float) -> None:
        statuses, code = ("sent", "delivered"), None
        if fate < 0.05:
            statuses, code = ("sent", "undelivered"), 30003
        elif fate < 0.06:
            statuses, code = ("undelivered",), 30005
        elif fate < 0.07:
            statuses, code = ("failed",), 21610
        elif manner > 0.2:
            statuses = ("delivered",)
        how: dict[str, Any] = {"doubled": manner < 0.1, "swapped": 0.05 < manner < 0.15, "late": 0.3 * (manner < 0.02)}
        try:
            if 0.15 < manner < 0.17:
                self.call_back(message.sid, "failed", error_code=30005, wrong_signature=True)
            if 0.17 < manner < 0.18:
                self._move(message, statuses[-1], code)
                self.untold.add(message.sid)
                return
            answers = self.call_back(message.sid, *statuses, error_code=code, **how)
        except OSError:
            answers = []
        if not any(answer.status == 204 for answer in answers):
            self.untold.add(message.sid)


@dataclass
class Outcome:
    """What a storm left: faults in words (none is what is wanted), and figures for the summary."""

    faults: list[str] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    taken: int = 0
    kills: int = 0
    seconds: float = 0.0


def run(url: str, *, workers: int) -> Outcome:
    """Let a storm pass over a migrated database, and judge what it left."""
    twilio = StormyTwilio()
    with ExitStack() as stack:
        stack.enter_context(twilio)
        environ = fleet.environ_for(url, twilio, live.free_port())
        stack.enter_context(fleet.connected(environ))
        ids, groups = _fill()
        stack.enter_context(fleet.web(environ, "tests.load.storm_web:app"))
        began = time.monotonic()
        kills = _kill_and_start(environ, twilio, workers)
        twilio.callers.shutdown(wait=True)
        outcome = _judge(twilio, ids, groups)
        outcome.kills, outcome.seconds = kills, time.monotonic() - began
        return outcome


def _fill() -> tuple[list[int], dict[int, str]]:
    """The women and their texts; gives the texts' ids and the group of each woman, "" for one who may be texted."""
    names = [name for name in NOT_NOW for _ in range(EACH)] + ["window"] * 100 + ["pair"] * 100
    groups = names + [""] * (TEXTS - len(names))

    def record(place: int) -> dict[str, Any] | None:
        if groups[place] == "window":
            return {"safe_hours": WINDOW}
        if groups[place] == "pair":
            return {"number": fleet.number(90_000 + place // 2)}
        return NOT_NOW.get(groups[place], {})

    clients = fleet.women(TEXTS, record)
    of = dict(zip(clients, groups, strict=True))
    texts = fleet.want_texts(clients, not_after_at=clock.now() + timedelta(days=2))
    with unit_of_work():
        for client_id in (one for one, group in of.items() if group == "opted out"):
            session.add(OptOut(number_index=_contact(client_id).number_index, opted_out_at=clock.now()))
        for client_id in (one for one, group in of.items() if group == "no texts since"):
            before = _contact(client_id)
            values = {"number": before.number, "may_text": False, "version": 2}
            session.add(fleet.record_of(session.get_one(Client, client_id), values, before.asked_by))
    session.remove()
    return texts, of


def _contact(client_id: int) -> SafeContact:
    record = safe_contact(client_id)
    assert record
    return record


def _kill_and_start(environ: Mapping[str, str], twilio: StormyTwilio, number: int) -> int:
    """Workers, killed in the midst of sending and started again, until all has ended; gives how many were killed."""
    dice, killed = random.Random(SEED), 0
    running = [_worker(environ) for _ in range(number)]
    try:
        while killed < KILLS:
            before, until = len(twilio.messages), time.monotonic() + 6
            more = dice.randint(10, TEXTS // (KILLS + 5))
            while len(twilio.messages) < before + more and time.monotonic() < until:
                time.sleep(0.01)
            place = dice.randrange(number)
            running[place].kill()
            running[place].wait()
            killed += 1
            running[place] = _worker(environ)
        fleet.wait(_all_ended, PATIENCE, every=1.0)
    finally:
        for worker in running:
            fleet.end(worker)
    return killed


def _worker(environ: Mapping[str, str]) -> subprocess.Popen:
    return fleet.start(environ, "-m", "tests.load.storm_worker")


def _all_ended() -> bool:
    """Nothing is under way, and nothing will be before the storm is long over."""
    session.remove()
    soon = clock.now() + timedelta(minutes=2)
    open_ones = or_(
        Text.state.in_((TextState.SENDING, TextState.UNKNOWN)),
        (Text.state == TextState.WAITING) & (Text.send_at < soon),
    )
    return session.scalar(select(func.count()).where(open_ones)) == 0


def _judge(twilio: StormyTwilio, ids: list[int], groups: dict[int, str]) -> Outcome:
    session.remove()
    outcome = Outcome(taken=len(twilio.messages))
    by_text: dict[int, list[Message]] = defaultdict(list)
    for message in twilio.messages:
        by_text[int(message.status_callback.rpartition("/")[2])].append(message)
    texts = {text.id: text for text in session.scalars(select(Text))}
    tasks = {tuple(row) for row in session.execute(select(Task.subject, Task.kind).where(Task.closed_at.is_(None)))}
    opted_out = set(session.scalars(select(OptOut.number_index)))
    shift = clock.now() - clock.real_now()
    if sorted(texts) != sorted(ids):
        outcome.faults.append("texts are lost or there are more than were wanted")
    for text in texts.values():
        group, messages = groups[text.client_id], by_text.pop(text.id, [])
        outcome.states[text.state] = outcome.states.get(text.state, 0) + 1
        found = [
            *_wrongly_sent(text, group, messages, [twilio.taken_at[message.sid] + shift for message in messages]),
            *_not_understood(text, group, messages, tasks, opted_out, twilio.untold),
        ]
        outcome.faults += [
            f"text {text.id} ({group or 'plain'}, {text.state} {text.reason}): {fault}" for fault in found
        ]
    outcome.faults += [f"nobody wanted text {text_id}" for text_id in by_text]
    return outcome


def _wrongly_sent(text: Text, group: str, messages: list[Message], taken_at: list[datetime]) -> list[str]:
    found = []
    if group in NOT_NOW and messages:
        found.append("sent where nothing may go")
    if any(message.status not in ("undelivered", "failed") for message in messages[:-1]):
        found.append(f"sent twice: {[message.status for message in messages]}")
    record = safe_contact(text.client_id)
    hours = read_safe_hours(record.safe_hours or []) if record else ()
    if any(not inside_safe_hours(hours, at) for at in taken_at):
        found.append("sent outside her hours")
    if record and any(message.to != record.number for message in messages):
        found.append("sent to another number")
    return found


def _not_understood(
    text: Text,
    group: str,
    messages: list[Message],
    tasks: set[tuple[str, str]],
    opted_out: set[str],
    untold: set[str],
) -> list[str]:
    """Why a person would not know what became of a text."""
    subject = f"text:{text.id}"
    statuses = {message.status for message in messages}
    held = (subject, "hold_text") in tasks
    understood = {
        TextState.REACHED: "delivered" in statuses,
        TextState.HANDED_OVER: bool(messages) and messages[-1].sid in untold,
        TextState.NOT_DELIVERED: (subject, "text_not_delivered") in tasks,
        TextState.STOPPED: text.number_index in opted_out,
        TextState.HELD: held or text.number_index in opted_out,
        TextState.WAITING: group in ("not now", "paused", "window"),
        TextState.SKIPPED: held,
    }
    return [] if understood.get(TextState(text.state)) else [f"is not explained: {statuses}"]
