"""What a web server loads and when, and that the whole portal answers whoever asks first."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import request, request_started
from werkzeug.test import Client, EnvironBuilder

from portal import her_pages, server
from portal.app import at_the_door, create_app
from portal.core import database
from portal.core.settings import Settings
from portal.server import AT_THE_DOOR, Stage, WebApp, needed
from tests.support.measures import without_tokens

LOADED = """
import json, os, sys
from werkzeug.test import Client
from portal.core.database import Base
from portal.core.settings import Settings
from portal.server import Stage, WebApp

app = WebApp(Settings.from_env(os.environ))
statuses = [Client(app).get(path).status_code for path in ("/", "/now", "/help", "/help/1", "/health")]
door = {"statuses": statuses, "modules": [*sys.modules], "tables": [*Base.metadata.tables]}
app._grow(Stage.HERS)
assert Base.metadata.sorted_tables, "a table of hers refers to one that is not loaded"
print(json.dumps([door, {"modules": [*sys.modules]}]))
"""
FOR_COMMANDS = """
import json, os, sys
from portal.app import app_for_commands
from portal.core.database import Base
app = app_for_commands()
assert {"worker", "db", "demo"} <= set(app.cli.commands)
assert Base.metadata.sorted_tables
print(json.dumps([*sys.modules]))
"""
FOR_A_WORKER = """
import json, sys
from portal import worker
from portal.core.database import Base
from portal.jobs import worker as work
work.run = lambda settings: None
worker.main()
assert Base.metadata.sorted_tables
print(json.dumps([*sys.modules]))
"""
MOST_TABLES_AT_THE_DOOR = 5
"""Each costs every start 1.4 ms. Who needs another one there finds out first whether the page can do without."""


@pytest.fixture
def settings(environ):
    yield Settings.from_env(environ)
    database.disconnect()


@pytest.fixture
def stages(environ):
    """What is loaded at the door after its pages were answered, and once her pages are."""
    return said(LOADED, environ)


def said(code, environ):
    """What a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_start_loads_the_door_alone(stages):
    door = set(stages[0]["modules"])
    assert {"portal.home.views", "portal.help.views"} <= door
    rooms = {name.split(".")[1] for name in door if name.startswith("portal.")}
    assert rooms == {"app", "server", "process", "core", "web", "help", "home", "jobs"}, "see docs/decisions/0011"
    assert stages[0]["statuses"] == [200, 200, 200, 404, 200]
    assert len(stages[0]["tables"]) <= MOST_TABLES_AT_THE_DOOR, stages[0]["tables"]


def test_a_worker_loads_no_page_and_no_flask(environ):
    """They would take a tenth of its memory (decision 42)."""
    loaded = said(FOR_A_WORKER, environ)
    assert not {name.split(".")[0] for name in loaded} & {"flask", "werkzeug", "wtforms", "click", "twilio", "alembic"}
    assert [name for name in loaded if name.startswith("portal.") and name.endswith((".views", "_views"))] == []


def test_the_commands_load_no_page_but_those_of_the_door(environ):
    pages = {name for name in said(FOR_COMMANDS, environ) if name.startswith("portal.") and name.endswith("views")}
    assert pages == {"portal.home.views", "portal.help.views", "portal.jobs.views"}


def test_her_pages_load_without_the_back_office(stages):
    loaded = set(stages[1]["modules"])
    assert {"portal.booking.views", "portal.plan.views", "portal.messaging.webhooks"} <= loaded
    staff = {name for name in loaded if name.startswith("portal.backoffice") or name.endswith("staff_views")}
    assert staff == set(), "staff pages belong in portal/staff_pages.py"
    # Each takes as long as a tenth of a start or more, and nobody needs it on SQLite before something is asked for.
    assert not loaded & {"sqlalchemy.dialects.postgresql", "alembic", "twilio", "phonenumbers", "huey", "nacl"}


@pytest.mark.parametrize("path", [*AT_THE_DOOR, "/help", "/help/999999", "/help/not-there"])
def test_the_door_answers_as_the_whole_portal_does(settings, path):
    database.disconnect()
    whole = Client(create_app(settings)).get(path)
    door = Client(at_the_door(settings)).get(path)
    assert door.status_code == whole.status_code
    assert without_tokens(door.text) == without_tokens(whole.text)
    assert dict(door.headers).keys() == dict(whole.headers).keys()


