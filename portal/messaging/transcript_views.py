"""Staff print or save what was said with a woman."""

from flask import Response, render_template, request, url_for

from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.messaging import transcript
from portal.messaging.staff_forms import DaysForm
from portal.messaging.transcript import Transcript
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor, needs_fresh_proof

staff = AudienceBlueprint("messaging_transcript", __name__, Audience.STAFF)


@staff.get("/staff/clients/<int:client_id>/messages/transcript")
@needs(Permission.READ_INBOX)
@needs_fresh_proof
def shown(client_id: int):
    """A page that prints well; the days stay in the address."""
    form = DaysForm(request.args)
    made = _made(client_id, form, saved=False)
    page = render_template(
        "messaging/staff/transcript.html",
        client=visible_client(actor(), client_id),
        form=form,
        lines=made.lines if made else [],
        download=url_for(
            "messaging_transcript.saved", client_id=client_id, from_on=form.from_on.data, until_on=form.until_on.data
        ),
    )
    return page, 200 if made else 422


@staff.get("/staff/clients/<int:client_id>/messages/transcript.txt")
@needs(Permission.READ_INBOX)
@needs_fresh_proof
def saved(client_id: int):
    """The same as a file with a neutral name (R7)."""
    form = DaysForm(request.args)
    made = _made(client_id, form, saved=True)
    if made is None:
        return "The days do not fit.\n", 422, {"Content-Type": "text/plain; charset=utf-8"}
    now = clock.now()
    name = f"messages-{clock.london_today(now):%Y%m%d}.txt"
    answer = Response(transcript.as_text(made, now), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _made(client_id: int, form: DaysForm, *, saved: bool) -> Transcript | None:
    visible_client(actor(), client_id)
    if not form.validate():
        return None
    try:
        with unit_of_work():
            made = transcript.open_transcript(
                actor(),
                client_id,
                from_on=form.from_on.data,
                until_on=form.until_on.data,
                saved=saved,
                now=clock.now(),
            )
    except Invalid as refusal:
        form.refuse(refusal)
        return None
    return made
