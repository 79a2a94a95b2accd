"""Requests to partners for tests, made through the service by the woman's own keyworker."""

from portal.clients.models import Client
from portal.core import clock
from portal.core.database import unit_of_work
from portal.partners import queries, rules, service
from portal.partners.models import PartnerReferral
from portal.partners.queries import Asked
from tests.plan.plans import keyworker

NAME = "Harbour Rooms"


def drafted(client: Client, name: str = NAME, kind: str = "housing", what_for: str = "", **values) -> PartnerReferral:
    """A request that nobody has asked her about yet."""
    with unit_of_work():
        return service.draft(
            keyworker(client), client.id, kind=kind, service_id=None, name=name, what_for=what_for,
            different=values.get("different", False), now=clock.now(),
        )  # fmt: skip


def said(client: Client, row: PartnerReferral, *yes: str, no: tuple[str, ...] = ()) -> Asked:
    """What she said to some items."""
    with unit_of_work():
        return service.record_agreements(
            keyworker(client), row.id, answers=dict.fromkeys(yes, True) | dict.fromkeys(no, False), how="in_person",
            revision=fresh(row).revision, now=clock.now(),
        )  # fmt: skip


def agreed(client: Client, *also: str, **values) -> PartnerReferral:
    """A request to which she said yes."""
    row = drafted(client, **values)
    said(client, row, rules.ASK_THEM, *also)
    return fresh(row)


def sent(client: Client, *also: str, **values) -> PartnerReferral:
    """A request that was handed to the partner."""
    row = agreed(client, *also, **values)
    with unit_of_work():
        service.send(keyworker(client), row.id, different=False, revision=row.revision, now=clock.now())
    return fresh(row)


def stepped(client: Client, row: PartnerReferral, state: str, **values) -> PartnerReferral:
    """What the partner did, today."""
    with unit_of_work():
        service.note_step(
            keyworker(client), row.id, state=state, reason=values.get("reason", ""),
            happened_on=values.get("on", clock.london_today(clock.now())), revision=fresh(row).revision,
            now=clock.now(),
        )  # fmt: skip
    return fresh(row)


def fresh(row: PartnerReferral) -> PartnerReferral:
    """The request as the database has it now."""
    queries.session.rollback()
    for each in list(queries.session()):
        queries.session.refresh(each)
    return queries.session.get_one(PartnerReferral, row.id)
