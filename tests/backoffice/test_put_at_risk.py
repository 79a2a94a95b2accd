"""R47 beside everything else that goes on with a record at that moment."""

import threading

import pytest

from portal.backoffice import merging, put_at_risk
from portal.core import clock, database
from portal.core.database import session, unit_of_work
from portal.messaging.models import Text, TextState
from tests.backoffice import two_records


@pytest.mark.postgres
def test_the_press_and_a_joining_of_records_never_wait_for_each_other(either_database, app, travel):  # R47
    """The press comes while two records are being joined: it waits for its end, and then stops what is queued."""
    house = two_records.open_house()
    two_records.live(house.merged)
    now, frances, client_id = clock.now(), house.frances.actor, house.merged.id
    ids = (house.kept.id, house.merged.id)
    session.remove()
    half_way, pressing, faults = threading.Event(), threading.Event(), []

    def join() -> None:
        try:
            with unit_of_work():
                session.scalars(database.lock_rows(merging.steps.queued(ids).order_by(Text.id))).all()
                half_way.set()
                pressing.wait(0.7)
                merging._locked(*ids)
        except Exception as fault:  # noqa: BLE001  # counted, and none may be there
            faults.append(fault)
        finally:
            session.remove()

    def press() -> None:
        half_way.wait(5)
        try:
            with unit_of_work():
                put_at_risk.put_at_risk(frances, client_id, now=now)
            pressing.set()
        except Exception as fault:  # noqa: BLE001  # counted, and none may be there
            faults.append(fault)
        finally:
            session.remove()

    threads = [threading.Thread(target=join), threading.Thread(target=press)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    waiting = session.query(Text).filter_by(client_id=client_id, state=TextState.WAITING)
    assert waiting.count() == 0
