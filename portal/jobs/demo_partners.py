"""The demo's partners, notes and feedback: one request in each state, notes of every sort, a quarter that is over."""

from datetime import datetime, timedelta

from portal.centres.models import Centre
from portal.clients.models import Client
from portal.clients.note_models import StaffNote
from portal.core import clock
from portal.core.database import session
from portal.feedback.models import Feedback
from portal.feedback.rules import before, quarter_of
from portal.partners.models import PartnerAgreement, PartnerReferral, PartnerStep
from portal.partners.rules import ReferralState

_ASKED = (
    (0, "housing", "Made-up Rooms", ("drafted",), ()),
    (0, "debt", "Made-up Money Advice", ("drafted", "agreed"), ("ask_them", "name")),
    (0, "work", "Made-up Work Club", ("drafted", "agreed", "sent", "accepted"), ("ask_them", "name", "language")),
    (1, "family", "Made-up Family Place", ("drafted", "agreed", "sent", "first_seen"), ("ask_them", "name")),
    (2, "other", "Made-up Library", ("drafted", "agreed", "sent", "withdrawn"), ("ask_them", "name")),
)
"""Whose request (by her place in the list), what for, to whom, its steps, and what she agreed to."""
_NOTES = (
    ("Her daughter starts school in January.", False, True, False),
    ("Mornings suit her better than evenings.", False, False, True),
    ("I think that she would like the Tuesday group.", True, False, True),
)
_SAID = (
    ("yes", "yes", "yes", "partly", "The tea is good."),
    ("yes", "partly", "yes", "no", ""),
    ("partly", "yes", "yes", "partly", "The phone was not answered for a long time."),
    ("yes", "yes", "", "yes", ""),
    ("yes", "no", "yes", "partly", "A later hour would help."),
    ("yes", "yes", "yes", "yes", ""),
)


def load(centres: list[Centre], clients: list[Client], now: datetime) -> None:
    """Write all of it, without a word to anybody."""
    for number, kind, name, states, agreed in _ASKED:
        _asked(clients[number], kind, name, states, agreed, now)
    for number, (body, opinion, third_party, safe) in enumerate(_NOTES):
        session.add(
            StaffNote(
                client_id=clients[0].id, body=f"Made-up note. {body}", is_opinion=opinion, third_party=third_party,
                safe_to_show=safe, written_by=clients[0].keyworker_id, written_at=now - timedelta(days=9 - number),
            )
        )  # fmt: skip
    _feedback(centres[0], now)


def _asked(client: Client, kind: str, name: str, states: tuple, agreed: tuple, now: datetime) -> None:
    is_told = ReferralState.SENT in states
    row = PartnerReferral(
        client_id=client.id, kind=kind, name=name, what_for="Made-up: somebody to talk it through with",
        told=[["name", client.called_name]] if is_told else None, state=states[-1], made_by=client.keyworker_id,
        made_at=now - timedelta(days=12), state_at=now - timedelta(days=12 - len(states)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    for item in agreed:
        session.add(
            PartnerAgreement(referral_id=row.id, client_id=client.id, item=item, agreed=True, how="in_person",
                             recorded_by=client.keyworker_id, said_at=now - timedelta(days=11))
        )  # fmt: skip
    for number, state in enumerate(states):
        at = now - timedelta(days=12 - number)
        session.add(
            PartnerStep(referral_id=row.id, client_id=client.id, state=state, happened_on=clock.london_today(at),
                        reason="not_needed" if state == ReferralState.WITHDRAWN else "", noted_at=at, by_kind="staff",
                        by_id=client.keyworker_id)
        )  # fmt: skip


def _feedback(centre: Centre, now: datetime) -> None:
    quarter = before(quarter_of(clock.london_today(now)))
    for number, (listened, helped, welcome, easy, words) in enumerate(_SAID):
        session.add(
            Feedback(
                id=1000003 * (number + 3) % 2147483629, centre_id=centre.id, month=quarter.months[number % 3],
                listened=listened, helped=helped, welcome=welcome, easy=easy, words=words or None,
            )
        )  # fmt: skip