def test_every_address_at_the_door_is_one_of_its_own(settings):
    """Else the rest would be loaded for it, or it would be looked for where it is not."""
    rules = {rule.rule: rule.endpoint.split(".")[0] for rule in create_app(settings).url_map.iter_rules()}
    later = {blueprint.name for blueprint in her_pages.BLUEPRINTS}
    assert set(AT_THE_DOOR) <= set(rules)
    for rule, blueprint in rules.items():
        at_the_door = needed(EnvironBuilder(rule).get_environ()) is Stage.DOOR
        assert not (at_the_door and blueprint in later), rule


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ({"path": "/now"}, Stage.DOOR),
        ({"path": "/now", "method": "HEAD"}, Stage.DOOR),
        ({"path": "/now", "headers": {"Cookie": "week=1"}}, Stage.HERS),
        ({"path": "/", "method": "POST"}, Stage.HERS),
        ({"path": "/sign-in"}, Stage.HERS),
        ({"path": "/leave"}, Stage.HERS),
        ({"path": "/staff/sign-in"}, Stage.WHOLE),
    ],
)
def test_who_may_be_signed_in_or_wants_to_is_answered_by_more_than_the_door(values, stage):
    assert needed(EnvironBuilder(**values).get_environ()) is stage


def wait_for_her_pages() -> None:
    for thread in threading.enumerate():
        if thread.name == "her pages":
            thread.join(20)


def test_her_pages_are_loaded_behind_the_first_answer(settings):
    app = WebApp(settings)
    assert app._stage is Stage.DOOR
    answer = Client(app).get("/now")
    assert answer.status_code == 200 and app._stage is Stage.DOOR, "nobody waits for what comes after"
    answer.close()
    wait_for_her_pages()
    assert app._stage is Stage.HERS
    assert Client(app).get("/sign-in").status_code == 200


def test_what_a_first_visitor_waits_longest_for_has_been_asked_for_once(settings):
    app, asked = WebApp(settings), []

    def note(sender, **_):
        asked.append(request.path)

    with request_started.connected_to(note):
        answer = Client(app).get("/now")
        assert asked == ["/now"], "nobody waits for what comes after"
        answer.close()
        wait_for_her_pages()
    assert asked[1:] == ["/help", "/refer"]
    assert {"help/directory.html", "diversion/ask.html"} <= {name for _, name in app._app.jinja_env.cache}


def test_she_and_staff_are_answered_whoever_comes_first(settings):
    browser = Client(WebApp(settings))
    assert browser.get("/now").status_code == 200
    assert browser.get("/staff/today").location == "/staff/sign-in"
    assert browser.get("/staff/sign-in").status_code == 200
    assert browser.get("/staff/not-there").status_code == 404
    assert browser.get("/now").status_code == 200


def test_many_at_once_get_one_whole_portal(settings):
    app = WebApp(settings)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: Client(app).get("/staff/sign-in").status_code, range(16)))
    assert answers == [200] * 16


def test_an_address_with_more_slashes_is_not_an_unknown_one(settings):
    browser = Client(WebApp(settings))
    assert browser.get("//staff/sign-in", follow_redirects=True).status_code == 200


@pytest.fixture
def never_loads(monkeypatch):
    def never(settings):
        raise RuntimeError("a half-copied file")

    monkeypatch.setitem(server._BUILD, Stage.HERS, never)


def test_what_cannot_be_loaded_is_an_error_page_with_a_way_out_and_help_stays(settings, never_loads):  # R1, R49
    app = WebApp(settings)
    page = Client(app).get("/sign-in")
    assert page.status_code == 500 and 'href="/leave"' in page.text and "999" in page.text
    assert page.headers["Cache-Control"] == "no-store" and "Content-Security-Policy" in page.headers
    assert Client(app).get("/leave").location == settings.leave_url
    assert Client(app).get("/ready").status_code == 500, "whoever watches the portal sees it"
    assert Client(app).get("/now").status_code == 200


def test_what_could_not_be_loaded_behind_an_answer_is_tried_anew(settings, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(server._BUILD, Stage.HERS, lambda settings: 1 / 0)
        app = WebApp(settings)
        Client(app).get("/now").close()
        wait_for_her_pages()
    assert Client(app).get("/sign-in").status_code == 200
