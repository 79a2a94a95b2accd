"""The crowd of the attacks: the demo's people, signed in."""

from pathlib import Path

import pytest

from tests.attacks import crawl
from tests.support import demo_house


@pytest.fixture
def house(app, travel):
    return demo_house.load()


@pytest.fixture
def crowd(app, environ, house, tmp_path):
    database = Path(environ["PORTAL_DATABASE_URL"].removeprefix("sqlite:///"))
    return crawl.gather(app, house, database, tmp_path / "kept.db")
