"""The same code on PostgreSQL and Redis, by settings alone: she books, the worker texts her."""

import re
import time

import pytest
import redis

from tests.load.wire import Wire
from tests.support import databases, live

REDIS = "redis://127.0.0.1:6379/9"
"""A Redis database of this test's own."""


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.xdist_group("redis")
def test_she_books_and_is_told_on_postgresql_and_redis(tmp_path):
    redis.Redis.from_url(REDIS).flushdb()
    settings = {"PORTAL_NOW": "2026-12-01T09:20:00+00:00", "PORTAL_REDIS_URL": REDIS, "WEB_CONCURRENCY": "2"}
    with (
        databases.postgresql(migrated=False) as url,
        live.portal(tmp_path, settings={**settings, "PORTAL_DATABASE_URL": url}) as portal,
    ):
        woman = next(one for one in portal.demo["clients"] if one["safe_contact"] == "live")
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
        until = time.monotonic() + 20
        while b"Thu 3 Dec" not in wire.get("/demo/phone", compressed=False).body:
            assert time.monotonic() < until, "the text did not arrive"
            time.sleep(0.5)
        wire.close()
        there = redis.Redis.from_url(REDIS).client_list()
        assert any(client["db"] == "9" and client["cmd"] != "client|list" for client in there), "the worker's queue"
    redis.Redis.from_url(REDIS).flushdb()
