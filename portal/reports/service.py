"""Taking a quarter's numbers once it is over and settled, and keeping them as they were taken."""

from datetime import datetime

from portal.audit import service as audit
from portal.core import clock
from portal.core.access import Actor, Permission, require
from portal.core.database import insert_unless_there, session
from portal.core.errors import NotFound
from portal.reports import counting, figures, kept, queries
from portal.reports.hiding import Numbers, published
from portal.reports.kept import Kept
from portal.reports.models import QuarterNumbers
from portal.reports.quarters import Quarter, newest_published


def open_numbers(actor: Actor, quarter: Quarter, *, saved: bool, now: datetime) -> Kept:
    """What is shown of a quarter, and that somebody looked at it or saved it; the first look takes the numbers.

    The same for every reader, whomever she must not know (R29): docs/decisions/0034. Raises NotAllowed, and NotFound
    for a quarter that is not settled yet.
    """
    require(actor, Permission.READ_REPORTS)
    found = take(quarter, now=now)
    audit.record(actor, "numbers_saved" if saved else "numbers_read", now=now, subject=f"quarter:{quarter.code}")
    return found


def take(quarter: Quarter, *, now: datetime) -> Kept:
    """The numbers of a quarter as first taken, taken now if nobody did; raises NotFound before it is settled."""
    if quarter.published_on > clock.london_today(now):
        raise NotFound("quarter")
    row = queries.quarter_numbers(quarter)
    if row is None:
        keep(quarter, counted(quarter, now), now=now)
        row = queries.quarter_numbers(quarter)
        assert row is not None  # noqa: S101  # it was written in this transaction, or was there before
    return kept.from_json(row.numbers)


def are_due(now: datetime) -> bool:
    """Whether the newest settled quarter has something to count and was not taken yet."""
    quarter, first = newest_published(clock.london_today(now)), queries.first_day()
    return first is not None and first < quarter.ends_on and queries.quarter_numbers(quarter) is None


def take_due(now: datetime) -> None:
    """Take the numbers of the newest settled quarter, unless somebody did in this moment."""
    take(newest_published(clock.london_today(now)), now=now)


def keep(quarter: Quarter, numbers: Kept, *, now: datetime) -> None:
    """Keep the numbers of a quarter, unless some are kept; of two who come at once, those of the first stay."""
    row = {"starts_on": quarter.starts_on, "taken_at": now, "numbers": kept.as_json(numbers)}
    session.execute(insert_unless_there(QuarterNumbers, **row))


def counted(quarter: Quarter, now: datetime) -> Kept:
    """What may be shown of a quarter, from the records as they are now."""
    known = queries.people()
    cohort = counting.cohort(queries.referral_facts(quarter, known))
    counts = {
        "referrals": counting.referrals(cohort, now),
        "needs": counting.needs(queries.need_facts(quarter, known)),
        "agreement": counting.agreement(queries.answer_facts(quarter, known)),
        "sessions": counting.sessions(queries.session_facts(quarter, known)),
        "conditions": counting.conditions(queries.condition_facts(quarter, known, now)),
        "distance": counting.distance(queries.rating_facts(quarter, known)),
        "closed": counting.closed(queries.closing_facts(quarter, known)),
    }
    return shown_of(counts, counting.contacted(cohort), queries.boroughs())


def shown_of(counts: dict[str, counting.Counts], waited: list[counting.Contacted], boroughs: dict[int, str]) -> Kept:
    """What may be shown of the counts of every section, and of the days that first contacts took."""
    sections = {
        section.code: published(section.family, counts[section.code], boroughs, list(figures.SOURCES))
        for section in figures.SECTIONS
    }
    return Kept(sections, _medians(sections["referrals"], waited, boroughs))


def _medians(
    numbers: Numbers, waited: list[counting.Contacted], boroughs: dict[int, str]
) -> dict[str, list[int | None]]:
    """The medians of each level, where it is shown how many were contacted."""
    keys = {
        "all": lambda person: person.centre,
        "borough": lambda person: boroughs[person.centre],
        "centre": lambda person: person.centre,
        "source": lambda person: person.source,
    }
    return {
        level: counting.medians(waited, shown.groups, keys[level])
        for level, shown in numbers.items()
        if "contact" in shown.tables and ("not_yet",) in shown.tables["contact"].blocks
    }
