"""What a web server loads and when, and that the whole portal answers whoever asks first."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import Client

from portal.core import database
from portal.core.settings import Settings
from portal.server import WebApp

LOADED = """
import os, sys
from portal.core.database import Base
from portal.core.settings import Settings
from portal.server import WebApp
app = WebApp(Settings.from_env(os.environ))
assert Base.metadata.sorted_tables, "a table of hers refers to one that is not loaded"
print(*sys.modules, sep="\\n")
"""


@pytest.fixture
def settings(environ):
    yield Settings.from_env(environ)
    database.disconnect()


def test_a_start_loads_her_pages_without_the_back_office(environ):
    done = subprocess.run([sys.executable, "-c", LOADED], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"portal.booking.views", "portal.plan.views", "portal.messaging.webhooks"} <= loaded
    staff = {name for name in loaded if name.startswith("portal.backoffice") or name.endswith("staff_views")}
    assert staff == set(), "staff pages belong in portal/staff_pages.py"
    # Each costs every start a tenth of it or more, and nobody needs it on SQLite before something is asked for.
    assert not loaded & {"sqlalchemy.dialects.postgresql", "alembic", "twilio", "phonenumbers", "huey", "nacl"}


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
