"""Whoever may not come in gets the same answer after the same work: as many slow hashes, as many questions (R14).

`make bench` measures the time itself; a test that timed would fail on a busy machine.
"""

import re
from contextlib import contextmanager

import pyotp
import pytest

from portal.accounts import secrets
from portal.accounts import service as accounts
from portal.accounts.rules import ACCOUNT_LIMIT
from portal.clients.models import Client, ClientState
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.staff.models import Staff
from tests.support import make
from tests.support.measures import statements, without_tokens
from tests.support.pages import PageClient

TYPED = "Typed Name 12"
WRONG = "000111"


@contextmanager
def slow_hashes():
    """Counts what argon2 is asked for, while it works as ever."""
    real, counted = secrets._hasher(), []

    class Counting:
        def verify(self, *values):
            counted.append("verify")
            return real.verify(*values)

        def hash(self, *values):
            counted.append("hash")
            return real.hash(*values)

    secrets._hasher, kept = Counting, secrets._hasher
    try:
        yield counted
    finally:
        secrets._hasher = kept


def answered(app, page: str, fields: dict[str, str]) -> dict:
    """What a try gets and costs: status, headers and words with tokens and what was typed taken out."""
    browser = PageClient(app)
    token = browser.get(page).field("csrf_token")
    session.remove()
    with slow_hashes() as hashes, statements() as asked:
        answer = browser.client.post(page, data={**fields, "csrf_token": token})
    body = without_tokens(answer.get_data(as_text=True))
    for typed in fields.values():
        body = body.replace(f'value="{typed}"', 'value="…"')
    headers = {name: value for name, value in answer.headers if name not in ("Set-Cookie", "Content-Length")}
    cookies = [re.sub(r"=[^;]*", "=…", cookie, count=1) for cookie in answer.headers.getlist("Set-Cookie")]
    return {
        "status": answer.status_code, "body": body, "headers": headers, "cookies": cookies,
        "hashes": hashes, "questions": [" ".join(one.split()) for one in asked],
    }  # fmt: skip


@pytest.fixture
def women(app, travel) -> dict[str, str]:
    """A code name for each reason not to come in, and a passcode."""
    secrets.verify_secret("passcode", "warm", None)
    found = {
        "wrong passcode": make.client(code_name="Amber Boat 21"),
        "locked": make.client(code_name="Green Lamp 34"),
        "paused": make.client(code_name="Quiet Field 55", sign_in_paused=True),
        "right but closed": make.client(code_name="Silver Gate 67"),
        "no passcode yet": make.client(code_name="Yellow Door 78"),
    }
    with unit_of_work():
        session.get_one(Client, found["right but closed"].id).state = ClientState.CLOSED
        session.delete(session.get_one(accounts.ClientPasscode, found["no passcode yet"].id))
    names = {reason: session.get_one(Client, client.id).code_name for reason, client in found.items()}
    return names | {"unknown": TYPED}


def same(answers: dict[str, dict]) -> None:
    """All answers are one answer."""
    first, *others = answers.items()
    for reason, answer in others:
        for part, value in answer.items():
            assert value == first[1][part], f"{reason} and {first[0]} differ in {part}"


def test_every_reason_why_a_woman_does_not_come_in_costs_and_says_the_same(app, women):  # R14, R41
    passcodes = {"wrong passcode": WRONG}
    for _ in range(ACCOUNT_LIMIT):
        answered(app, "/sign-in", {"code_name": women["locked"], "passcode": WRONG})
    answers = {
        reason: answered(app, "/sign-in", {"code_name": name, "passcode": passcodes.get(reason, make.PASSCODE)})
        for reason, name in women.items()
    }
    assert answers["unknown"]["status"] == 422 and answers["unknown"]["hashes"] == ["verify"]
    same(answers)


def test_every_reason_why_a_set_up_code_does_not_fit_costs_and_says_the_same(app, women, travel):  # R14
    with unit_of_work():
        client = session.query(Client).filter_by(sign_in_paused=True).one()
        worker = session.get_one(Staff, client.keyworker_id)
        code = accounts.make_setup_code(worker.actor, client, how="in_person", now=travel.now)
    for _ in range(ACCOUNT_LIMIT):
        answered(app, "/set-up", {"code_name": women["locked"], "code": "12345678", "passcode": "867530"})
    answers = {
        reason: answered(
            app, "/set-up",
            {"code_name": name, "code": code if reason == "paused" else "12345678", "passcode": "867530"},
        )
        for reason, name in women.items()
    }  # fmt: skip
    assert answers["unknown"]["status"] == 422 and answers["unknown"]["hashes"] == ["hash"]
    same(answers)


def test_every_reason_why_staff_do_not_come_in_costs_and_says_the_same(app, travel):  # R14, R17
    centre = make.centre()
    people = {reason: make.staff("keyworker", centre).email for reason in ("wrong password", "locked", "left")}
    secrets.verify_secret("password", "warm", None)
    with unit_of_work():
        next(one for one in session.query(Staff) if one.email == people["left"]).active = False
    people["unknown"] = "nobody99@example.org"
    for _ in range(ACCOUNT_LIMIT):
        answered(app, "/staff/sign-in", {"email": people["locked"], "password": "not it at all"})
    answers = {
        reason: answered(
            app, "/staff/sign-in",
            {"email": email, "password": "not it at all" if reason == "wrong password" else make.PASSWORD},
        )
        for reason, email in people.items()
    }  # fmt: skip
    assert answers["unknown"]["status"] == 422 and answers["unknown"]["hashes"] == ["verify"]
    same(answers)


def test_a_right_code_after_too_many_wrong_ones_is_spent_and_answered_as_a_wrong_one(page_client, travel):  # R14, R17
    sam = make.staff("keyworker", make.centre())
    email = sam.email
    page_client.get("/staff/sign-in")
    page_client.submit("/staff/sign-in", email=email, password=make.PASSWORD)
    for _ in range(ACCOUNT_LIMIT):
        wrong = page_client.submit("/staff/sign-in/second", code="000000")
    code = pyotp.TOTP(make.TOTP_SECRET).at(clock.real_now())
    right = page_client.submit("/staff/sign-in/second", code=code)
    assert (right.status, right.text) == (wrong.status, wrong.text)
    travel.forward(minutes=16)
    page_client.get("/staff/sign-in")
    page_client.submit("/staff/sign-in", email=email, password=make.PASSWORD)
    assert page_client.submit("/staff/sign-in/second", code=code).status == 422, "it is spent"
