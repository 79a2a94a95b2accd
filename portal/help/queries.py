"""Reading the directory."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Date, column, select, table

from portal.core.database import get_or_none, session
from portal.core.errors import NotFound
from portal.help.hours import days_that_count, is_open
from portal.help.models import Service
from portal.help.rules import VERIFIED, WAYS, borough_code, ways_to_reach

HIDDEN_AFTER = timedelta(days=30)
"""How long after its check was due an entry stays on women's pages."""

SHOWN = ("all", "published", "hidden", "due")
"""The parts of the directory that staff can look at."""


class Asked(NamedTuple):
    """What she looks for; whatever is empty does not count.

    `needs`: any of them. `borough`: its code or its name. `language`: an ISO 639 code or `interpreter`. `way`: one of
    rules.WAYS. `open_at`: surely open at that instant; `holidays`: bank holidays that staff added for it.
    """

    needs: Collection[str] = ()
    borough: str = ""
    language: str = ""
    way: str = ""
    open_at: datetime | None = None
    holidays: Collection[date] = ()


class Found(NamedTuple):
    """Entries for her, emergencies apart; what can be chosen (whatever some entry serves), and what was asked for."""

    emergencies: list[Service]
    services: list[Service]
    boroughs: list[str]
    languages: list[str]
    ways: list[str]
    asked: Asked


ANYTHING = Asked()


def services(asked: Asked = ANYTHING) -> Found:
    """The published entries that fit, in one query.

    Emergency entries are there whatever is asked for. A borough, language or way that nobody serves does not count.
    """
    everything = session.scalars(select(Service).where(Service.published).order_by(Service.position, Service.id)).all()
    boroughs = sorted({name for service in everything for name in service.boroughs})
    languages = sorted({code for service in everything for code in service.languages})
    ways = [way for way in WAYS if any(way in _ways(service) for service in everything)]
    asked = asked._replace(
        borough=next((name for name in boroughs if borough_code(name) == borough_code(asked.borough)), ""),
        language=asked.language if asked.language in languages else "",
        way=asked.way if asked.way in ways else "",
    )
    return Found(
        emergencies=[service for service in everything if service.emergency],
        services=[service for service in everything if not service.emergency and _fits(service, asked)],
        boroughs=boroughs,
        languages=languages,
        ways=ways,
        asked=asked,
    )


def holidays_at(at: datetime) -> set[date]:
    """The bank holidays, such as a coronation, by which services may be closed at an instant."""
    return set(session.scalars(select(_HOLIDAYS.c.on).where(_HOLIDAYS.c.on.in_(days_that_count(at)))))


_HOLIDAYS = table("bank_holidays", column("on", Date))
"""A table of the centres, by its name: these pages are answered before that room is loaded (decision 11)."""


def _fits(service: Service, asked: Asked) -> bool:
    return (
        (not asked.needs or bool(set(asked.needs) & set(service.needs)))
        and (not asked.borough or not service.boroughs or asked.borough in service.boroughs)
        and (not asked.language or asked.language in service.languages)
        and (not asked.way or asked.way in _ways(service))
        and (asked.open_at is None or bool(is_open(service.hours, asked.open_at, asked.holidays)))
    )


def _ways(service: Service) -> set[str]:
    return ways_to_reach(phone=service.phone, sms=service.sms, access=service.access)


def only_in(service: Service) -> list[str]:
    """The boroughs that a service is for, where its own words do not name them."""
    told = f"{service.name} {service.helps_with} {service.audience}"
    return [borough for borough in service.boroughs if borough not in told]


def published_service(service_id: int) -> Service:
    """One published entry; raises NotFound."""
    service = get_or_none(Service, service_id)
    if service is None or not service.published:
        raise NotFound("service")
    return service


def service_to_ask_for(service_id: int) -> Service:
    """One entry that her worker can reach with her; raises NotFound also for 999, where nobody waits for a worker."""
    service = published_service(service_id)
    if service.emergency:
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


def is_overdue(service: Service, today: date) -> bool:
    """Whether its check was due so long ago that women must not see an entry; 999 stays whatever happens."""
    due_on = service.check_due_on
    return not service.emergency and due_on is not None and due_on + HIDDEN_AFTER <= today


def leaves_on(service: Service, today: date) -> date | None:
    """The day on which an entry that is due leaves women's pages if nobody checks it; None for one that stays."""
    if service.emergency or service.check_due_on is None or not is_due(service, today):
        return None
    return service.check_due_on + HIDDEN_AFTER


def may_be_shown(service: Service, today: date) -> bool:
    """Whether a hidden entry needs no new confirmation before women see it again."""
    known = service.checked_at is not None or (service.status == VERIFIED and service.check_due_on is not None)
    return known and not is_overdue(service, today)


def part_of(everything: list[Service], part: str, today: date) -> list[Service]:
    """One of the parts in SHOWN, what is due the longest first; any other name gives everything."""
    tests = {
        "published": lambda service: service.published,
        "hidden": lambda service: not service.published,
        "due": lambda service: is_due(service, today),
    }
    found = [service for service in everything if tests.get(part, bool)(service)]
    return sorted(found, key=lambda service: service.check_due_on or today) if part == "due" else found
