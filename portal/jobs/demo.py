"""Loads the demo data once: made-up people, plans and appointments on every open day, dates relative to the load."""

from datetime import datetime, time, timedelta
from itertools import product
from typing import Any

from sqlalchemy import select

from portal.accounts import secrets
from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode
from portal.centres.models import Centre, CentreKind, Kind, OpeningHours, Room
from portal.clients.models import Client, SafeContact
from portal.clients.rules import fold_code_name
from portal.core import clock, crypto
from portal.core.database import session
from portal.help import service as help_service
from portal.jobs import (
    demo_answers,
    demo_appointments,
    demo_conditions,
    demo_desk,
    demo_groups,
    demo_hands,
    demo_numbers,
    demo_partners,
    demo_records,
    demo_referrals,
    demo_rota,
    demo_texts,
)
from portal.jobs.demo_people import BRING, CENTRES, KINDS, STAFF, WOMEN, MadeUpStaff, MadeUpWoman
from portal.staff.models import CentreCover, Staff, WorkingHours

_GROUP_KIND = 4
_SAFE_HOURS = (
    [{"day": day, "from": "09:30", "to": "14:30"} for day in range(5)],
    [{"day": day, "from": "08:00", "to": "20:00"} for day in range(7)],
    [{"day": day, "from": "10:00", "to": "12:00"} for day in (0, 2, 4)]
    + [{"day": day, "from": "18:00", "to": "19:30"} for day in (1, 3)],
)


def is_loaded() -> bool:
    """Whether the demo data stand in the database."""
    return session.scalar(select(Staff.id).limit(1)) is not None


def load(*, now: datetime) -> None:
    """Load the demo data; a second time changes nothing."""
    if is_loaded():
        return
    centres = [_centre(*made_up) for made_up in CENTRES]
    kinds = [_kind(centres, *made_up) for made_up in KINDS]
    staff = {person.first_name: _staff(person, centres, now) for person in STAFF}
    demo_rota.load(staff)
    clients = [_client(woman, staff[woman.keyworker], now) for woman in WOMEN]
    for woman, client in zip(WOMEN, clients, strict=True):
        _safe_contact(woman, client, now)
        demo_records.plan(woman, client, now)
        demo_answers.load(woman, client, now)
        demo_records.records(woman, client, staff["Dana"], now)
    demo_hands.load(clients, now)
    demo_records.beyond_reach(clients, staff, now)
    demo_appointments.load(clients, centres, kinds, now)
    demo_conditions.load(clients, now)
    demo_groups.load(centres, kinds[_GROUP_KIND], clients, now)
    demo_desk.load(centres, staff, now)
    demo_partners.load(centres, clients, now)
    demo_referrals.load(staff, centres[0], now)
    help_service.seed(now)
    demo_texts.seed(staff["Jo"].id, now)
    demo_numbers.load(centres, now)
    session.flush()


def as_json() -> dict[str, Any]:
    """The demo data as the contract describes them; the same at every call."""
    centres = session.scalars(select(Centre).order_by(Centre.id)).all()
    kinds = session.scalars(select(Kind).order_by(Kind.id)).all()
    clients = {client.code_name: client for client in session.scalars(select(Client))}
    emails = {person.email: person for person in session.scalars(select(Staff))}
    return {
        "clients": [_client_json(woman, clients[woman.code_name]) for woman in WOMEN if woman.code_name in clients],
        "staff": [_staff_json(person, emails[person.email]) for person in STAFF if person.email in emails],
        "centres": [{"id": centre.id, "name": centre.name, "borough": centre.borough} for centre in centres],
        "kinds": [
            {"id": kind.id, "name": kind.names["en"], "minutes": kind.minutes, "group": kind.group} for kind in kinds
        ],
        "markers": {str(clients[woman.code_name].id): woman.markers for woman in WOMEN if woman.code_name in clients},
    }


def _client_json(woman: MadeUpWoman, client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "code_name": woman.code_name,
        "passcode": woman.passcode,
        "phone": woman.phone,
        "language": woman.language,
        "safe_contact": woman.contact,
        "safe_hours": _hours_of(woman),
        "wording": woman.wording,
        "keyworker": next(person.email for person in STAFF if person.first_name == woman.keyworker),
    }


def _staff_json(person: MadeUpStaff, row: Staff) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": person.email,
        "password": person.password,
        "totp_secret": person.totp_secret,
        "role": person.role,
        "centres": row.centre_ids,
    }


