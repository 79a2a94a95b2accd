"""Correcting what a woman's record says of her."""

from portal.backoffice.forms import NEEDS, CorrectionForm
from portal.backoffice.reading import open_record
from portal.clients import corrections
from portal.core import clock
from portal.core.access import Permission
from portal.core.locales import LANGUAGES
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_correction", __name__, Audience.STAFF)


@staff.route("/staff/clients/<int:client_id>/about", methods=["GET", "POST"])
@needs(Permission.MAKE_CLIENT)
def about_her(client_id: int):
    """Correct the name to call out, her language and what her sessions need."""
    client = open_record(client_id, "about", for_good=True)
    recorded, pages_language = client.preparation or {}, LANGUAGES.get(client.pages_language or "")
    form = CorrectionForm(
        data={
            "called_name": client.called_name,
            "language": client.language,
            "was": corrections.mark(client),
            **{need: recorded.get(need, "") for need in NEEDS},
        }
    )
    form.keep_interpreter(recorded.get("interpreter", ""))

    def save() -> str:
        corrections.correct(
            actor(),
            client_id,
            called_name=form.called_name.data or "",
            language=form.language.data,
            preparation=form.preparation,
            pages_follow=bool(form.pages_follow.data),
            was=form.was.data or "",
            now=clock.now(),
        )
        return f"/staff/clients/{client_id}"

    return save_once(form, save) or form_page(
        "backoffice/staff/about_her.html",
        form,
        client=client,
        pages_language=pages_language,
    )
