"""Sending: exactly once after every kind of failure, in her hours, within caps and rate, never with a banned word."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.clients.queries import has_opted_out
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.jobs import sending
from portal.messaging import outbox, receipts, registry, sender
from portal.messaging.models import SendingStop, Text, TextState
from portal.sms.gateway import GatewayUnavailable, SendRefused, SendUnknown
from portal.worklist.models import Task
from tests.support import make


@pytest.fixture
def client(app, travel):
    client = make.client()
    make.safe_contact(client)
    return client


@pytest.fixture
def real_time(monkeypatch):
    """Moves the machine's own clock."""
    offset = {"by": timedelta(0)}
    true_now = clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: true_now() + offset["by"])

    def forward(**delta) -> None:
        offset["by"] += timedelta(**delta)

    return forward


def want(client, now, *, once="once", kind="auto_reply", **values) -> int:
    with unit_of_work():
        return outbox.queue(client.id, kind, once=once, now=now, **values).id


def text(text_id: int) -> Text:
    session.expire_all()
    return session.get_one(Text, text_id)


def state(text_id: int) -> tuple[str, str]:
    return text(text_id).state, text(text_id).reason


def task_kinds() -> list[str]:
    return [task.kind for task in session.scalars(select(Task).where(Task.closed_at.is_(None)).order_by(Task.id))]


def claim(travel):
    with unit_of_work():
        return sender.claim_next("other", per_second=1000, words=(), now=travel.now, real_now=clock.real_now())


def test_a_due_text_is_sent_once_with_our_id_in_the_callback(either_database, client, travel, send, gateway):
    wanted = want(client, travel.now)
    assert send() == 1
    assert send() == 0
    assert gateway.sent == [("+447700900001", "Thank you. We read this Monday to Friday, 9 to 5.")]
    assert gateway.calls[0]["status_callback"].endswith(f":8000/sms/status/{wanted}")
    assert gateway.calls[0]["valid_for"] == 10 * 3600, "until her window ends"
    sent = text(wanted)
    assert (sent.state, sent.parts, sent.language) == (TextState.HANDED_OVER, 1, "en")
    assert sent.body == gateway.sent[0][1]
    assert sent.sent_at == travel.now


def test_what_is_not_due_stays(client, travel, send, gateway):
    want(client, travel.now, send_at=travel.now + timedelta(minutes=1))
    assert send() == 0
    travel.forward(minutes=1)
    assert send() == 1


def test_two_workers_never_hold_one_text_nor_one_number(either_database, client, travel):
    want(client, travel.now, once="1")
    want(client, travel.now, once="2")
    assert isinstance(claim(travel), sender.Claim)
    assert claim(travel) is None


def test_two_women_on_one_number_are_texted_one_after_the_other(app, travel):
    women = [make.client(), make.client()]
    for woman in women:
        make.safe_contact(woman, number="+447700900500")
        want(woman, travel.now, once=str(woman.id))
    assert isinstance(claim(travel), sender.Claim)
    assert claim(travel) is None


def test_a_number_recorded_since_is_looked_at_too(client, travel):
    other = make.client()
    make.safe_contact(other, number="+447700900500")
    want(other, travel.now, once="other")
    want(client, travel.now)
    make.safe_contact(client, number="+447700900500")
    assert isinstance(claim(travel), sender.Claim)
    assert claim(travel) is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"may_text": False}, "not_allowed"), ({"proved_at": None}, "not_proved"), ({"safe_hours": []}, "no_safe_hours")],
)
def test_the_record_is_read_again_at_sending(client, travel, send, gateway, values, reason):  # R18
    wanted = want(client, travel.now)
    make.safe_contact(client, **values)
    assert send() == 0
    assert state(wanted) == (TextState.HELD, reason)
    assert task_kinds() == ["hold_text"]


def test_a_changed_number_counts_from_the_moment_it_was_recorded(client, travel, send, gateway):
    want(client, travel.now)
    make.safe_contact(client, number="+447700900777")
    send()
    assert [number for number, _ in gateway.sent] == ["+447700900777"]


