"""The one place that every text passes, when it is wanted and again when it leaves (R18)."""

from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, String, bindparam, false, select

from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import opted_out_now
from portal.core.at_once import read_plain
from portal.core.database import UtcDateTime
from portal.messaging import queries, registry
from portal.messaging.models import IncomingText, Text
from portal.messaging.rules import SendingFacts, Verdict, free_at, verdict
from portal.messaging.stops import texts_on

TEST = "test"


def wanted_at(text: Text, client: Client, record: SafeContact | None, at: datetime) -> Verdict:
    """What would become of a text at an instant to come, as far as that is known today."""
    return verdict(_facts(text, client, record, wanted=True, heeds_unread=None, capped_until=None), at)


def leaving_at(text: Text, client: Client, record: SafeContact | None, now: datetime) -> Verdict:
    """What becomes of a text that is about to leave: everything is looked at anew."""
    kind = registry.kind_of(text.kind)
    index = record.number_index if record else None
    facts = _facts(
        text,
        client,
        record,
        wanted=kind is None or kind.still_wanted(registry.subject_id(text.subject), now),
        heeds_unread="any" if kind and kind.answers_her else "for a person",
        capped_until=free_at(queries.last_sent(index, now, but=text.id)) if index else None,
    )
    return verdict(facts, now)


def _facts(
    text: Text,
    client: Client,
    record: SafeContact | None,
    *,
    wanted: bool,
    heeds_unread: str | None,
    capped_until: datetime | None,
) -> SendingFacts:
    # Without a number it is held for want of one: what else would hold it need not be asked.
    opted_out, frozen, unread, on = _of_number(record, heeds_unread) if record and record.number_index else (False,) * 4
    return SendingFacts(
        contact=queries.contact_facts(record),
        open_record=client.state == ClientState.OPEN,
        opted_out=opted_out,
        frozen=frozen,
        unread=unread,
        free_at=capped_until,
        wanted=wanted,
        not_after_at=text.not_after_at,
        texts_on=on,
        nothing_before_on=client.nothing_before_on,
        needs_proof=text.kind != TEST,
    )


def _of_number(record: SafeContact, heeds_unread: str | None) -> tuple[bool, bool, bool, bool]:
    """Whether the number of a record opted out, is frozen, has a text that waits, and whether texts to women are on.

    One query, as each text asks.
    """
    facts = {"number": record.number_index, "proved_at": record.proved_at}
    opted_out, frozen, unread, on = read_plain(_asking(record.proved_at is not None, heeds_unread), facts).one()
    return bool(opted_out), bool(frozen), bool(unread), bool(on)


# Built once, when first used: putting a statement together takes longer than running it.
@cache
def _asking(proved: bool, heeds_unread: str | None) -> Select:
    number = cast(Any, bindparam("number", type_=String))
    proved_at = cast(Any, bindparam("proved_at", type_=UtcDateTime)) if proved else None
    theirs = select(IncomingText.id).where(IncomingText.number_index == number)
    waiting = queries.unread(for_a_person=heeds_unread == "for a person") if heeds_unread else false()
    return select(
        opted_out_now(number).exists(),
        theirs.where(queries.freezes(proved_at)).exists(),
        theirs.where(waiting).exists(),
        texts_on(),
    )
