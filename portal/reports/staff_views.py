"""The numbers of a quarter for managers, and the same as a file."""

from flask import Response, abort, render_template, request

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.reports import exports, quarters, queries
from portal.reports.forms import QuarterForm
from portal.reports.kept import Kept
from portal.reports.page import sections
from portal.reports.quarters import Quarter
from portal.reports.service import not_kept_yet, open_numbers
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor, needs_fresh_proof

staff = AudienceBlueprint("reports_staff", __name__, Audience.STAFF)


@staff.get("/staff/reports")
@needs(Permission.READ_REPORTS)
def numbers():
    """One quarter, all together or by one of borough, centre and source; both stay in the address."""
    offered, form = _offered(), QuarterForm(request.args)
    form.offer(offered)
    if not form.validate():
        return render_template("reports/staff/numbers.html", form=form, quarter=None, newest=offered[0]), 422
    quarter = _chosen(str(form.quarter.data), offered)
    kept = _opened(quarter, saved=False)
    shown = sections(kept, form.by.data, queries.centre_names())
    return render_template(
        "reports/staff/numbers.html", form=form, quarter=quarter, newest=offered[0], sections=shown, by=form.by.data
    )


@staff.get("/staff/reports/numbers.csv")
@needs(Permission.READ_REPORTS)
@needs_fresh_proof
def saved() -> Response:
    """All that the pages of a quarter show, as a file with a neutral name (R7)."""
    offered = _offered()
    quarter = _chosen(request.args.get("quarter", offered[0].code), offered)
    kept = _opened(quarter, saved=True)
    return _file(f"numbers-{quarter.code}.csv", exports.numbers_csv(quarter, kept, queries.centre_names()))


@staff.get("/staff/reports/dictionary.csv")
@needs(Permission.READ_REPORTS)
@needs_fresh_proof
def dictionary() -> Response:
    """What each line of that file counts."""
    return _file("dictionary.csv", exports.dictionary_csv())


def _offered() -> list[Quarter]:
    return quarters.published(queries.first_day(), clock.london_today(clock.now()))


def _chosen(code: str, offered: list[Quarter]) -> Quarter:
    return quarters.quarter_named(code, offered) or abort(404)


def _opened(quarter: Quarter, *, saved: bool) -> Kept:
    now = clock.now()
    fresh = not_kept_yet(quarter, now)
    with unit_of_work():
        return open_numbers(actor(), quarter, fresh, saved=saved, now=now)


def _file(name: str, content: str) -> Response:
    # The mark of the byte order tells spreadsheet programs that this is UTF-8.
    answer = Response("\ufeff" + content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
