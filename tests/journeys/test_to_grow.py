"""The main journey on PostgreSQL and Redis, with two web processes and two workers, by settings alone."""

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from tests.load import fleet
from tests.load.wire import Wire
from tests.support import databases, live
from tests.support.fake_twilio import FakeTwilio

REDIS = "redis://127.0.0.1:6379/9"
"""A Redis database of this test's own."""


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.xdist_group("redis")
def test_she_books_is_reminded_and_answers_on_postgresql_and_redis(tmp_path):
    redis.Redis.from_url(REDIS).flushdb()
    with databases.postgresql(migrated=False) as url, FakeTwilio() as twilio:
        settings = {
            **fleet.twilio_settings(twilio), "PORTAL_REDIS_URL": REDIS, "PORTAL_DATABASE_URL": url,
            "WEB_CONCURRENCY": "2",
        }  # fmt: skip
        with live.portal(tmp_path, worker=2, settings=settings | {"PORTAL_NOW": "2026-12-01T10:20:00+00:00"}) as portal:
            assert_two_and_two(portal)
            woman = next(
                one for one in portal.demo["clients"]
                if (one["safe_contact"], one["language"], one["wording"]) == ("live", "en", "plain")
            )  # fmt: skip
            books(portal, woman)
            confirmation = arrives(twilio, woman["phone"], "3 Dec")
            twilio.call_back(confirmation, "sent", "delivered", doubled=True, swapped=True)
            assert rows(url, "SELECT state FROM texts WHERE gateway_sid = %s", confirmation) == [("reached",)]
            there = redis.Redis.from_url(REDIS).client_list()
            assert len([one for one in there if one["db"] == "9" and one["cmd"] != "client|list"]) >= 2, (
                "two workers' queue"
            )
        twilio.messages.clear()
        with live.portal(tmp_path, worker=2, settings=settings | {"PORTAL_NOW": "2026-12-02T10:20:00+00:00"}) as portal:
            reminder = arrives(twilio, woman["phone"], "3 Dec")
            assert "Reply 1" in twilio.message(reminder).body
            twilio.call_back(reminder, "delivered")
            address = f"{portal.address}/sms/in"
            assert twilio.text_in(address, sender=woman["phone"], to="+447700900999", body="1").status == 200
            until(lambda: ("coming",) in rows(url, "SELECT answer FROM appointments WHERE client_id = %s", woman["id"]))
            sent = Counter((one.to, one.body) for one in twilio.messages)
            assert max(sent.values()) == 1, "two workers remind each woman once"
    redis.Redis.from_url(REDIS).flushdb()


def assert_two_and_two(portal: live.LivePortal) -> None:
    """Two processes answer behind the web server, and two workers run."""
    web, *workers = portal.running
    until(lambda: len(Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()) == 2)
    assert [worker.poll() for worker in workers] == [None, None]


def books(portal: live.LivePortal, woman: dict) -> None:
    """She signs in and takes the first time that is offered on Thursday."""
    wire = Wire(portal.address)
    wire.sign_in(woman["code_name"], woman["passcode"])
    kind, centre = portal.demo["kinds"][0]["id"], portal.demo["centres"][0]["id"]
    address = f"/appointments/new?kind={kind}&centre={centre}&day=2026-12-03"
    start = re.search(rb'name="starts_at" value="([^"]+)"', wire.get(address, compressed=False).body)
    assert start, "a time is offered"
    answer = wire.post("/appointments", {
        "csrf_token": wire.token("/language"), "kind": str(kind), "centre": str(centre),
        "starts_at": start.group(1).decode(), "request_key": "to-grow",
    })  # fmt: skip
    assert answer.status == 303
    wire.close()


def arrives(twilio: FakeTwilio, number: str, words: str) -> str:
    """Wait for a text to a number with these words; gives its id."""

    def found() -> list[str]:
        return [one.sid for one in twilio.messages if one.to == number and words in one.body]

    until(lambda: bool(found()))
    return found()[0]


def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    """Wait until something holds."""
    over = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < over, "it did not come about"
        time.sleep(0.3)


def rows(url: str, statement: str, *values: object) -> list[tuple]:
    """What a statement finds."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(statement, values).fetchall()
