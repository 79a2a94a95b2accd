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


def open_numbers(actor: Actor, quarter: Quarter, fresh: Kept | None, *, saved: bool, now: datetime) -> Kept:
    """What is shown of a quarter, and that somebody looked at it or saved it; the first look keeps what is `fresh`.

    The same for every reader, whomever she must not know (R29): docs/decisions/0034. Raises NotAllowed, and NotFound
    for a quarter that is not settled yet.
    """
    require(actor, Permission.READ_REPORTS)
    if fresh is not None:
        keep(quarter, fresh, now=now)
    row = queries.quarter_numbers(quarter)
    if row is None:
        raise NotFound("quarter")
    audit.record(actor, "numbers_saved" if saved else "numbers_read", now=now, subject=f"quarter:{quarter.code}")
    return kept.from_json(row.numbers)


def not_kept_yet(quarter: Quarter, now: datetime) -> Kept | None:
    """The numbers of a settled quarter that nobody has opened yet, else None.

    It reads for a second or two, so it is asked before the unit of work: nobody waits for the database meanwhile.
    """
    if quarter.published_on > clock.london_today(now) or queries.quarter_numbers(quarter) is not None:
        return None
    return counted(quarter, now)


def due(now: datetime) -> tuple[Quarter, Kept] | None:
    """The newest settled quarter and its numbers, where there is something to count and nobody has kept it yet."""
    quarter, first = newest_published(clock.london_today(now)), queries.first_day()
    fresh = not_kept_yet(quarter, now) if first is not None and first < quarter.ends_on else None
    return (quarter, fresh) if fresh is not None else None


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
