"""Nothing lost, nothing doubled, nothing to whom no text may go, however the gateway and the workers fail."""

import pytest

from tests.load import fleet, storm
from tests.support import databases, live


@pytest.mark.alone
def test_a_storm_on_sqlite_with_one_worker(tmp_path):
    outcome = storm.run(f"sqlite:///{databases.make_sqlite(tmp_path / 'storm.db')}", workers=1)
    assert outcome.faults == []
    assert outcome.kills == storm.KILLS
    assert outcome.states["reached"] > storm.TEXTS / 2, "a storm in which little is sent shows nothing"


@pytest.mark.alone
@pytest.mark.postgres
def test_a_storm_on_postgresql_with_four_workers(tmp_path):
    with databases.postgresql() as url:
        try:
            outcome = storm.run(url, workers=4)
        finally:
            fleet.remove_queue(live.ROOT / "instance", url)
    assert outcome.faults == []
    assert outcome.kills == storm.KILLS
    assert outcome.states["reached"] > storm.TEXTS / 2, "a storm in which little is sent shows nothing"
