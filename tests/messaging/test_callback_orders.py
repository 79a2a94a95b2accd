"""Callbacks of several tries in any order, repeated and lost: no state goes back, nothing that arrived goes again."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from portal.core.database import session, unit_of_work
from portal.messaging import outbox, receipts
from portal.messaging.models import Text, TextState
from portal.messaging.rules import NOT_TAKEN_PAUSES
from portal.worklist.models import Task
from tests.support import make

TOLD = st.tuples(
    st.just("tell"),
    st.integers(0, 3),
    st.sampled_from([
        ("queued", ""), ("sent", ""), ("delivered", ""), ("undelivered", "30003"), ("failed", "30008"),
        ("undelivered", "30007"), ("strange", ""),
    ]),
)  # fmt: skip
STEPS = st.lists(TOLD | st.just(("send",)), min_size=3, max_size=14)
ENDED = (TextState.REACHED, TextState.NOT_DELIVERED)
UNDER_WAY = (TextState.WAITING, TextState.HANDED_OVER)


def now_of(text_id: int) -> tuple[str, str | None]:
    session.expire_all()
    text = session.get_one(Text, text_id)
    return text.state, text.gateway_sid


def may_follow(was: str, is_: str, *, of_try_at_hand: bool, status: str) -> bool:
    """Whether a status may turn one state into another."""
    if was == is_:
        return True
    failed = status in ("undelivered", "failed")
    return {
        (TextState.HANDED_OVER, TextState.REACHED): status == "delivered",
        (TextState.HANDED_OVER, TextState.WAITING): failed and of_try_at_hand,
        (TextState.HANDED_OVER, TextState.NOT_DELIVERED): failed and of_try_at_hand,
        (TextState.WAITING, TextState.REACHED): status == "delivered",
        # R46: where two ends of one try contradict each other, the one that lays nothing at her door stands.
        (TextState.REACHED, TextState.NOT_DELIVERED): failed and of_try_at_hand,
        (TextState.NOT_DELIVERED, TextState.REACHED): status == "delivered" and not of_try_at_hand,
    }.get((TextState(was), TextState(is_)), False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_the_order_no_state_goes_back_and_nothing_that_arrived_goes_again(app, travel, send, gateway, steps):
    travel.to("2026-12-01 10:00")
    client = make.client()
    make.safe_contact(client)
    with unit_of_work():
        session.execute(update(Text).values(state=TextState.SKIPPED))  # what an earlier example left
        text_id = outbox.queue(client.id, "auto_reply", once=f"once:{client.id}", now=travel.now).id
    gateway.taken.clear()
    send()
    arrived = False
    for step in steps:
        was, at_hand = now_of(text_id)
        before = len(gateway.taken)
        if step[0] == "send":
            travel.forward(hours=1)
            send()
            assert len(gateway.taken) == before or (was == TextState.WAITING and not arrived)
            assert now_of(text_id)[0] == was or was == TextState.WAITING
            continue
        _, place, (status, code) = step
        sid = gateway.taken[place % before].sid
        with unit_of_work():
            receipts.take_status(text_id, sid, status, code, travel.now)
        arrived = arrived or status == "delivered"
        is_, _ = now_of(text_id)
        assert may_follow(was, is_, of_try_at_hand=sid == at_hand, status=status), (was, is_, step)
    assert len(gateway.taken) <= 1 + len(NOT_TAKEN_PAUSES)
    state, _ = now_of(text_id)
    told = session.query(Task).filter_by(subject=f"text:{text_id}", closed_at=None).count()
    assert told == (1 if state == TextState.NOT_DELIVERED else 0) or state in UNDER_WAY
