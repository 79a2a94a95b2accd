"""Staff pages about England's bank holidays: the list, a single one added or taken off, filling it."""

from flask import url_for
from werkzeug.wrappers import Response

from portal.centres import bank_holidays, queries
from portal.centres.forms import BankHolidayForm
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.dates import read_date
from portal.web.guards import actor
from portal.web.saving import form_page, save_once, saved

staff = AudienceBlueprint("centres_bank_holidays", __name__, Audience.STAFF)


@staff.route("/staff/centres/bank-holidays", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def listed():
    """The bank holidays to come, and a form for a single one more."""
    form = BankHolidayForm()

    def save() -> str:
        bank_holidays.add(actor(), form.on.data, form.name.data, now=clock.now())
        return url_for("centres_bank_holidays.listed")

    return save_once(form, save, "Added. Look who is booked that day.") or form_page(
        "centres/staff/bank_holidays.html", form, **_shown()
    )


@staff.post("/staff/centres/bank-holidays/fill")
@needs(Permission.MANAGE_CENTRES)
def fill() -> Response:
    """Fill the list three years ahead."""
    now = clock.now()
    years = bank_holidays.missing_years(clock.london_today(now), only_when_short=False)
    if not years:
        return saved(url_for("centres_bank_holidays.listed"), "Nothing to fill: the list goes three years ahead.")
    try:
        found = bank_holidays.of_england(years)
    except bank_holidays.CannotRead:
        return saved(url_for("centres_bank_holidays.listed"), "The list could not be filled. Tell who runs the portal.")
    with unit_of_work():
        bank_holidays.fill(actor(), found, now=now)
    return saved(url_for("centres_bank_holidays.listed"), f"Filled until the end of {years[-1]}.")


@staff.post("/staff/centres/bank-holidays/<on>/remove")
@needs(Permission.MANAGE_CENTRES)
def remove(on: str) -> Response:
    """Take one off: weekly hours hold on that day."""
    with unit_of_work():
        bank_holidays.remove(actor(), read_date(on), now=clock.now())
    return saved(url_for("centres_bank_holidays.listed"))


def _shown() -> dict:
    today, until = clock.london_today(clock.now()), bank_holidays.filled_until()
    return {
        "holidays": bank_holidays.coming(today),
        "filled_until": until,
        "centres": queries.centres(),
        "ends_soon": bank_holidays.ends_soon(until, today),
    }
