"""Wanting texts: held, waiting or skipped at once, and never wanted twice."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.clients.models import OptOut
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound
from portal.messaging import held_texts, inbox, outbox
from portal.messaging.models import Text, TextState
from portal.worklist import service as worklist
from portal.worklist.models import Task
from tests.support import make
from tests.support.measures import statements


def want(client, now, *, once="once", kind="auto_reply", **values) -> Text:
    with unit_of_work():
        return outbox.queue(client.id, kind, once=once, now=now, **values)


def tasks(kind: str | None = None) -> list[Task]:
    return [task for task in session.scalars(select(Task).where(Task.closed_at.is_(None))) if kind in (None, task.kind)]


def again(text: Text) -> Text:
    session.expire_all()
    return session.get_one(Text, text.id)


def test_wanted_twice_it_is_one_text(either_database, app, travel):
    client = make.client()
    make.safe_contact(client)
    first, second = want(client, travel.now), want(client, travel.now)
    assert first.id == second.id
    assert session.scalar(select(func.count()).select_from(Text)) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (None, "no_record"),
        ({"may_text": False}, "not_allowed"),
        ({"proved_at": None}, "not_proved"),
        ({"check_again_on": make.date(2026, 12, 1)}, "check_overdue"),
        ({"safe_hours": []}, "no_safe_hours"),
    ],
)
def test_where_no_text_may_go_it_is_held_and_her_keyworker_gets_a_task(app, travel, values, reason):  # R18
    client = make.client()
    if values is not None:
        make.safe_contact(client, **values)
    text = want(client, travel.now)
    assert (text.state, text.reason) == (TextState.HELD, reason)
    [task] = tasks("hold_text")
    assert (task.client_id, task.owner_id, task.subject) == (client.id, client.keyworker_id, f"text:{text.id}")


def test_a_number_that_opted_out_gets_nothing_queued(app, travel):  # R22
    client = make.client()
    record = make.safe_contact(client)
    with unit_of_work():
        outbox.opt_out(record.number, travel.now)
    assert want(client, travel.now).reason == "opted_out"


def test_outside_her_hours_it_waits_for_the_next_window(app, travel):  # R19
    client = make.client()
    make.safe_contact(client, safe_hours=[{"day": 2, "from": "09:30", "to": "14:30"}])
    text = want(client, travel.now)
    assert (text.state, text.send_at) == (TextState.WAITING, make.london(make.date(2026, 12, 2), "09:30"))


def test_if_her_next_window_is_too_late_it_is_skipped_and_a_person_tells_her(app, travel):  # R19
    client = make.client()
    make.safe_contact(client, safe_hours=[{"day": 2, "from": "09:30", "to": "14:30"}])
    text = want(client, travel.now, not_after_at=travel.now + timedelta(hours=3))
    assert (text.state, text.reason) == (TextState.SKIPPED, "outside_hours")
    assert tasks("hold_text")[0].due_at == travel.now + timedelta(hours=3)


def test_a_reminder_to_come_is_held_as_soon_as_it_would_fall_beyond_the_check(app, travel):  # R18
    client = make.client()
    make.safe_contact(client, check_again_on=make.date(2026, 12, 3))
    text = want(client, travel.now, send_at=travel.now + timedelta(days=4))
    assert (text.state, text.reason) == (TextState.HELD, "check_overdue")


def test_a_held_text_whose_time_is_to_come_is_freed_with_its_task_when_the_reason_is_gone(app, travel):
    client = make.client()
    later, at_once = (
        want(client, travel.now, send_at=travel.now + timedelta(days=1)),
        want(client, travel.now, once="2"),
    )
    make.safe_contact(client)
    with unit_of_work():
        assert outbox.free_held(travel.now) == 1
    assert again(later).state == TextState.WAITING
    assert again(at_once).state == TextState.HELD, "a person has the task of telling her"
    assert [task.subject for task in tasks("hold_text")] == [f"text:{at_once.id}"]


@pytest.fixture
def many_held(app, travel) -> tuple[list[Text], list]:
    """Texts to come that stay held for every reason, and after them two of a woman who is asked by now."""
    women = {reason: make.client() for reason in ("no record", "opted out", "frozen", "no texts", "closed", "asked")}
    stay = []
    for number, (reason, client) in enumerate(women.items()):
        for place in range(5):
            when = travel.now + timedelta(days=2 if reason == "asked" else 1, minutes=place)
            stay.append(want(client, travel.now, once=f"{reason}:{place}", send_at=when))
        if reason not in ("no record", "asked"):
            make.safe_contact(client, number=f"+44770090080{number}", may_text=reason != "no texts")
    with unit_of_work():
        outbox.opt_out("+447700900801", travel.now)
        inbox.receive("SM1", "+447700900802", "who is this", travel.now)
        inbox.interpret_waiting(travel.now)
        session.get_one(make.Client, women["closed"].id).state = "closed"
    make.safe_contact(women["asked"])
    return stay[:-5], stay[-5:]


def test_many_that_stay_held_never_stand_before_one_that_may_go(many_held, travel, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_FREED", 3)
    stay, go = many_held
    with unit_of_work():
        assert [outbox.free_held(travel.now) for _ in range(3)] == [3, 2, 0]
    assert {again(text).state for text in go} == {TextState.WAITING}
    assert {again(text).state for text in stay} <= {TextState.HELD, TextState.STOPPED}


def test_two_thousand_held_texts_are_looked_at_in_a_few_queries(many_held, travel):
    with statements() as asked:
        held_texts.ready(travel.now)
    assert len(asked) <= 5


def test_what_is_about_a_cancelled_thing_is_skipped(app, travel):
    client = make.client()
    make.safe_contact(client)
    about = want(client, travel.now, subject="appointment:5")
    other = want(client, travel.now, once="other", subject="appointment:55")
    with unit_of_work():
        assert outbox.skip_for_subject("appointment:5", "cancelled", travel.now) == 1
    assert (again(about).state, again(about).reason) == (TextState.SKIPPED, "cancelled")
    assert again(other).state == TextState.WAITING


def test_an_opt_out_stops_all_that_is_queued_for_the_number_and_has_each_woman_rung(app, travel):  # R22, R23
    one, other = make.client(), make.client()
    make.safe_contact(one, number="+447700900500")
    make.safe_contact(other, number="+447700900500")
    texts = [want(one, travel.now, once="1"), want(other, travel.now, once="2")]
    with unit_of_work():
        outbox.opt_out("+447700900500", travel.now)
        outbox.opt_out("+447700900500", travel.now)
    assert {again(text).state for text in texts} == {TextState.STOPPED}
    assert {task.client_id for task in tasks("opt_out")} == {one.id, other.id}
    assert session.scalar(select(func.count()).select_from(OptOut)) == 1


def test_number_and_words_are_sealed_in_the_table(app, travel):  # R32
    client = make.client()
    record = make.safe_contact(client)
    text = want(client, travel.now, kind="written", body="See you then", facts={"starts_at": travel.now})
    row = session.execute(select(Text.__table__).where(Text.id == text.id)).one()
    assert record.number.encode() not in b"".join(value for value in row if isinstance(value, bytes))
    assert b"See you" not in b"".join(value for value in row if isinstance(value, bytes))
    assert again(text).facts == {"starts_at": travel.now.isoformat()}


def test_nobody_is_not_texted(app, travel):
    with pytest.raises(NotFound), unit_of_work():
        outbox.queue(999, "test", once="x", now=travel.now)


def test_a_task_raised_twice_at_the_same_moment_is_one_and_breaks_neither(either_database, app, travel):
    """A status call and the worker may both learn that a number bounced."""
    client = make.client()
    faults, together = [], threading.Barrier(4, timeout=10)

    def bounce() -> None:
        try:
            together.wait()
            with unit_of_work():
                worklist.raise_task("recheck_safe_contact", now=travel.now, client_id=client.id)
        except Exception as fault:  # noqa: BLE001  # whatever it is, a status call would be lost
            faults.append(fault)
        finally:
            session.remove()

    threads = [threading.Thread(target=bounce) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert session.query(Task).count() == 1