def test_hours_changed_after_it_was_wanted_move_it(client, travel, send, gateway):  # R19
    wanted = want(client, travel.now)
    make.safe_contact(client, safe_hours=[{"day": 1, "from": "18:00", "to": "19:00"}])
    assert send() == 0
    assert text(wanted).send_at == make.london(make.date(2026, 12, 1), "18:00")
    travel.to("2026-12-01 18:00")
    assert send() == 1
    assert gateway.calls[0]["valid_for"] == 3600


@pytest.mark.parametrize(("day", "evening"), [("2027-03-28", "18:00"), ("2026-10-25", "18:00")])
def test_on_the_clock_change_sundays_it_goes_at_her_wall_time(app, travel, send, gateway, day, evening):  # R19
    travel.to(f"{day} 00:30")
    client = make.client()
    make.safe_contact(client, safe_hours=[{"day": 6, "from": evening, "to": "18:30"}])
    want(client, travel.now)
    travel.to(f"{day} 17:59")
    assert send() == 0
    travel.to(f"{day} 18:00")
    assert send() == 1
    assert gateway.calls[0]["valid_for"] == 1800


def test_a_text_from_her_number_that_nobody_read_holds_back_what_is_queued(client, travel, send, gateway):  # R22
    from portal.messaging import inbox, service

    wanted = want(client, travel.now, kind="written", body="Hello", written_by=client.keyworker_id)
    with unit_of_work():
        inbox.receive("SM1", "+447700900001", "can we talk", travel.now)
    assert send() == 0
    assert state(wanted) == (TextState.WAITING, "unread_answer")
    with unit_of_work():
        inbox.interpret_waiting(travel.now)
    travel.forward(minutes=3)
    assert send() == 0, "a machine read it, no person did"
    with unit_of_work():
        service.open_thread(session.get_one(make.Staff, client.keyworker_id).actor, client.id, now=travel.now)
    travel.forward(minutes=3)
    assert send() == 1


def test_the_caps_hold_whoever_asks(client, travel, send, gateway):  # R27
    for number in range(20):
        want(client, travel.now, once=str(number))
    send()
    assert len(gateway.sent) == 6
    travel.forward(hours=1)
    send()
    assert len(gateway.sent) == 12
    travel.forward(hours=5)
    send()
    assert len(gateway.sent) == 12
    travel.to("2026-12-02 10:00")
    send()
    assert len(gateway.sent) == 18


def test_a_stop_lets_nothing_out_until_it_is_ended(client, travel, send, gateway):  # R27
    want(client, travel.now)
    with unit_of_work():
        stop = SendingStop(stopped_at=travel.now, stopped_by=client.keyworker_id, why="made up")
        session.add(stop)
    assert send() == 0
    with unit_of_work():
        session.merge(stop).ended_at = travel.now
    assert send() == 1


def test_the_rate_holds_over_all_workers(client, travel, settings):
    for number in range(3):
        woman = make.client()
        make.safe_contact(woman)
        want(woman, travel.now, once=str(number))
    at = clock.real_now()
    claims = []
    for _ in range(3):
        with unit_of_work():
            claims.append(sender.claim_next("w", per_second=2, words=(), now=travel.now, real_now=at))
    assert [type(step) for step in claims] == [sender.Claim, sender.Claim, sender.Pause]
    assert 0 < claims[2].seconds <= 1


def test_what_is_no_longer_wanted_is_skipped_without_a_task(client, travel, send, gateway):
    registry.register("passing", still_wanted=lambda subject_id, now: subject_id != 5)
    wanted = want(client, travel.now, kind="passing", subject="thing:5")
    assert send() == 0
    assert state(wanted) == (TextState.SKIPPED, "not_wanted")
    assert task_kinds() == []


def test_too_late_it_is_never_sent(client, travel, send, gateway):  # R19
    wanted = want(client, travel.now, not_after_at=travel.now + timedelta(hours=1))
    travel.forward(hours=1)
    assert send() == 0
    assert state(wanted) == (TextState.SKIPPED, "too_late")
    assert task_kinds() == ["hold_text"]


