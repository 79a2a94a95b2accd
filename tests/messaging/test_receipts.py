"""Statuses that the gateway tells: in any order, however often, of whatever try, they never lead back."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select

from portal.clients.queries import has_opted_out, safe_contact
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound
from portal.jobs import sending
from portal.messaging import outbox, receipts
from portal.messaging.models import Text, TextState, TextStatus
from portal.messaging.rules import NOT_TAKEN_PAUSES
from portal.sms.gateway import Candidate, SendRefused, SendUnknown
from portal.worklist.models import Task
from tests.support import make


@pytest.fixture
def client(app, travel):
    client = make.client()
    make.safe_contact(client)
    return client


@pytest.fixture
def sent(client, travel, send) -> int:
    text_id = want(client, travel.now)
    send()
    return text_id


def want(client, now, once: str = "1", **values) -> int:
    with unit_of_work():
        return outbox.queue(client.id, "auto_reply", once=once, now=now, **values).id


def text(text_id: int) -> Text:
    session.expire_all()
    return session.get_one(Text, text_id)


def tell(text_id: int, status: str, now, code: str = "", sid: str | None = None) -> str:
    """A status of the try at hand, or of another; gives of which."""
    sid = sid or text(text_id).gateway_sid
    with unit_of_work():
        receipts.take_status(text_id, sid, status, code, now)
    return sid


def state(text_id: int) -> str:
    return text(text_id).state


def open_tasks() -> list[tuple[str, str]]:
    return [(task.kind, task.subject) for task in session.scalars(select(Task).where(Task.closed_at.is_(None)))]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_swapped_and_repeated_statuses_end_in_the_same_state(sent, travel, order):
    for status in (*order, *order):
        tell(sent, status, travel.now)
    assert state(sent) == TextState.REACHED
    assert session.scalar(select(func.count()).select_from(TextStatus)) == 7, "each is kept as it came, ours first"


@pytest.mark.parametrize("code", ["30004", "30005", "30006", "30007", "21211", "21614", "", "x"])
def test_what_no_further_try_can_bring_becomes_one_task_for_a_person(sent, travel, code):
    tell(sent, "undelivered", travel.now, code)
    tell(sent, "undelivered", travel.now, code)
    assert (state(sent), text(sent).reason) == (TextState.NOT_DELIVERED, "refused")
    assert open_tasks().count(("text_not_delivered", f"text:{sent}")) == 1


def test_an_opt_out_told_by_a_status_stops_the_number(sent, client, travel):  # R22
    later = want(client, travel.now, "2", send_at=travel.now + timedelta(days=1))
    tell(sent, "failed", travel.now, "21610")
    assert has_opted_out(text(sent).number)
    assert (state(sent), state(later)) == (TextState.NOT_DELIVERED, TextState.STOPPED)


@pytest.mark.parametrize(
    ("code", "reason"),
    [("30003", "out_of_reach"), ("30036", "out_of_reach"), ("30001", "not_taken"), ("30002", "not_taken"),
     ("30008", "not_taken"), ("30017", "not_taken"), ("30022", "not_taken")],
)  # fmt: skip
def test_what_may_pass_goes_again_in_the_same_row_under_another_id(sent, travel, send, gateway, code, reason):
    first = tell(sent, "undelivered", travel.now, code)
    again = text(sent)
    assert (again.state, again.reason) == (TextState.WAITING, reason)
    assert (again.gateway_sid, again.send_at) == (None, travel.now + NOT_TAKEN_PAUSES[0])
    assert send() == 0, "not before its pause is over"
    travel.forward(minutes=15)
    assert send() == 1
    assert state(sent) == TextState.HANDED_OVER
    assert text(sent).gateway_sid not in (None, first)
    tell(sent, "delivered", travel.now)
    assert state(sent) == TextState.REACHED
    assert open_tasks() == []


def test_after_the_last_try_a_person_tells_her(sent, travel, send, gateway):
    for pause in NOT_TAKEN_PAUSES:
        tell(sent, "undelivered", travel.now, "30003")
        assert text(sent).send_at == travel.now + pause
        assert open_tasks() == []
        travel.now += pause
        assert send() == 1
    tell(sent, "undelivered", travel.now, "30003")
    assert state(sent) == TextState.NOT_DELIVERED
    assert open_tasks() == [("text_not_delivered", f"text:{sent}")]
    assert len(gateway.sent) == 1 + len(NOT_TAKEN_PAUSES)


def test_no_try_goes_past_the_time_of_use_and_a_person_tells_her(client, travel, send):  # R19
    wanted = want(client, travel.now, not_after_at=travel.now + timedelta(minutes=15))
    send()
    tell(wanted, "undelivered", travel.now, "30003")
    assert state(wanted) == TextState.NOT_DELIVERED
    assert open_tasks() == [("text_not_delivered", f"text:{wanted}")]


@pytest.mark.parametrize(
    ("day", "evening"), [("2027-03-28", "18:10"), ("2026-10-25", "18:10"), ("2026-12-01", "18:10")]
)
def test_a_further_try_waits_for_her_next_window_and_a_person_knows(app, travel, send, day, evening):  # R19
    travel.to(f"{day} {evening}")
    client = make.client()
    make.safe_contact(client, safe_hours=[{"day": day, "from": "18:00", "to": "18:20"} for day in range(7)])
    wanted = want(client, travel.now)
    send()
    tell(wanted, "undelivered", travel.now, "30003")
    tomorrow = clock.london_today(travel.now) + timedelta(days=1)
    assert (state(wanted), text(wanted).send_at) == (TextState.WAITING, make.london(tomorrow, "18:00"))
    assert open_tasks() == [("text_not_delivered", f"text:{wanted}")]
    travel.forward(hours=3)
    assert send() == 0
    travel.now = make.london(tomorrow, "18:00")
    assert send() == 1
    tell(wanted, "delivered", travel.now)
    assert open_tasks() == [], "nobody need tell her any more"


def test_her_record_is_read_again_before_a_further_try(sent, client, travel, send, gateway):  # R18
    tell(sent, "undelivered", travel.now, "30003")
    make.safe_contact(client, may_text=False)
    travel.forward(minutes=15)
    assert send() == 0
    assert (state(sent), text(sent).reason) == (TextState.HELD, "not_allowed")


def test_a_further_try_to_a_record_that_forbids_it_by_now_is_never_planned(sent, client, travel):  # R18
    make.safe_contact(client, may_text=False)
    tell(sent, "undelivered", travel.now, "30003")
    assert state(sent) == TextState.NOT_DELIVERED
    assert open_tasks() == [("text_not_delivered", f"text:{sent}")]


def test_statuses_of_an_earlier_try_change_nothing_of_a_later_one(sent, travel, send):
    first = tell(sent, "undelivered", travel.now, "30003")
    for status, code in (("sent", ""), ("undelivered", "30003"), ("failed", "30005"), ("queued", "")):
        tell(sent, status, travel.now, code, sid=first)
        assert (state(sent), text(sent).send_at) == (TextState.WAITING, travel.now + NOT_TAKEN_PAUSES[0])
    travel.forward(minutes=15)
    send()
    for status, code in (("sent", ""), ("undelivered", "30003"), ("failed", "30005")):
        tell(sent, status, travel.now, code, sid=first)
        assert state(sent) == TextState.HANDED_OVER
    tell(sent, "delivered", travel.now)
    tell(sent, "undelivered", travel.now, "30003", sid=first)
    assert state(sent) == TextState.REACHED
    assert open_tasks() == []


def test_an_earlier_try_that_arrived_after_all_is_not_sent_again(sent, travel, send, gateway):
    first = tell(sent, "undelivered", travel.now, "30003")
    tell(sent, "delivered", travel.now, sid=first)
    assert state(sent) == TextState.REACHED
    travel.forward(days=1)
    assert send() == 0
    assert len(gateway.sent) == 1


def test_an_earlier_try_that_arrives_while_a_later_one_is_under_way_stands(sent, travel, send, gateway):
    first = tell(sent, "undelivered", travel.now, "30003")
    travel.forward(minutes=15)
    gateway.before = lambda: tell(sent, "delivered", travel.now, sid=first)
    assert send() == 1
    assert state(sent) == TextState.REACHED
    tell(sent, "undelivered", travel.now, "30003", sid=gateway.taken[-1].sid)
    assert state(sent) == TextState.REACHED
    assert open_tasks() == []


def test_told_undelivered_before_the_receipt_is_stored_the_receipt_changes_nothing(client, travel, send, gateway):
    wanted = want(client, travel.now)
    true_send = gateway.send

    def overtaken(**values):
        receipt = true_send(**values)
        tell(wanted, "undelivered", travel.now, "30003", sid=receipt.sid)
        return receipt

    gateway.send = overtaken
    assert send() == 1
    assert (state(wanted), text(wanted).gateway_sid) == (TextState.WAITING, None)
    gateway.send = true_send
    travel.forward(minutes=15)
    assert send() == 1
    assert state(wanted) == TextState.HANDED_OVER


def test_an_old_try_with_the_same_words_is_not_taken_for_a_lost_new_one(sent, settings, travel, send, gateway):
    first = tell(sent, "undelivered", travel.now, "30003")
    travel.forward(minutes=15)
    gateway.faults = [SendUnknown(None)]
    send()
    assert state(sent) == TextState.UNKNOWN
    gateway.taken = [Candidate(first, "undelivered", text(sent).body, clock.real_now(), "30003")]
    with unit_of_work():
        look_up = receipts.claim_look_up(clock.real_now())
    assert first in look_up.known_sids
    with unit_of_work():
        receipts.settle_look_up(look_up, gateway.taken, now=travel.now)
    assert (state(sent), text(sent).looked_up) == (TextState.UNKNOWN, 1)


def test_a_look_up_that_finds_it_undelivered_lets_it_go_again_or_tells_a_person(
    client, settings, travel, send, gateway
):
    for once, code, expected in (("1", "30003", TextState.WAITING), ("2", "30005", TextState.NOT_DELIVERED)):
        wanted = want(client, travel.now, once)
        gateway.faults = [SendUnknown(None)]
        send()
        gateway.taken = [Candidate(f"SM{once}", "undelivered", text(wanted).body, clock.real_now(), code)]
        assert sending.settle_unknown(settings, gateway) == 1
        assert state(wanted) == expected


def test_what_was_skipped_meanwhile_is_not_sent_again(sent, travel, send):
    tell(sent, "undelivered", travel.now, "30003")
    with unit_of_work():
        session.get_one(Text, sent).subject = "appointment:5"
    with unit_of_work():
        assert outbox.skip_for_subject("appointment:5", "cancelled", travel.now) == 1
    travel.forward(minutes=15)
    assert send() == 0
    assert state(sent) == TextState.SKIPPED


BOUNCES = ["30005", "30006", "21211", "21214", "21217", "21614"]


@pytest.mark.parametrize("code", BOUNCES)
@pytest.mark.parametrize("by_status", [True, False])
def test_a_number_that_is_wrong_or_gone_makes_safe_contact_due(client, travel, send, gateway, code, by_status):  # R18
    wanted = want(client, travel.now)
    if not by_status:
        gateway.faults = [SendRefused(int(code), final=True)]
    send()
    if by_status:
        tell(wanted, "undelivered", travel.now, code)
    assert state(wanted) == TextState.NOT_DELIVERED
    assert safe_contact(client.id).check_again_on == clock.london_today(travel.now)
    assert sorted(open_tasks()) == [("recheck_safe_contact", ""), ("text_not_delivered", f"text:{wanted}")]
    assert {task.owner_id for task in session.scalars(select(Task))} == {client.keyworker_id}
    assert text(want(client, travel.now, "next")).reason == "check_overdue"


def test_a_number_that_she_has_left_already_bounces_nobody(client, travel, send):
    wanted = want(client, travel.now)
    send()
    make.safe_contact(client, number="+447700900777")
    tell(wanted, "undelivered", travel.now, "30005")
    assert safe_contact(client.id).check_again_on > clock.london_today(travel.now)
    assert open_tasks() == [("text_not_delivered", f"text:{wanted}")]


@pytest.mark.parametrize("code", ["30003", "30007", "30008", "21610"])
def test_other_faults_say_nothing_about_the_number(sent, client, travel, code):
    tell(sent, "undelivered", travel.now, code)
    assert safe_contact(client.id).check_again_on > clock.london_today(travel.now)


def test_unknown_ids_are_not_there(app, travel):
    for text_id in (999, 0, 2**40):
        with pytest.raises(NotFound):
            tell(text_id, "sent", travel.now, sid="SM1")
