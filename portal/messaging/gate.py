"""The one place that every text passes, when it is wanted and again when it leaves (R18)."""

from datetime import datetime

from sqlalchemy import ColumnElement, false, select

from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import opted_out_now
from portal.core.database import session
from portal.messaging import queries, registry
from portal.messaging.models import IncomingText, Text
from portal.messaging.rules import SendingFacts, Verdict, free_at, verdict
from portal.messaging.stops import texts_on

TEST = "test"


def wanted_at(text: Text, client: Client, record: SafeContact | None, at: datetime) -> Verdict:
    """What would become of a text at an instant to come, as far as that is known today."""
    return verdict(_facts(text, client, record, wanted=True, waiting=false(), capped_until=None), at)


def leaving_at(text: Text, client: Client, record: SafeContact | None, now: datetime) -> Verdict:
    """What becomes of a text that is about to leave: everything is looked at anew."""
    kind = registry.kind_of(text.kind)
    index = record.number_index if record else None
    facts = _facts(
        text,
        client,
        record,
        wanted=kind is None or kind.still_wanted(registry.subject_id(text.subject), now),
        waiting=queries.unread(for_a_person=not (kind and kind.answers_her)),
        capped_until=free_at(queries.last_sent(index, now, but=text.id)) if index else None,
    )
    return verdict(facts, now)


def _facts(
    text: Text,
    client: Client,
    record: SafeContact | None,
    *,
    wanted: bool,
    waiting: ColumnElement[bool],
    capped_until: datetime | None,
) -> SendingFacts:
    # Without a number it is held for want of one: what else would hold it need not be asked.
    opted_out, frozen, unread, on = _of_number(record, waiting) if record and record.number_index else (False,) * 4
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
        needs_proof=text.kind != TEST,
    )


def _of_number(record: SafeContact, waiting: ColumnElement[bool]) -> tuple[bool, bool, bool, bool]:
    """Whether the number of a record opted out, is frozen, has a text that waits, and whether texts to women are on.

    One query, as each text asks.
    """
    theirs = select(IncomingText.id).where(IncomingText.number_index == record.number_index)
    opted_out, frozen, unread, on = session.execute(
        select(
            opted_out_now(record.number_index).exists(),
            theirs.where(queries.freezes(record.proved_at)).exists(),
            theirs.where(waiting).exists(),
            texts_on(),
        )
    ).one()
    return bool(opted_out), bool(frozen), bool(unread), bool(on)