@pytest.mark.parametrize(
    "body", ["The police rang", "Your solicitor rang", "My Week is on", "Jo will ring", "see a.org"]
)
def test_whoever_wrote_it_no_banned_word_leaves(client, travel, send, gateway, body):  # R20
    wanted = want(client, travel.now, kind="written", body=body, written_by=client.keyworker_id)
    assert send() == 0
    assert state(wanted) == (TextState.HELD, "banned_word")
    assert task_kinds() == ["hold_text"]


def test_a_kind_that_nobody_knows_is_held(client, travel, send, gateway):
    wanted = want(client, travel.now, kind="strange")
    assert send() == 0
    assert state(wanted) == (TextState.HELD, "unknown_kind")


def test_a_refusal_that_may_pass_is_tried_again_after_a_growing_pause(client, travel, send, gateway):
    wanted = want(client, travel.now)
    gateway.faults = [SendRefused(20003, final=False), SendRefused(20429, final=False, retry_after=600)]
    send()
    assert (state(wanted), text(wanted).send_at) == (
        (TextState.WAITING, "gateway_busy"),
        travel.now + timedelta(minutes=1),
    )
    assert send() == 0
    travel.forward(minutes=1)
    send()
    assert text(wanted).send_at == travel.now + timedelta(minutes=10)
    travel.forward(minutes=10)
    send()
    assert len(gateway.sent) == 1
    assert text(wanted).state == TextState.HANDED_OVER


def test_refusals_never_lead_past_the_time_of_use_and_a_person_is_told(client, travel, send, gateway):
    wanted = want(client, travel.now, not_after_at=travel.now + timedelta(seconds=30))
    gateway.faults = [SendRefused(20003, final=False)]
    send()
    assert state(wanted) == (TextState.SKIPPED, "too_late")
    assert task_kinds() == ["hold_text"]


def test_a_final_refusal_is_told_to_a_person(client, travel, send, gateway):
    wanted = want(client, travel.now)
    gateway.faults = [SendRefused(21211, final=True)]
    send()
    assert state(wanted) == (TextState.NOT_DELIVERED, "refused")
    assert text(wanted).sent_at is None
    assert task_kinds() == ["text_not_delivered"]


def test_a_number_that_told_the_gateway_to_stop_is_opted_out(client, travel, send, gateway):  # R22
    wanted, later = want(client, travel.now), want(client, travel.now, once="2", send_at=travel.now + timedelta(days=1))
    gateway.faults = [SendRefused(21610, final=True, opted_out=True)]
    send()
    assert has_opted_out("+447700900001")
    assert {text(wanted).state, text(later).state} == {TextState.STOPPED}
    assert task_kinds() == ["opt_out"]


def test_taken_but_unanswered_it_is_found_and_not_sent_again(client, travel, send, gateway, settings, real_time):
    wanted = want(client, travel.now)
    gateway.send, true_send = (lambda **kwargs: _take_and_cut(true_send, kwargs)), gateway.send
    send()
    assert text(wanted).state == TextState.UNKNOWN
    assert sending.settle_unknown(settings, gateway) == 1
    assert text(wanted).state == TextState.HANDED_OVER
    assert text(wanted).gateway_sid == gateway.taken[0].sid
    assert send() == 0


def _take_and_cut(true_send, kwargs):
    true_send(**kwargs)
    raise SendUnknown(None)


def test_not_found_twice_two_minutes_apart_it_is_sent_again_once(client, travel, send, gateway, settings, real_time):
    wanted = want(client, travel.now)
    gateway.faults = [SendUnknown(None)]
    send()
    assert sending.settle_unknown(settings, gateway) == 1
    assert sending.settle_unknown(settings, gateway) == 0, "not before two minutes are over"
    assert send() == 0
    real_time(minutes=2, seconds=1)
    assert sending.settle_unknown(settings, gateway) == 1
    assert text(wanted).state == TextState.WAITING
    assert send() == 1
    assert len(gateway.sent) == 1


def test_a_look_up_without_an_answer_counts_for_nothing(client, travel, send, gateway, settings, real_time):
    wanted = want(client, travel.now)
    gateway.faults = [SendUnknown(None)]
    send()
    gateway.find = _unavailable
    for _ in range(3):
        sending.settle_unknown(settings, gateway)
        real_time(minutes=3)
    assert text(wanted).state == TextState.UNKNOWN
    assert text(wanted).looked_up == 0


