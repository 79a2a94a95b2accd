"""Factories: the few rows that a test needs, made through the real tables. Each opens and commits its own change."""

import itertools
from datetime import date, datetime, time, timedelta
from functools import cache

import pyotp
from sqlalchemy import delete

from portal.accounts import secrets
from portal.accounts.models import ClientPasscode, StaffCredential
from portal.centres.models import Centre, CentreKind, Kind, OpeningHours, Room, bank_holidays
from portal.clients.models import Client, SafeContact
from portal.clients.rules import fold_code_name
from portal.core import clock, crypto
from portal.core.database import session, unit_of_work
from portal.staff.models import CentreCover, Staff, WorkingHours

PASSCODE = "271828"
PASSWORD = "blue heron sings early"
TOTP_SECRET = pyotp.random_base32()
WHOLE_WEEK = [{"day": day, "from": "08:00", "to": "20:00"} for day in range(7)]

_count = itertools.count(1)


def _hashed(kind: str, secret: str) -> str:
    return _hashed_under(crypto.keyring().index_key, kind, secret)


@cache
def _hashed_under(_key: bytes, kind: str, secret: str) -> str:
    """Hashing takes a fortieth of a second on purpose: each secret of these tests is hashed once under each key."""
    return secrets.hash_secret(kind, secret)


def centre(name: str | None = None, *, borough: str = "Camden", rooms: int = 2) -> Centre:
    """A centre open Monday to Friday from 9 to 5."""
    with unit_of_work():
        centre = Centre(name=name or f"Example House {next(_count)}", borough=borough, door="The green door.")
        centre.hours = [OpeningHours(weekday=day, local_from=time(9), local_until=time(17)) for day in range(5)]
        centre.rooms = [Room(name=f"Room {number}") for number in range(1, rooms + 1)]
        session.add(centre)
    return centre


def kind(name: str = "Time with your worker", *centres: Centre, minutes: int = 50, **values) -> Kind:
    """A kind of appointment that some centres offer."""
    with unit_of_work():
        kind = Kind(names={"en": name}, minutes=minutes, **values)
        session.add(kind)
        session.flush()
        session.add_all(CentreKind(centre_id=centre.id, kind_id=kind.id) for centre in centres)
    return kind


def staff(role: str = "keyworker", *centres: Centre, first_name: str = "Jo", works: bool = True) -> Staff:
    """A member of staff with PASSWORD and TOTP_SECRET, bookable Monday to Friday from 9 to 5 at the centres."""
    number = next(_count)
    email = f"{first_name.lower()}{number}@example.org"
    with unit_of_work():
        person = Staff(
            name=f"{first_name} Example",
            first_name=first_name,
            email=email,
            email_index=crypto.keyring().index("email", email),
            role=role,
            joined_at=clock.now(),
        )
        person.covers = [CentreCover(centre_id=centre.id) for centre in centres]
        if works and role == "keyworker":
            person.hours = [
                WorkingHours(centre_id=centre.id, weekday=day, local_from=time(9), local_until=time(17))
                for centre in centres
                for day in range(5)
            ]
        session.add(person)
        session.flush()
        password_hash = _hashed("password", PASSWORD)
        session.add(
            StaffCredential(
                staff_id=person.id,
                password_hash=password_hash,
                totp_secret=TOTP_SECRET,
                last_step=0,
                set_at=clock.now(),
            )
        )
    return person


def client(keyworker: Staff | None = None, centre_: Centre | None = None, **values) -> Client:
    """A woman with PASSCODE; her keyworker and centre are made when none are given."""
    if centre_ is None:
        centre_ = session.get(Centre, keyworker.centre_ids[0]) if keyworker and keyworker.centre_ids else centre()
    keyworker = keyworker or staff("keyworker", centre_)
    number = next(_count)
    code_name = values.pop("code_name", f"Blue Heron {number}")
    with unit_of_work():
        client = Client(
            code_name=code_name,
            code_name_index=crypto.keyring().index("code_name", fold_code_name(code_name)),
            called_name=values.pop("called_name", f"Rose{number}"),
            keyworker_id=keyworker.id,
            centre_id=centre_.id,
            opened_at=clock.now(),
            **values,
        )
        session.add(client)
        session.flush()
        session.add(
            ClientPasscode(client_id=client.id, passcode_hash=_hashed("passcode", PASSCODE), set_at=clock.now())
        )
    return client


def safe_contact(client: Client, *, number: str | None = None, **values) -> SafeContact:
    """A live safe-contact record: proved, plain wording, every day from 8 to 8, unless told otherwise."""
    number = number or f"+447700900{client.id % 1000:03}"
    keyring = crypto.keyring()
    today = clock.london_today(clock.now())
    facts: dict = {
        "may_text": True,
        "proved_at": clock.now(),
        "sign_at": values.get("proved_at", clock.now()),
        "stable_phone": True,
        "stable_home": True,
        "whose_phone": "own",
        "safe_hours": WHOLE_WEEK,
        "wording": "plain",
        "text_language": client.language,
        "voice_language": client.language,
        "may_reply": True,
        "may_ring": True,
        "may_leave_message": False,
        "may_say_who": False,
        "may_post": False,
        "may_email": False,
        "asked_by": client.keyworker_id,
        "asked_on": today,
        "check_again_on": today + timedelta(days=90),
        "recorded_at": clock.now(),
    }
    with unit_of_work():
        newest = session.query(SafeContact).filter_by(client_id=client.id).count()
        record = SafeContact(
            client_id=client.id,
            version=newest + 1,
            number=number,
            number_index=keyring.index("phone", number),
            number_end_index=keyring.index("phone_end", number[-4:]),
            **(facts | values),
        )
        session.add(record)
    return record


def monday(after: date | None = None) -> date:
    """The first Monday after a day, today if none is given."""
    day = (after or clock.london_today(clock.now())) + timedelta(days=1)
    while day.weekday():
        day += timedelta(days=1)
    return day


def london(on: date, at: str) -> datetime:
    """The UTC instant of a London wall time such as "10:00"."""
    return clock.from_london(on, time.fromisoformat(at))


def no_bank_holidays() -> None:
    """Forget all bank holidays: the clocks change in the spring of 2027 on the Sunday of Easter."""
    with unit_of_work():
        session.execute(delete(bank_holidays))
