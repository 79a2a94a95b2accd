"""One way into the outbox: wanted one by one or all at once, the same women get the same rows, holds and tasks."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from portal.clients.queries import whom_it_is
from portal.core import database
from portal.core.database import session, unit_of_work
from portal.messaging import outbox, stops
from portal.messaging.models import Text
from portal.worklist.models import Task
from tests.messaging.talk import come_in
from tests.support import make

RECORDS = {
    "open": {},
    "no texts": {"may_text": False},
    "no number": {"number": None},
    "overdue": {"check_again_on": make.date(2026, 11, 30)},
    "not proved": {"proved_at": None},
    "paused": {"pause_until": make.date(2026, 12, 3)},
    "later today": {"safe_hours": [{"day": 1, "from": "14:00", "to": "15:00"}]},
    "next week": {"safe_hours": [{"day": 0, "from": "14:00", "to": "15:00"}]},
    "never": {"safe_hours": []},
    "cover": {"wording": "cover", "cover_phrase": "Nails"},
    "stopped": {"stopped_at": make.date(2026, 11, 30)},
}
BEFORE_HAND = ("opted out", "frozen", "never asked", "closed")
SAME = (
    "client_id", "kind", "subject", "facts", "body", "number", "number_index", "written_by", "state", "reason",
    "send_at", "not_after_at", "wanted_at", "settled_at", "tries", "language", "parts",
)  # fmt: skip
"""Everything but what names the row."""


@pytest.fixture
def women(either_database, app, travel):
    """One woman for each thing that can stand between her and a text."""
    worker = make.staff("keyworker", make.centre())
    found = {}
    for position, why in enumerate((*RECORDS, *BEFORE_HAND)):
        client = found[why] = make.client(worker, **({"state": "closed"} if why == "closed" else {}))
        number = f"+4477009001{position:02d}"
        if why == "never asked":
            continue
        record = {"number": number, **RECORDS.get(why, {})}
        for name in ("pause_until", "stopped_at"):
            if name in record:
                record[name] = travel.now + timedelta(days=2 if name == "pause_until" else -1)
        make.safe_contact(client, **record)
        if why == "opted out":
            with unit_of_work():
                outbox.opt_out(number, travel.now)
        elif why == "frozen":
            come_in("who is this", travel.now, number=number)
    return list(found.values())


def wants(women, once: str, now) -> list[dict]:
    """Texts of staff's own, planned ones, automatic ones with facts, and one that was of use only yesterday."""
    shapes = (
        {"kind": "written", "body": "Hello", "written_by": 1},
        {"kind": "written", "body": "Hello", "written_by": 1, "send_at": now + timedelta(hours=5)},
        {"kind": "appointment_cancelled", "subject": "appointment:7", "facts": {"was": now}},
        {"kind": "test", "not_after_at": now + timedelta(minutes=3)},
        {"kind": "written", "body": "Late", "not_after_at": now - timedelta(days=1)},
    )
    return [
        {"client_id": woman.id, "once": f"{once}:{woman.id}:{number}", **shape}
        for woman, (number, shape) in itertools.product(women, enumerate(shapes))
    ]


def outcome(once: str) -> list[tuple]:
    session.remove()
    texts = session.scalars(select(Text).where(Text.once.startswith(once)).order_by(Text.id)).all()
    tasks = {task.subject: (task.kind, task.client_id, task.owner_id, task.due_at) for task in session.query(Task)}
    return [(*(getattr(text, name) for name in SAME), tasks.get(f"text:{text.id}")) for text in texts]


def as_wanted(want: dict) -> outbox.Wanted:
    return outbox.Wanted(whom_it_is(want["client_id"]), **{name: want[name] for name in want if name != "client_id"})


@pytest.mark.parametrize("texts_on", [True, False])
def test_one_by_one_and_all_at_once_are_the_same(women, travel, texts_on):  # R18
    if not texts_on:
        manager = make.staff("manager", make.centre())
        with unit_of_work():
            stops.turn_texts_off(manager.actor, why="a test", now=travel.now)
    for want in wants(women, "one", travel.now):
        with unit_of_work():
            outbox.queue(**want, now=travel.now)
    with unit_of_work():
        outbox.queue_many([as_wanted(want) for want in wants(women, "many", travel.now)], now=travel.now)
    one_by_one = outcome("one")
    assert outcome("many") == one_by_one
    assert len(one_by_one) == 5 * len(women) and len({row[SAME.index("reason")] for row in one_by_one}) >= 4
    assert any(row[-1] for row in one_by_one) and (texts_on or "texts_off" in str(one_by_one))


def test_what_is_wanted_already_is_the_same_text_and_raises_no_second_task(women, travel):
    with unit_of_work():
        first = outbox.queue_many([as_wanted(want) for want in wants(women, "many", travel.now)][::2], now=travel.now)
        ids, tasks = [text.id for text in first], session.query(Task).count()
    with unit_of_work():
        again = outbox.queue_many([as_wanted(want) for want in wants(women, "many", travel.now)], now=travel.now)
        assert [text.id for text in again][::2] == ids
        assert len({text.id for text in again}) == 5 * len(women) == session.query(Text).count()
    assert session.query(Task).where(Task.subject.in_([f"text:{number}" for number in ids])).count() <= tasks


def test_a_text_that_was_just_wanted_can_be_changed_and_read_back(women, travel):
    with unit_of_work():
        texts = outbox.queue_many([as_wanted(want) for want in wants(women, "many", travel.now)], now=travel.now)
        assert texts[0].tries == 0 and texts[0].body == "Hello" and texts[0].language == ""
        texts[0].tries = 3
    session.remove()
    assert session.get_one(Text, texts[0].id).tries == 3


def test_nothing_wanted_is_nothing(women, travel):
    with unit_of_work():
        assert outbox.queue_many([], now=travel.now) == []


def test_many_are_written_with_few_statements(women, travel):
    """Three hundred calls one by one held SQLite's write lock for seconds."""
    ran = []
    with unit_of_work():
        many = [as_wanted(want) for want in wants(women[:1] * 60, "many", travel.now)]
        many = [outbox.Wanted(one.whom, "written", f"text:{number}") for number, one in enumerate(many)]
        event.listen(database.engine(), "before_cursor_execute", lambda *facts: ran.append(facts[2]))
        assert len(outbox.queue_many(many, now=travel.now)) == 300
    assert sum(statement.startswith("INSERT INTO texts") for statement in ran) <= 3
    assert len(ran) <= 310, "one question of the gate for each, and hardly more"
