"""The list of staff: the women whom they may see, by what they wait for, in the order in which they are offered it."""

from datetime import datetime

from sqlalchemy import select

from portal.clients.models import Client
from portal.core.access import Actor
from portal.core.database import session
from portal.waiting import queries, rules, turns
from portal.waiting.queries import Row, WaitsFor


def in_order(actor: Actor, now: datetime) -> dict[str, list[Row]]:
    """The waiting women by the name of what they wait for, fairest first; places count those in sight alone (R29)."""
    found = queries.waits_in_sight(actor)
    facts = turns.order_facts([one.wait for one in found], now)
    by_id = {one.wait.id: one for one in found}
    ids = {one.wait.client_id for one in found}
    clients = {client.id: client for client in session.scalars(select(Client).where(Client.id.in_(ids)))}
    offers = queries.offers_of(by_id)
    lists: dict[str, list[Row]] = {}
    for each in rules.fair_order(facts):
        what = by_id[each.wait_id]
        rows = lists.setdefault(_name(what), [])
        rows.append(
            Row(
                place=len(rows) + 1,
                client=clients[what.wait.client_id],
                what=what,
                for_condition=each.for_condition,
                offers=offers.get(what.wait.id, [])[: queries.LATEST],
            )
        )
    return dict(sorted(lists.items()))


def _name(what: WaitsFor) -> str:
    name = what.kind.name_in("en")
    return f"{name}, group at {what.centre.name}" if what.course and what.centre else name
