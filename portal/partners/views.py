"""Who was asked to help her, what they were told, and taking it back with one press (R16, R41)."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.partners import queries, rules, steps, words
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor, ask_passcode_again, sensitive_when

own = AudienceBlueprint("partners_own", __name__, Audience.CLIENT)


@own.get("/me/shared")
@sensitive_when("report_online")
def shared(shown: bool) -> str:
    """Who was asked and told; with the switch off, the page of a woman for whom nobody was asked (R41)."""
    rows = queries.shown_to_her(current_user.record) if shown else []
    return render_template("partners/shared.html", rows=rows, words=words, may_be_withdrawn=rules.may_be_withdrawn)


@own.post("/me/shared/<int:partner_referral_id>")
def take_back(partner_referral_id: int) -> Response:
    """She does not want this any more: nobody prints it again, and her worker tells them."""
    client = current_user.record
    if not client.report_online:
        raise NotFound("partner_referral")
    if not current_user.stepped_up:
        return ask_passcode_again()
    queries.own_partner_referral(client, partner_referral_id)
    with unit_of_work():
        steps.withdraw(actor(), partner_referral_id, now=clock.now())
    return redirect(url_for("partners_own.shared"), 303)