def _unavailable(**_):
    raise GatewayUnavailable(503)


class Killed(BaseException):
    """The worker dies on the spot."""


@pytest.mark.parametrize("taken", [True, False])
def test_a_worker_that_dies_around_the_call_loses_and_doubles_nothing(
    either_database, client, travel, send, gateway, settings, real_time, taken
):
    wanted = want(client, travel.now)
    true_send = gateway.send

    def die(**kwargs):
        if taken:
            true_send(**kwargs)
        raise Killed

    gateway.send = die
    with pytest.raises(Killed):
        send()
    gateway.send = true_send
    assert text(wanted).state == TextState.SENDING
    assert send() == 0, "nobody else may send it meanwhile"
    real_time(seconds=61)
    sending.settle_unknown(settings, gateway)
    real_time(minutes=2, seconds=1)
    sending.settle_unknown(settings, gateway)
    send()
    assert len(gateway.sent) == 1
    assert text(wanted).state == TextState.HANDED_OVER


def test_a_worker_that_dies_before_it_stores_the_receipt_doubles_nothing(
    client, travel, send, gateway, settings, real_time
):
    wanted = want(client, travel.now)
    held = claim(travel)
    gateway.send(to=held.number, body=held.body, status_callback="")
    real_time(seconds=61)
    sending.settle_unknown(settings, gateway)
    assert send() == 0
    assert (len(gateway.sent), text(wanted).state) == (1, TextState.HANDED_OVER)


def test_a_worker_that_slept_through_its_claim_does_not_send(client, travel, gateway, real_time):
    want(client, travel.now)
    held = claim(travel)
    real_time(minutes=5)
    assert isinstance(sender.deliver(gateway, held, public_url=""), SendUnknown)
    assert gateway.sent == []


def test_a_callback_that_overtakes_the_receipt_stands(client, travel, send, gateway):
    wanted = want(client, travel.now)

    def call_back():
        with unit_of_work():
            receipts.take_status(wanted, "SM9", "delivered", "", travel.now)

    gateway.before = call_back
    send()
    assert (text(wanted).state, text(wanted).gateway_sid) == (TextState.REACHED, "SM9")


def test_the_lost_text_of_another_claim_is_not_taken_for_ours(client, travel, send, gateway, settings, real_time):
    """Two texts with the same words: the first one's receipt must not stand in for the second."""
    want(client, travel.now, once="1")
    send()
    second = want(client, travel.now, once="2")
    gateway.faults = [SendUnknown(None)]
    send()
    gateway.taken = [gateway.taken[0]._replace(created_at=clock.real_now())]
    sending.settle_unknown(settings, gateway)
    assert text(second).state == TextState.UNKNOWN


def test_the_log_holds_no_number_and_no_words(client, travel, send, gateway, capsys):  # R10
    want(client, travel.now)
    send()
    printed = "".join(capsys.readouterr())
    assert "7700" not in printed
    assert "Thank you" not in printed


def test_four_workers_at_once_send_each_text_once_and_never_two_to_one_number(
    either_database, app, travel, gateway, settings
):
    women = [make.client() for _ in range(6)]
    for number, woman in enumerate(women):
        make.safe_contact(woman, number=f"+4477009005{number:02}")
        for turn in range(4):
            want(woman, travel.now, once=f"{woman.id}:{turn}")
    under_way: set[str] = set()
    clashes: list[str] = []
    true_send = gateway.send

    def watched(**kwargs):
        number = kwargs["to"]
        if number in under_way:
            clashes.append(number)
        under_way.add(number)
        time.sleep(0.01)
        under_way.discard(number)
        return true_send(**kwargs)

    gateway.send = watched

    def work(name: int) -> None:
        for _ in range(12):
            sending.send_due(settings, gateway, f"worker-{name}", sleep=lambda seconds: None)
        session.remove()

    session.remove()
    workers = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert clashes == []
    assert Counter(number for number, _ in gateway.sent) == {f"+4477009005{number:02}": 4 for number in range(6)}
    assert {row.state for row in session.scalars(select(Text))} == {TextState.HANDED_OVER}
