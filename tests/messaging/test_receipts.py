"""Statuses that the gateway tells: in any order, however often, they never lead back."""

from itertools import permutations

import pytest
from sqlalchemy import func, select

from portal.core.database import session, unit_of_work
from portal.core.errors import NotFound
from portal.messaging import outbox, receipts
from portal.messaging.models import Text, TextState, TextStatus
from portal.worklist.models import Task
from tests.support import make


@pytest.fixture
def sent(app, travel, send) -> int:
    client = make.client()
    make.safe_contact(client)
    with unit_of_work():
        text_id = outbox.queue(client.id, "test", once="1", now=travel.now).id
    send()
    return text_id


def tell(text_id: int, status: str, now, code: str = "") -> None:
    with unit_of_work():
        receipts.take_status(text_id, "SM1", status, code, now)


def state(text_id: int) -> str:
    session.expire_all()
    return session.get_one(Text, text_id).state


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_swapped_and_repeated_statuses_end_in_the_same_state(sent, travel, order):
    for status in (*order, *order):
        tell(sent, status, travel.now)
    assert state(sent) == TextState.REACHED
    assert session.scalar(select(func.count()).select_from(TextStatus)) == 6, "each is kept as it came"


def test_not_delivered_becomes_one_task_for_a_person(sent, travel):
    tell(sent, "undelivered", travel.now, "30003")
    tell(sent, "undelivered", travel.now, "30003")
    assert state(sent) == TextState.NOT_DELIVERED
    [task] = session.scalars(select(Task)).all()
    assert (task.kind, task.subject) == ("text_not_delivered", f"text:{sent}")


def test_unknown_ids_are_not_there(app, travel):
    for text_id in (999, 0, 2**40):
        with pytest.raises(NotFound):
            tell(text_id, "sent", travel.now)
