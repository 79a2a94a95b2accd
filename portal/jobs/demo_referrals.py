"""Made-up referrals: one that nobody has yet, one from custody, one she made herself, one not settled, one declined."""

from datetime import datetime, timedelta

from portal.backoffice import allocating
from portal.centres.models import Centre
from portal.core import clock
from portal.core.access import Actor, Role
from portal.diversion import allocation, intake
from portal.diversion.intake import Asked, SaidContact
from portal.staff.models import Staff

DAYS = 3


def load(staff: dict[str, Staff], centre: Centre, now: datetime) -> None:
    """Make them, by the referrer and the staff of the demo."""
    dana, frances, jo = (_actor(staff[name]) for name in ("Dana", "Frances", "Jo"))
    today = clock.london_today(now)
    waits = _asked("Poppylune", centre, "REF-2001", "+447700900981", now)
    intake.refer(dana, waits, days=DAYS, now=now)
    inside = _asked("Sorrelwyn", centre, "REF-2002", "+447700900982", now)._replace(
        source="prison", release_on=today + timedelta(days=12)
    )
    given = intake.refer(dana, inside, days=DAYS, now=now)
    allocating.give(frances, given.id, to_id=jo.id, now=now)
    intake.refer_herself(_asked("Irisande", centre, "", "+447700900983", now), days=DAYS, now=now)
    named = _asked("Fernella", centre, "REF-2003", "+447700900984", now)._replace(
        must_not_know="somebody", names=("A made-up neighbour",)
    )
    intake.refer(dana, named, days=DAYS, now=now)
    elsewhere = intake.refer(dana, _asked("Bryonella", centre, "REF-2004", "+447700900985", now), days=DAYS, now=now)
    allocation.decline(frances, elsewhere.id, reason="other_area", now=now)


def _asked(name: str, centre: Centre, reference: str, number: str, now: datetime) -> Asked:
    return Asked(
        called_name=name,
        language="en",
        centre_id=centre.id,
        contact=SaidContact(may_text=True, comes_in=True, number=number, whose_phone="own", hours="mornings"),
        must_not_know="nobody",
        agreed_how="spoken",
        source="police",
        reference=reference,
        borough=centre.borough,
        police_area="central_north",
        disposal="conditional_caution",
        offence_group="other",
        sessions_needed=2 if reference else None,
        due_on=clock.london_today(now) + timedelta(days=60) if reference else None,
    )


def _actor(person: Staff) -> Actor:
    return Actor("staff", person.id, Role(person.role), frozenset(person.centre_ids))
