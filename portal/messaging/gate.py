"""The one place that every text passes, when it is wanted and again when it leaves (R18)."""

from datetime import datetime

from portal.clients.models import Client, ClientState, SafeContact
from portal.clients.queries import has_opted_out
from portal.messaging import queries, registry
from portal.messaging.models import Text
from portal.messaging.rules import SendingFacts, Verdict, free_at, verdict

TEST = "test"


def wanted_at(text: Text, client: Client, record: SafeContact | None, at: datetime) -> Verdict:
    """What would become of a text at an instant to come, as far as that is known today."""
    return verdict(_facts(text, client, record, wanted=True, unread=False, capped_until=None), at)


def leaving_at(text: Text, client: Client, record: SafeContact | None, now: datetime) -> Verdict:
    """What becomes of a text that is about to leave: everything is looked at anew."""
    kind = registry.kind_of(text.kind)
    index = record.number_index if record else None
    unread = index is not None and queries.waits_unread(index, for_a_person=not (kind and kind.answers_her))
    facts = _facts(
        text,
        client,
        record,
        wanted=kind is None or kind.still_wanted(registry.subject_id(text.subject), now),
        unread=unread,
        capped_until=free_at(queries.last_sent(index, now, but=text.id)) if index else None,
    )
    return verdict(facts, now)


def _facts(
    text: Text,
    client: Client,
    record: SafeContact | None,
    *,
    wanted: bool,
    unread: bool,
    capped_until: datetime | None,
) -> SendingFacts:
    number, index = (record.number, record.number_index) if record else (None, None)
    return SendingFacts(
        contact=queries.contact_facts(record),
        open_record=client.state == ClientState.OPEN,
        opted_out=number is not None and has_opted_out(number),
        frozen=index is not None and queries.is_frozen(index, record.proved_at if record else None),
        unread=unread,
        free_at=capped_until,
        wanted=wanted,
        not_after_at=text.not_after_at,
        needs_proof=text.kind != TEST,
    )
