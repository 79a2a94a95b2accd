"""Loads the demo data once: made-up people, plans and appointments on every open day, dates relative to the load."""

from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

from sqlalchemy import select

from portal.accounts import secrets
from portal.accounts import service as accounts
from portal.accounts.models import ClientPasscode
from portal.booking.models import Appointment, Occupancy
from portal.centres.models import Centre, CentreKind, Kind, OpeningHours, Room
from portal.clients.models import Client, SafeContact
from portal.clients.rules import fold_code_name
from portal.core import clock, crypto
from portal.core.database import session
from portal.diversion.models import Condition, Referral
from portal.help import service as help_service
from portal.jobs import demo_groups, demo_rota, demo_texts
from portal.jobs.demo_people import CENTRES, KINDS, STAFF, WOMEN, MadeUpStaff, MadeUpWoman
from portal.messaging.models import PortalMessage
from portal.plan.models import Action, Goal, OwnWords, Plan, RiskNote
from portal.staff.models import CentreCover, Staff, WorkingHours

PAST_DAYS, COMING_DAYS = 14, 21
_REVIEW_KIND, _GROUP_KIND = 3, 4
_TIMES = (time(10), time(11, 30), time(14))
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
        _plan(woman, client, now)
        _records(woman, client, staff["Dana"], now)
    _appointments(clients, centres, kinds, now)
    demo_groups.load(centres, kinds[_GROUP_KIND], clients, now)
    help_service.seed(now)
    demo_texts.seed(staff["Jo"].id, now)
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
    session.add(centre)
    session.flush()
    return centre


def _kind(centres: list[Centre], names: dict[str, str], minutes: int, group: bool) -> Kind:
    kind = Kind(names=names, minutes=minutes, group=group, least_notice_minutes=60)
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
            code_word_hash=secrets.hash_secret("code_word", f"teapot{woman.number}"),
            asked_by=client.keyworker_id,
            asked_on=asked_on,
            check_again_on=asked_on + timedelta(days=90),
            recorded_at=now,
        )
    )


def _plan(woman: MadeUpWoman, client: Client, now: datetime) -> None:
    if not woman.plan:
        return
    today, (home_marker, money_marker) = clock.london_today(now), woman.markers["plan"]
    agreed = woman.plan in ("agreed", "under_review", "closed")
    session.add(
        Plan(
            client_id=client.id,
            state=woman.plan,
            agreed_on=today - timedelta(days=20) if agreed else None,
            review_on=today + timedelta(days=22) if agreed else None,
            started_at=now - timedelta(days=30),
        )
    )
    home = _goal(client, "accommodation", f"I want my own front door. {home_marker}", 1, now)
    money = _goal(client, "money", f"Stop the letters. {money_marker}", 2, now)
    _action(client, home, "Fill in the council form", "her", today - timedelta(days=2), "done", now)
    _action(client, home, "Find your National Insurance number", "her", today + timedelta(days=6), "to_do", now)
    _action(client, home, "Ring the council", "worker", today + timedelta(days=9), "to_do", now)
    _action(
        client, money, "Bring the letters to your next appointment", "her", today + timedelta(days=12), "to_do", now
    )
    _action(client, money, "Ask the gas company for more time", "worker", today + timedelta(days=14), "doing", now)
    if woman.number % 8 == 1:
        hidden = _goal(client, "abuse", f"I want quiet evenings. {home_marker}", 3, now)
        _action(client, hidden, "Talk it through together", "worker", today + timedelta(days=8), "to_do", now)
    session.add(
        OwnWords(
            client_id=client.id,
            goal_id=home.id,
            words=f"The bus is better on Thursdays. {home_marker}",
            language=woman.language,
            written_at=now - timedelta(days=3),
        )
    )


def _goal(client: Client, pathway: str, words: str, position: int, now: datetime) -> Goal:
    goal = Goal(
        client_id=client.id,
        pathway=pathway,
        her_words=words,
        position=position,
        added_by=client.keyworker_id,
        added_at=now - timedelta(days=30),
    )
    session.add(goal)
    session.flush()
    return goal


