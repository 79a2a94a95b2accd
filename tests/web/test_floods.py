"""Floods: one visitor or network cannot take the portal from all others; help and the way out never close."""

import socket
import uuid

import pytest

from portal.app import create_app
from portal.core import database
from portal.core.settings import Settings
from portal.web import floods
from tests.support import make, sign_in
from tests.support.measures import statements
from tests.support.pages import PageClient

REDIS = "redis://127.0.0.1:6379/9"
OUTSIDE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture(autouse=True)
def fresh():
    """Each test counts from nothing."""
    floods._shared.clear()


@pytest.fixture
def outside(environ, monkeypatch):
    """The demo, as if it answered other machines: what comes from this one counts as no network."""
    monkeypatch.setattr("portal.app._loopback_only", lambda: None)
    app = create_app(Settings.from_env(environ))
    yield app.test_client()
    database.disconnect()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def counters(request):
    if request.param == "memory":
        return floods.InMemory()
    return floods.InRedis(REDIS, prefix=f"test:{uuid.uuid4().hex}:")


def test_each_name_is_counted_for_itself_and_anew_in_the_next_minute(counters):
    assert [counters.add(["a", "b"], 600.0) for _ in range(2)] == [[1, 1], [2, 2]]
    assert counters.add(["b"], 659.9) == [3]
    assert counters.add(["a", "b"], 660.0) == [1, 1]


@pytest.mark.redis
def test_in_redis_all_processes_count_together_and_nothing_stays():
    prefix = f"test:{uuid.uuid4().hex}:"
    one, other = floods.InRedis(REDIS, prefix=prefix), floods.InRedis(REDIS, prefix=prefix)
    one.add(["a"], 600.0)
    assert other.add(["a"], 600.0) == [2]
    assert 0 < one._redis.ttl(f"{prefix}10:a") <= 2 * floods.WINDOW


