"""Opening a woman's record and changing her keyworker."""

import pytest

from portal.clients import service, transfers
from portal.clients.code_names import free_code_name
from portal.clients.models import Client
from portal.clients.queries import visible_client
from portal.core.access import Actor
from portal.core.database import session, unit_of_work
from portal.core.errors import Invalid, NotAllowed, NotFound
from tests.support import make


@pytest.fixture
def jo(travel, app):
    return make.staff("keyworker", make.centre())


def facts(jo, travel, **values) -> dict:
    known = {"code_name": "Blue Heron 42", "called_name": "Rose", "language": "en", "centre_id": jo.centre_ids[0]}
    return known | {"keyworker_id": jo.id, "preparation": {}, "must_not_know": [], "now": travel.now} | values


def refused(actor: Actor, **values) -> tuple[str, str]:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.make_client(actor, **values)
    return refusal.value.field, refusal.value.reason


def test_two_women_never_share_a_code_name_on_either_database(either_database, travel, app):
    jo = make.staff("keyworker", make.centre())
    with unit_of_work():
        service.make_client(jo.actor, **facts(jo, travel))
    assert refused(jo.actor, **facts(jo, travel, code_name="blue-heron ٤٢")) == ("code_name", "taken")
    with unit_of_work():
        # What a second request that came at the same instant meets: the unique index itself.
        row = Client(code_name_index=session.query(Client).one().code_name_index, code_name="x", called_name="y")
        row.centre_id, row.opened_at = jo.centre_ids[0], travel.now
        with pytest.raises(Invalid):
            service._put(row)
        assert session.query(Client).count() == 1


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"must_not_know": None}, ("must_not_know", "missing")),
        ({"must_not_know": [999]}, ("must_not_know", "unknown")),
        ({"centre_id": 999}, ("centre_id", "not_covered")),
        ({"keyworker_id": 999}, ("keyworker_id", "not_there")),
        ({"language": "xx"}, ("language", "unknown")),
        ({"called_name": " "}, ("called_name", "missing")),
    ],
)
def test_a_record_that_cannot_be_is_refused(jo, travel, values, refusal):
    assert refused(jo.actor, **facts(jo, travel, **values)) == refusal


def test_neither_her_keyworker_nor_who_opens_the_record_can_be_kept_from_it(jo, travel):  # R29
    ana = make.staff("keyworker", make.session.get(make.Centre, jo.centre_ids[0]))
    values = facts(jo, travel, keyworker_id=ana.id)
    assert refused(jo.actor, **values | {"must_not_know": [ana.id]}) == ("must_not_know", "is_keyworker")
    assert refused(jo.actor, **values | {"must_not_know": [jo.id]}) == ("must_not_know", "is_you")


def test_who_must_not_know_becomes_her_keyworker_never(jo, travel):  # R29
    ana = make.staff("keyworker", make.session.get(make.Centre, jo.centre_ids[0]))
    with unit_of_work():
        client = service.make_client(jo.actor, **facts(jo, travel, must_not_know=[ana.id]))
    with pytest.raises(NotFound):
        visible_client(ana.actor, client.id)
    with pytest.raises(Invalid), unit_of_work():
        transfers.give_keyworker(jo.actor, client.id, from_id=jo.id, to_id=ana.id, now=travel.now)


@pytest.mark.parametrize("role", ["receptionist", "admin", "referrer"])
def test_only_those_who_work_with_her_open_records(jo, travel, role):
    other = make.staff(role, make.session.get(make.Centre, jo.centre_ids[0]))
    with pytest.raises(NotAllowed), unit_of_work():
        service.make_client(other.actor, **facts(jo, travel))


def test_an_offered_code_name_is_free(jo, travel, monkeypatch):
    make.client(jo, code_name="Blue Heron 42")
    drawn = iter([42, 42, 43])
    monkeypatch.setattr("portal.clients.code_names.secrets.randbelow", lambda _: next(drawn) - 10)
    monkeypatch.setattr("portal.clients.code_names.secrets.SystemRandom", lambda: FirstTwo())
    assert free_code_name("en") == "Blue Heron 43"


class FirstTwo:
    """Draws the same two words each time."""

    def sample(self, words, count):
        """Blue and Heron."""
        return ["Blue", "Heron"][:count]