def _action(client: Client, goal: Goal, what: str, doer: str, due_on: date, status: str, now: datetime) -> None:
    session.add(
        Action(
            client_id=client.id,
            goal_id=goal.id,
            what=what,
            doer=doer,
            due_on=due_on,
            status=status,
            status_at=now - timedelta(days=2) if status != "to_do" else None,
            added_by=client.keyworker_id,
            added_at=now - timedelta(days=30),
        )
    )


def _records(woman: MadeUpWoman, client: Client, referrer: Staff, now: datetime) -> None:
    today, markers = clock.london_today(now), woman.markers
    referral = Referral(
        client_id=client.id,
        referrer_id=referrer.id,
        source="police",
        disposal="conditional_caution" if woman.number % 2 else "community_resolution",
        reference=f"REF-{1000 + woman.number}",
        offence_group=f"Theft from a shop {markers['offence'][0]}",
        reporter_is_family=woman.number == 5,
        referred_on=today - timedelta(days=42),
        recorded_at=now,
    )
    session.add(referral)
    session.flush()
    session.add(
        Condition(referral_id=referral.id, client_id=client.id, sessions_needed=2, due_on=today + timedelta(days=60))
    )
    session.add(
        RiskNote(
            client_id=client.id,
            note=f"Made-up note of risk. {markers['risk'][0]}",
            noted_by=client.keyworker_id,
            noted_at=now - timedelta(days=20),
        )
    )
    session.add(
        PortalMessage(
            client_id=client.id,
            staff_id=client.keyworker_id,
            body=f"Your letter came. Bring it on the day. {markers['message'][0]}",
            written_at=now - timedelta(days=1),
        )
    )


def _appointments(clients: list[Client], centres: list[Centre], kinds: list[Kind], now: datetime) -> None:
    """One on every open day at every centre, its women in turn; two on past days and three today."""
    today = clock.london_today(now)
    for centre in centres:
        women = [client for client in clients if client.centre_id == centre.id]
        days = [today + timedelta(days=offset) for offset in range(-PAST_DAYS, COMING_DAYS + 1)]
        for turn, on in enumerate(day for day in days if day.weekday() < 5):
            for number in range(3 if on == today else 2 if on < today else 1):
                at = clock.from_london(on, _TIMES[(turn + number) % 3])
                client = women[(turn + number) % len(women)]
                _appointment(client, centre, kinds[_REVIEW_KIND], at, centre.rooms[number], now)


def _appointment(client: Client, centre: Centre, kind: Kind, starts_at: datetime, room: Room, now: datetime) -> None:
    ends_at = starts_at + timedelta(minutes=kind.minutes)
    past = ends_at < now
    missed = past and starts_at.toordinal() % 5 == 0
    appointment = Appointment(
        client_id=client.id,
        kind_id=kind.id,
        centre_id=centre.id,
        worker_id=client.keyworker_id,
        room_id=room.id,
        starts_at=starts_at,
        ends_at=ends_at,
        booked_by_kind="staff",
        booked_by_id=client.keyworker_id,
        booked_at=now - timedelta(days=PAST_DAYS + 7),
        arrived_at=starts_at - timedelta(minutes=4) if past and not missed else None,
        left_at=ends_at if past and not missed else None,
        attendance=("no" if missed else "yes") if past else "",
        marked_at=ends_at if past else None,
        marked_by=client.keyworker_id if past else None,
    )
    session.add(appointment)
    session.flush()
    buffered = ends_at + timedelta(minutes=kind.buffer_after)
    for resource, until in (
        (f"worker:{client.keyworker_id}", buffered),
        (f"room:{room.id}", buffered),
        (f"client:{client.id}", ends_at),
    ):
        session.add(Occupancy(appointment_id=appointment.id, resource=resource, starts_at=starts_at, ends_at=until))