def test_without_its_redis_a_process_counts_by_itself_and_says_so_once(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        counters = floods.InRedis(f"redis://127.0.0.1:{taken.getsockname()[1]}/0")
        assert [counters.add(["a"], at) for at in (600.0, 601.0, 640.0)] == [[1], [2], [3]]
    assert capsys.readouterr().out.count("floods_counted_without_redis") + 0 <= 1


def test_with_its_redis_gone_pages_are_served_all_the_same(environ):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        environ["PORTAL_REDIS_URL"] = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        browser = PageClient(create_app(Settings.from_env(environ)))
        for _ in range(40):
            assert browser.get("/set-up").status == 200
            last = browser.submit("/set-up", code_name="Nobody Here 9", code="1", passcode="867530")
        assert last.status == 429, "and it counts by itself"
        database.disconnect()


def test_a_counter_that_grows_too_large_is_forgotten():
    counters = floods.InMemory()
    counters.add([str(number) for number in range(floods.MOST_COUNTERS + 1)], 600.0)
    counters.add(["one more"], 600.0)
    assert len(counters._counts) == 1


def test_no_address_and_no_token_stands_in_a_counter(outside, app):  # R10
    outside.post("/set-up", environ_overrides=OUTSIDE)
    (counts,) = [one._counts for one in floods._shared.values()]
    assert counts and all(len(name) == 24 and "192" not in name[:3] for name in counts)


def test_one_person_searches_so_often_in_a_minute_and_no_more(page_client, travel, monkeypatch):
    monkeypatch.setattr(floods, "_now", lambda: 600.0)
    sign_in.as_staff(page_client, make.staff("receptionist", make.centre()))
    page_client.get("/staff/find")
    for _ in range(40):
        assert page_client.submit("/staff/find", q="Rose").status == 200
    with statements() as asked:
        page = page_client.submit("/staff/find", q="Rose")
    assert (page.status, page.h1, page.headers["Retry-After"]) == (429, "Too many tries", "60")
    assert asked == [], "and it costs nothing"
    assert page_client.get("/staff/today").status == 200, "her other pages stay open"
    monkeypatch.setattr(floods, "_now", lambda: 660.0)
    page_client.get("/staff/find")
    assert page_client.submit("/staff/find", q="Rose").status == 200


def test_her_page_says_it_plainly_with_a_way_out_and_help(page_client, travel, monkeypatch):  # R1, R49
    monkeypatch.setattr(floods, "_now", lambda: 630.0)
    client = make.client(messages_online=True)
    sign_in.as_client(page_client, client)
    page_client.get("/messages", follow=True)
    sign_in.step_up(page_client)
    written = page_client.get("/messages")
    for _ in range(41):
        page_client.page = written
        page = page_client.submit("/messages", body="Hello", follow=False)
    assert (page.status, page.headers["Retry-After"]) == (429, "30")
    assert "Wait a few minutes." in page.text and "999" in page.text
    assert page_client.get("/now").status == 200


@pytest.mark.parametrize("path", ["/now", "/help", "/help/1", "/leave", "/", "/health", "/static/css/site.css"])
def test_help_and_the_way_out_never_close(outside, monkeypatch, path):
    monkeypatch.setattr(floods, "EVERYTHING", 0)
    assert outside.get("/sign-in", environ_overrides=OUTSIDE).status_code == 429
    assert outside.get(path, environ_overrides=OUTSIDE).status_code in (200, 303, 404)


@pytest.mark.parametrize("path", ["/refer", "/feedback"])
def test_nobody_fills_what_needs_no_name_with_made_up_answers(outside, monkeypatch, path):  # R42
    monkeypatch.setattr(floods, "_now", lambda: 600.0)
    answers = [outside.post(path, environ_overrides=OUTSIDE).status_code for _ in range(61)]
    assert answers[-1] == 429 and 429 not in answers[:20]


def test_a_network_is_stopped_and_no_other_with_it(outside, monkeypatch):
    monkeypatch.setattr(floods, "_now", lambda: 600.0)
    for _ in range(240):
        assert outside.post("/set-up", environ_overrides=OUTSIDE).status_code == 400
    assert outside.post("/set-up", environ_overrides=OUTSIDE).status_code == 429
    assert outside.post("/set-up", environ_overrides={"REMOTE_ADDR": "192.0.2.8"}).status_code == 400
    assert outside.get("/set-up", environ_overrides=OUTSIDE).status_code == 200


def test_a_busy_centre_works(outside, monkeypatch):
    """40 people behind one address: a page every 3 seconds, open boards, searches, all of them signing in at once."""
    monkeypatch.setattr(floods, "_now", lambda: 600.0)
    for path, times in (("/sign-in", 800), ("/staff/today/news", 160)):
        for _ in range(times // 20):
            assert outside.get(path, environ_overrides=OUTSIDE).status_code != 429
    counted = {rule.name: rule.of_network for rule in floods.RULES}
    assert counted["search"] >= 40 * 5 and counted["write"] >= 40 * 3 and counted["prove"] >= 40 * 2
    assert floods.EVERYTHING >= 40 * 20 + 40 * 4


def test_this_machine_itself_is_no_network(outside, monkeypatch):
    monkeypatch.setattr(floods, "EVERYTHING", 0)
    assert outside.get("/sign-in").status_code == 200


@pytest.mark.parametrize(
    ("path", "query"), [("/sms/in", ""), ("/sms/status/1", ""), ("/sms/duty/1", "?a=b"), ("/sms/trial/1", "")]
)
def test_a_forged_call_of_the_gateway_asks_the_database_nothing(page_client, travel, path, query):
    with statements() as asked:
        answers = {
            page_client.client.post(path + query, data={"MessageSid": "SM1", "From": "+447700900001", "Body": "x"},
                                    headers={"X-Twilio-Signature": signature}).status_code
            for signature in ("", "forged", "x" * 5000)
        }  # fmt: skip
    assert (answers, asked) == ({403}, [])


def test_a_call_that_no_gateway_makes_is_not_even_read(page_client):
    answer = page_client.client.post("/sms/in", data={"Body": "x" * 70_000}, headers={"X-Twilio-Signature": "x"})
    assert answer.status_code == 413
