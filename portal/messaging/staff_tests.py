"""A test text to a staff phone: shows in the first hour that texts leave, while texts to women are still off.

It is claimed and committed before the gateway is asked, as every text is, and never repeated: whoever waits for it
presses again.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, func, select

from portal.audit import service as audit
from portal.clients.queries import has_opted_out
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import get_or_none, lock_rows, on_sqlite, session
from portal.core.errors import Invalid, NotFound
from portal.core.phone import parse_mobile
from portal.messaging.desk_models import StaffTest
from portal.messaging.duty import is_a_womans
from portal.messaging.models import TextState
from portal.messaging.queries import number_index
from portal.messaging.rules import TOO_OLD_TO_SEND, state_told
from portal.messaging.stops import current_stop
from portal.sms.gateway import Gateway, Receipt, SendRefused, SendUnknown

BODY = "Test text, asked for by a colleague. Texts work. Nothing to do."
"""What stands on the phone: no name, no place."""
MOST_AN_HOUR = 5
"""Tests in an hour, over everybody: they cost money, and a number could be mistyped."""
USEFUL_FOR = timedelta(minutes=10)
LOST_AFTER = timedelta(minutes=2)
"""Real time after which a claimed test that nobody settled is given up."""
TEST_LOCK = 7_201_903
"""The advisory lock under which tests are wanted and claimed one at a time."""


class Trial(NamedTuple):
    """A test that this worker alone sends now; `claimed_at` is real time."""

    test_id: int
    number: str
    claimed_at: datetime


def want(actor: Actor, number: str, *, drama_only: bool, now: datetime) -> StaffTest:
    """Want a test text to a staff phone.

    Raises Invalid("number", …) as `parse_mobile`, Invalid("number", "not_usable") for a number that any woman's record
    holds or held or that asked for no more texts, Invalid("number", "too_many") after MOST_AN_HOUR.
    """
    require(actor, Permission.MOVE_IN)
    plain = parse_mobile(number, drama_only=drama_only)
    index = number_index(plain)
    if is_a_womans(index) or has_opted_out(plain):
        raise Invalid("number", "not_usable")
    _in_line()
    recent = select(func.count(StaffTest.id)).where(StaffTest.wanted_at > now - timedelta(hours=1))
    if (session.scalar(recent) or 0) >= MOST_AN_HOUR:
        raise Invalid("number", "too_many")
    test = StaffTest(number=plain, number_index=index, wanted_by=actor.id, wanted_at=now, state="wanted")
    session.add(test)
    session.flush()
    audit.record(actor, "staff_test_wanted", now=now, subject=f"staff_test:{test.id}")
    return test


def claim_next(now: datetime, real_now: datetime) -> Trial | None:
    """Claim the next test that is due; what has waited too long fails. None when there is none or all is stopped.

    The switch of texts to women does not count: this goes to no woman. The caller commits before it sends.
    """
    _in_line()
    waiting = select(StaffTest).where(StaffTest.state.in_(("wanted", "sending"))).order_by(StaffTest.id)
    for test in session.scalars(lock_rows(waiting)).all():
        lost = test.claimed_at is not None and real_now - test.claimed_at > LOST_AFTER
        if lost or now - test.wanted_at > USEFUL_FOR or is_a_womans(test.number_index):
            _end(test, "failed", now)
        elif test.state == "wanted" and current_stop() is None:
            test.state, test.claimed_at = "sending", real_now
            session.flush()
            return Trial(test.id, test.number, real_now)
    session.flush()
    return None


def deliver(gateway: Gateway, trial: Trial, *, public_url: str) -> Receipt | SendRefused | SendUnknown:
    """Send a claimed test, outside any unit of work; what came of it is for `settle`."""
    if clock.real_now() - trial.claimed_at > TOO_OLD_TO_SEND:
        return SendUnknown(None)
    try:
        return gateway.send(
            to=trial.number,
            body=BODY,
            status_callback=f"{public_url}/sms/trial/{trial.test_id}",
            valid_for=int(USEFUL_FOR.total_seconds()),
        )
    except (SendRefused, SendUnknown) as failure:
        return failure


def settle(trial: Trial, outcome: Receipt | SendRefused | SendUnknown, *, now: datetime) -> None:
    """Store what came of a test; what the network told in the meantime stands."""
    test = session.scalars(lock_rows(select(StaffTest).where(StaffTest.id == trial.test_id))).one()
    if test.state == "sending":
        _end(test, "sent" if isinstance(outcome, Receipt) else "failed", now)
    session.flush()


def take_status(test_id: int, status: str, *, now: datetime) -> None:
    """The gateway tells what became of a test. Raises NotFound."""
    test = get_or_none(StaffTest, test_id)
    if test is None:
        raise NotFound("test")
    told = state_told(status)
    if told is TextState.REACHED:
        _end(test, "arrived", now)
    elif told is TextState.NOT_DELIVERED and test.state != "arrived":
        _end(test, "failed", now)
    session.flush()


def latest() -> StaffTest | None:
    """The newest test."""
    return session.scalars(select(StaffTest).order_by(StaffTest.id.desc()).limit(1)).first()


def worked() -> bool:
    """Whether a test ever left."""
    return session.scalar(left().limit(1)) is not None


def left() -> Select[int]:
    """The ids of the tests that left."""
    return select(StaffTest.id).where(StaffTest.state.in_(("sent", "arrived")))


def one_waits() -> bool:
    """Whether a test waits for the worker: one small query."""
    return session.scalar(select(StaffTest.id).where(StaffTest.state == "wanted").limit(1)) is not None


def _end(test: StaffTest, state: str, now: datetime) -> None:
    test.state, test.settled_at = state, now
    test.number, test.number_index = None, ""


def _in_line() -> None:
    if not on_sqlite():
        session.execute(select(func.pg_advisory_xact_lock(TEST_LOCK)))
