"""Help for a woman who is signed in: asking her worker to reach a service with her."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.database import unit_of_work
from portal.help import asking, queries
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor

own = AudienceBlueprint("help_own", __name__, Audience.CLIENT)


@own.post("/ask/<int:service_id>")
def ask(service_id: int) -> Response:
    """Ask her worker; nothing of it stands on her pages afterwards but the page that says so."""
    with unit_of_work():
        asking.ask_worker(actor(), service_id, now=clock.now())
    return redirect(url_for("help_own.asked"), 303)


@own.get("/ask/done")
def asked() -> str:
    """What happens next."""
    return render_template("help/asked.html", services=url_for("help.directory"))


@own.get("/ask/<int:service_id>")
def before_asking(service_id: int) -> str:
    """What asking means, and the button."""
    return render_template("help/ask.html", entry=queries.service_to_ask_for(service_id))
