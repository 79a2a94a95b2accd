"""Pure rules of a referral: what can be chosen, whom her words may mean, by when first contact is due."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from portal.core import clock

SOURCES = {
    "police": "Police",
    "liaison_diversion": "Liaison and diversion",
    "prison": "Prison",
    "council": "Council",
    "probation": "Probation",
    "herself": "Herself",
    "other": "Somebody else",
}
"""Who refers, in the words of staff; `not_recorded` is what was brought over from a list."""

POLICE_AREAS = {
    "central_east": "Central East",
    "central_north": "Central North",
    "central_south": "Central South",
    "central_west": "Central West",
    "east": "East",
    "north": "North",
    "north_east": "North East",
    "north_west": "North West",
    "south": "South",
    "south_east": "South East",
    "south_west": "South West",
    "west": "West",
    "city": "City of London",
    "transport": "British Transport",
    "elsewhere": "Outside London",
}
"""The command units of the Metropolitan Police, and the two other forces of London."""

OFFENCE_GROUPS = {
    "theft": "Theft",
    "public_order": "Public order",
    "drugs_possession": "Possession of drugs",
    "criminal_damage": "Criminal damage",
    "assault_minor": "Assault without injury, or a minor one",
    "fraud": "Fraud",
    "traffic": "Traffic",
    "other": "Another group",
    "not_said": "Not said",
}
"""Groups alone: what happened is nobody's to write here."""

DECLINED_BECAUSE = {
    "other_area": "She lives where another service is",
    "other_service": "Another service fits her better",
    "not_a_woman": "The service is for women",
    "she_said_no": "She does not want it",
    "not_reached": "She could not be reached in a safe way",
    "twice": "She is on record already",
}
FIRST_CONTACT_HOW = {
    "rang": "Rang her",
    "met": "Met her",
    "she_came": "She came in",
    "texted": "Texted her",
    "through_referrer": "Through who referred her",
}
MUST_NOT_KNOW = ("nobody", "somebody", "later")
"""What she can say when she is asked who must not know (R29); `later`: somebody, and she will say who."""

CUSTODY = "prison"
WORKING_DAYS = range(5)
DAY_ENDS = time(17)


class Person(NamedTuple):
    """Somebody who works here, as her words may mean them."""

    id: int
    name: str


class Meant(NamedTuple):
    """Whom some words may mean, and whether they are that person's very name, so that nobody need ask."""

    staff_ids: frozenset[int]
    is_settled: bool


def meant(words: str, people: Iterable[Person]) -> Meant:
    """Whom of the staff her words for somebody who must not know may mean (R29).

    The full name means its bearers. Else whoever shares any word of the name may be meant, and a person must find out.
    """
    folded, known = fold_name(words), list(people)
    exactly = frozenset(person.id for person in known if fold_name(person.name) == folded)
    if exactly:
        return Meant(exactly, True)
    said = set(folded.split())
    return Meant(frozenset(person.id for person in known if said & set(fold_name(person.name).split())), False)


def fold_name(name: str) -> str:
    """A name without the differences that nobody should trip over: case, accents, marks, spaces."""
    plain = "".join(
        sign
        for sign in unicodedata.normalize("NFKD", name.casefold())
        if not unicodedata.category(sign).startswith("M")
    )
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def first_contact_due(
    received_at: datetime, release_on: date | None, days: int, holidays: Collection[date]
) -> datetime:
    """When first contact is due: the end of so many working days after a referral came, in custody after the release.

    The day itself does not count. Gives an aware UTC instant, 17:00 London time.
    """
    day = clock.london_today(received_at)
    if release_on is not None and release_on > day:
        day = release_on
    left = days
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() in WORKING_DAYS and day not in holidays
    return clock.from_london(day, DAY_ENDS)
