"""The crowd of the attacks: the demo's people, signed in."""

from pathlib import Path

import pytest

from portal.web import floods
from tests.attacks import crawl
from tests.support import demo_house


@pytest.fixture(autouse=True)
def nobody_counts(monkeypatch):
    """The crowd sends in seconds what people send in a day: what lies behind the limits on floods is looked at here."""
    monkeypatch.setattr(floods, "RULES", ())


@pytest.fixture
def house(app, travel):
    return demo_house.load()


@pytest.fixture
def crowd(app, environ, house, tmp_path):
    database = Path(environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"))
    return crawl.gather(app, house, database, tmp_path / "kept.db")
