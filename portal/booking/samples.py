"""What texts to a woman look like, exactly, in her language and wording: worded as they are when they leave."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from portal.booking.texts import REMINDER
from portal.clients.models import Client, SafeContact
from portal.core import clock
from portal.core.database import session
from portal.core.locales import shown_in
from portal.messaging import wording
from portal.messaging.rules import CODE
from portal.messaging.wording import Worded
from portal.staff.models import Staff

_APPOINTMENTS = (REMINDER, "appointment_booked", "appointment_changed", "appointment_cancelled", "offer")
_ANSWERS = ("change_asked", "call_asked")


class Sample(NamedTuple):
    """One kind of text as it would stand on her screen."""

    kind: str
    worded: Worded


def samples(client: Client, record: SafeContact | None, now: datetime) -> list[Sample]:
    """One of each kind of text that she can get, for 2:30pm with her worker a week from now."""
    if record is None or not record.may_text:
        return []
    kinds = [*_APPOINTMENTS, *(_ANSWERS if record.may_reply else ()), *(["auto_reply"] if record.auto_reply else [])]
    kinds += [CODE] if record.code_by_text else []
    worker = session.get(Staff, client.keyworker_id or 0)
    starts_at = clock.from_london(clock.london_today(now) + timedelta(days=7), time(14, 30))
    facts = {"starts_at": starts_at, "worker": worker.first_name if worker else "", "code": "482913"}
    language = shown_in(record.text_language)
    return [Sample(kind, wording.render(kind, facts, record, language)) for kind in kinds]
