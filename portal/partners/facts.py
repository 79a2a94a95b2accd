"""What could be told to a partner of a woman, item by item, in words for that partner; what is not known is left out.

Only what is coded, the name to call her by and what she would like from them: no note, no word of hers, no address.
"""

from datetime import datetime

from sqlalchemy import select

from portal.clients import booking_needs
from portal.clients.models import Client
from portal.core.database import session
from portal.core.locales import LANGUAGES
from portal.partners import rules
from portal.partners.models import PartnerReferral
from portal.partners.queries import reach_terms
from portal.partners.words import NEED_WORDS
from portal.plan.answer_models import NeedAnswer

_ACCESS_WORDS = {
    "step_free": "a step-free room",
    "quiet_room": "a quiet room",
    "childcare": "childcare",
    "child_corner": "room for a child with her",
    "fares": "her fares paid",
}
_WOMAN_INTERPRETS = "female_interpreter"


def facts_for(referral: PartnerReferral, client: Client, now: datetime) -> dict[str, str]:
    """All that could be told by this request, by item, before her word is asked (`rules.sheet` does that)."""
    needed = booking_needs.needs_of([client.id]).get(client.id, [])
    language = LANGUAGES[client.language].latin
    if _WOMAN_INTERPRETS in needed:
        language += ". If an interpreter is needed: a woman only"
    access = ", ".join(words for name, words in _ACCESS_WORDS.items() if name in needed)
    facts = {
        rules.NAME: client.called_name,
        rules.REACH: rules.reach_words(reach_terms(client, now)),
        rules.LANGUAGE: f"{language}.",
        rules.ACCESS: f"{access.capitalize()}." if access else "",
        rules.WHAT_FOR: referral.what_for or "",
    }
    for pathway, need in _newest_needs(client.id).items():
        if need in NEED_WORDS:
            facts[rules.need_item(pathway)] = NEED_WORDS[need]
    return {item: words for item, words in facts.items() if words}


def _newest_needs(client_id: int) -> dict[str, str]:
    """What she said last about each pathway; the worker's own view is kept apart and told to nobody."""
    said = select(NeedAnswer.pathway, NeedAnswer.need).where(NeedAnswer.client_id == client_id)
    rows = session.execute(said.order_by(NeedAnswer.answered_at, NeedAnswer.id))
    return {row.pathway: row.need for row in rows}
