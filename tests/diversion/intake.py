"""Referrals for tests, made through the real services."""

from datetime import date

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.database import session, unit_of_work
from portal.diversion import intake
from portal.diversion.intake import Asked, SaidContact
from portal.diversion.models import Referral
from portal.staff.models import Staff

CONTACT = SaidContact(may_text=True, number="+447700900123", whose_phone="own", hours="mornings")


def actor_of(person: Staff) -> Actor:
    """The actor of a member of staff."""
    person = session.get_one(Staff, person.id)
    return Actor("staff", person.id, Role(person.role), frozenset(person.centre_ids))


def asked(centre_id: int, **values) -> Asked:
    """What a referral says, all well unless told otherwise."""
    facts = {
        "called_name": "Marigold", "language": "en", "centre_id": centre_id, "contact": CONTACT,
        "must_not_know": "nobody", "agreed_how": "herself", "source": "police", "reference": "REF-1",
        "disposal": "conditional_caution",
    }  # fmt: skip
    return Asked(**(facts | values))


def refer(by: Staff, centre_id: int, **values) -> Referral:
    """A referral that somebody made just now."""
    with unit_of_work():
        return intake.refer(actor_of(by), asked(centre_id, **values), days=3, now=clock.now())


def refer_herself(centre_id: int, **values) -> Referral:
    """A referral that she made herself just now."""
    with unit_of_work():
        return intake.refer_herself(asked(centre_id, **values), days=3, now=clock.now())


FORM = {
    "called_name": "Marigold", "language": "en", "agreed_how": "herself", "may_text": "y", "number": "07700 900123",
    "whose_phone": "own", "hours": "mornings", "must_not_know": "nobody", "names": "", "source": "police",
    "reference": "REF-1", "borough": "Camden", "police_area": "central_north", "disposal": "conditional_caution",
    "disposal_on": "", "offence_group": "theft", "reporter_is_family": "no", "sessions_needed": "2",
    "due_on": "", "release_on": "",
}  # fmt: skip


def form(centre_id: int, due_on: date | None = None, **values: str) -> dict[str, str]:
    """What the form of a referral sends."""
    return FORM | {"centre_id": str(centre_id), "due_on": due_on.isoformat() if due_on else ""} | values