def _centre(name: str, borough: str, door: str, phone: str) -> Centre:
    centre = Centre(name=name, borough=borough, door=door, phone=phone)
    centre.hours = [OpeningHours(weekday=day, local_from=time(9), local_until=time(18)) for day in range(5)]
    centre.rooms = [
        Room(name="Room 1", step_free=True),
        Room(name="Room 2", child_corner=True),
        Room(name="Room 3", quiet=True),
    ]
    centre.creche = [{"day": day, "from": "09:30", "until": "15:30", "places": 4} for day in range(5)]
    session.add(centre)
    session.flush()
    return centre


def _kind(centres: list[Centre], names: dict[str, str], minutes: int, group: bool) -> Kind:
    bring = BRING.get(names["en"], {})
    kind = Kind(names=names, bring=bring, minutes=minutes, group=group, least_notice_minutes=60)
    session.add(kind)
    session.flush()
    session.add_all(CentreKind(centre_id=centre.id, kind_id=kind.id) for centre in centres)
    return kind


def _staff(person: MadeUpStaff, centres: list[Centre], now: datetime) -> Staff:
    at = centres if person.centre is None else [centres[person.centre]]
    row = Staff(
        name=f"{person.first_name} Example",
        first_name=person.first_name,
        email=person.email,
        email_index=crypto.keyring().index("email", person.email),
        role=person.role,
        languages=list(person.languages),
        joined_at=now,
    )
    row.covers = [CentreCover(centre_id=centre.id) for centre in at if person.role not in ("admin", "referrer")]
    if person.role == "keyworker":
        row.hours = [
            WorkingHours(centre_id=centre.id, weekday=day, local_from=time(9), local_until=time(17))
            for centre, day in product(at, range(5))
        ]
    session.add(row)
    session.flush()
    accounts.put_staff_credential(row, person.password, person.totp_secret, now=now)
    return row


def _client(woman: MadeUpWoman, keyworker: Staff, now: datetime) -> Client:
    client = Client(
        code_name=woman.code_name,
        code_name_index=crypto.keyring().index("code_name", fold_code_name(woman.code_name)),
        called_name=woman.called_name,
        language=woman.language,
        keyworker_id=keyworker.id,
        centre_id=keyworker.centre_ids[0],
        preparation=woman.needs,
        shows_worker_name=woman.number % 2 == 1,
        messages_online=woman.number % 4 == 1,
        safe_contact_online=woman.number % 4 == 1,
        seen_by_online=woman.number % 4 == 1,
        report_online=woman.number % 4 == 1,
        sensitive_goals_online=woman.number % 8 == 1,
        opened_at=now - timedelta(days=40),
    )
    session.add(client)
    session.flush()
    hashed = secrets.hash_secret("passcode", woman.passcode)
    session.add(ClientPasscode(client_id=client.id, passcode_hash=hashed, set_at=now))
    return client


def _hours_of(woman: MadeUpWoman) -> list[dict[str, Any]]:
    return [] if woman.contact == "none" else _SAFE_HOURS[woman.number % len(_SAFE_HOURS)]


def _safe_contact(woman: MadeUpWoman, client: Client, now: datetime) -> None:
    if woman.contact == "none":
        return
    asked_on = clock.london_today(now) - timedelta(days=10 if woman.contact == "live" else 120)
    keyring = crypto.keyring()
    session.add(
        SafeContact(
            client_id=client.id,
            version=1,
            may_text=True,
            number=woman.phone,
            number_index=keyring.index("phone", woman.phone),
            number_end_index=keyring.index("phone_end", woman.phone[-4:]),
            proved_at=clock.from_london(asked_on, time(11)),
            sign_at=clock.from_london(asked_on, time(11)),
            stable_phone=woman.number % 5 != 0,
            stable_home=woman.number % 7 != 0,
            whose_phone="own",
            safe_hours=_hours_of(woman),
            wording=woman.wording,
            cover_phrase="Library book" if woman.wording == "cover" else None,
            text_language=woman.language,
            voice_language=woman.language,
            may_reply=True,
            may_ring=woman.number % 3 != 0,
            may_leave_message=False,
            may_say_who=False,
            may_post=woman.number % 4 == 1,
            post_to=f"{woman.called_name}\n{woman.number} Example Street\nLondon" if woman.number % 4 == 1 else None,
            may_email=woman.number % 6 == 1,
            email=f"box{woman.number}@example.org" if woman.number % 6 == 1 else None,
            reminds_week_before=woman.number % 4 == 1,
            reminds_same_morning=woman.number % 8 == 1,
            code_by_text=woman.number % 4 == 1,
            code_word_hash=secrets.hash_secret("code_word", f"teapot{woman.number}"),
            asked_by=client.keyworker_id,
            asked_on=asked_on,
            check_again_on=asked_on + timedelta(days=90),
            recorded_at=now,
        )
    )
