"""Reading the directory."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.help.hours import is_open
from portal.help.models import Service
from portal.help.rules import VERIFIED, borough_code

SHOWN = ("all", "published", "hidden", "due")
"""The parts of the directory that staff can look at."""


class Found(NamedTuple):
    """Entries for her, emergencies apart; every borough that some entry serves, and the one that was asked for."""

    emergencies: list[Service]
    services: list[Service]
    boroughs: list[str]
    borough: str


def services(needs: Collection[str] = (), borough: str = "", open_at: datetime | None = None) -> Found:
    """The published entries for any of these needs, for a borough and surely open at an instant, in one query.

    Emergency entries are there whatever is asked for. No needs, no instant, or a borough (its code or its name) that
    nobody serves: that one does not count.
    """
    everything = session.scalars(select(Service).where(Service.published).order_by(Service.position, Service.id)).all()
    boroughs = sorted({name for service in everything for name in service.boroughs})
    asked = next((name for name in boroughs if borough_code(name) == borough_code(borough)), "")
    fitting = [
        service
        for service in everything
        if not service.emergency
        and (not needs or set(needs) & set(service.needs))
        and (not asked or not service.boroughs or asked in service.boroughs)
        and (open_at is None or is_open(service.hours, open_at))
    ]
    return Found([service for service in everything if service.emergency], fitting, boroughs, asked)


def published_service(service_id: int) -> Service:
    """One published entry; raises NotFound."""
    service = get_or_none(Service, service_id)
    if service is None or not service.published:
        raise NotFound("service")
    return service


def service_by_id(service_id: int) -> Service:
    """One entry for staff, published or not; raises NotFound."""
    service = get_or_none(Service, service_id)
    if service is None:
        raise NotFound("service")
    return service


def all_services() -> list[Service]:
    """Every entry, in order."""
    return list(session.scalars(select(Service).order_by(Service.position, Service.id)))


def is_due(service: Service, today: date) -> bool:
    """Whether a published entry must be checked again."""
    return service.published and service.check_due_on is not None and service.check_due_on <= today


def may_be_shown(service: Service) -> bool:
    """Whether a hidden entry needs no new confirmation before women see it again."""
    return service.checked_at is not None or (service.status == VERIFIED and service.check_due_on is not None)


def part_of(everything: list[Service], part: str, today: date) -> list[Service]:
    """One of the parts in SHOWN; any other name gives everything."""
    tests = {
        "published": lambda service: service.published,
        "hidden": lambda service: not service.published,
        "due": lambda service: is_due(service, today),
    }
    return [service for service in everything if tests.get(part, bool)(service)]
