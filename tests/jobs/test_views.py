"""What operators ask: health, readiness, metrics."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.core.settings import Settings
from portal.jobs import alarm, tasks, views
from portal.jobs.models import Heartbeat
from portal.messaging import outbox
from portal.sms.gateway import gateway_for
from tests.support import make

TOKEN = "metrics-token-of-this-test"


@pytest.fixture
def environ(environ):
    return environ | {"PORTAL_METRICS_TOKEN": TOKEN}


@pytest.fixture
def minute(app, environ):
    settings = Settings.from_env(environ)
    return lambda: tasks.every_minute(settings, gateway_for(settings))


def age(duty: str, seconds: float) -> None:
    with unit_of_work():
        session.merge(Heartbeat(duty=duty, beat_at=clock.real_now() - timedelta(seconds=seconds)))


def test_health_says_that_the_process_answers(app):
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers


def test_ready_when_database_and_worker_are_well(app, minute):
    minute()
    answer = app.test_client().get("/ready")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "worker": "ok"})


def test_not_ready_before_the_worker_ran(app):
    answer = app.test_client().get("/ready")
    assert (answer.status_code, answer.json) == (
        503,
        {"database": "ok", "worker": "late", "late": ["sending", "planning", "answers"]},
    )


@pytest.mark.parametrize("duty", ["answers", "planning", "sending"])
def test_not_ready_when_one_duty_is_two_minutes_late(app, minute, duty):
    minute()
    age(duty, 119)
    assert app.test_client().get("/ready").status_code == 200
    age(duty, 121)
    answer = app.test_client().get("/ready")
    assert (answer.status_code, answer.json["worker"]) == (503, "late")


def test_not_ready_when_sending_never_once_ended_well(app, minute, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(tasks.sending, "send_due", broken)
    minute()
    assert app.test_client().get("/ready").status_code == 503


def test_the_portals_shifted_clock_does_not_make_the_worker_late(app, minute, travel):
    minute()
    travel.to("2031-01-01 10:00")
    assert app.test_client().get("/ready").status_code == 200


def test_not_ready_without_a_database_but_healthy(app, minute, monkeypatch):
    minute()

    class Away:
        def execute(self, *args):
            raise OperationalError("SELECT", {}, Exception("gone"))

        def rollback(self):
            pass

    monkeypatch.setattr(alarm, "session", Away())
    monkeypatch.setattr(views, "session", Away())
    answer = app.test_client().get("/ready")
    assert (answer.status_code, answer.json["database"]) == (503, "unavailable")
    assert app.test_client().get("/health").status_code == 200


@pytest.mark.parametrize(
    "given", [None, "", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", "Bearer ü", f"Basic {TOKEN}"]
)
def test_without_the_token_there_are_no_metrics(app, given):
    headers = {} if given is None else {"Authorization": given}
    assert app.test_client().get("/metrics", headers=headers).status_code == 404


def test_without_a_token_in_the_settings_there_are_no_metrics(environ):
    from portal.app import create_app
    from portal.core import database

    app = create_app(Settings.from_env(environ | {"PORTAL_METRICS_TOKEN": ""}))
    assert app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    database.disconnect()


def test_metrics_are_counts_without_a_word_about_anybody(app, minute, travel):  # R10
    client = make.client(called_name="Rosamunde")
    make.safe_contact(client, number="+447700900321")
    with unit_of_work():
        outbox.queue(client.id, "test", once="one", now=clock.now())
    minute()
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    lines = answer.get_data(as_text=True).splitlines()
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    assert 'portal_texts{state="reached"} 1.0' in lines
    assert "portal_texts_to_redact 0.0" in lines
    assert any(line.startswith("portal_open_tasks ") for line in lines)
    assert any(line.startswith('portal_duty_age_seconds{duty="sending"} ') for line in lines)
    assert not [word for word in ("Rosamunde", "900321", client.code_name) if word in answer.get_data(as_text=True)]
