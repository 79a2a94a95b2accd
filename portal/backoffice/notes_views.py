"""Notes of staff about a woman: reading them, writing one, correcting one by a new one beside it."""

from datetime import date

from flask import request, url_for
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import Optional

from portal.backoffice import notes
from portal.backoffice.reading import open_record
from portal.clients.note_rules import LONGEST_NOTE, MARKS_WORDS
from portal.clients.queries import visible_client
from portal.core import clock
from portal.core.access import Permission
from portal.core.errors import NotFound
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import OnceForm, free_text, to_choose
from portal.web.guards import actor
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("backoffice_notes", __name__, Audience.STAFF)

SHOWN_WORDS = {
    "all": "All",
    "fact": "Facts",
    "opinion": "Opinions",
    "not_said": "Nobody said which",
    "session": "Of sessions",
    "others": "Tell of somebody else",
    "show": "In her copy",
}


class NoteForm(OnceForm):
    """A note and its marks; whether it is a fact or an opinion is asked and never chosen beforehand."""

    corrects = HiddenField()
    body = free_text("Note", LONGEST_NOTE)
    is_opinion = RadioField("This is", choices=to_choose(MARKS_WORDS.items()), validators=[Optional()])
    third_party = BooleanField("It tells of somebody else too")
    safe_to_show = BooleanField("It may go into a copy of her data")
    messages = {
        ("body", "missing"): "Write something.",
        ("is_opinion", "missing"): "Say whether this is a fact or your opinion.",
    }


@staff.get("/staff/clients/<int:client_id>/notes")
@needs(Permission.READ_CLIENT)
def all_notes(client_id: int):
    """Every note, the newest first; what it is narrowed to stays in the address."""
    open_record(client_id, "notes")
    key = request.args.get("correct", "")
    if key:
        notes.note_to_correct(client_id, key)
    return _page(client_id, NoteForm(formdata=None, corrects=key))


@staff.post("/staff/clients/<int:client_id>/notes")
@needs(Permission.WRITE_PLAN)
def write(client_id: int):
    """Keep a note, or a correction beside the older one."""
    visible_client(actor(), client_id)
    form = NoteForm()

    def save() -> str:
        notes.write(
            actor(),
            client_id,
            body=form.body.data or "",
            is_opinion={"fact": False, "opinion": True}.get(form.is_opinion.data or ""),
            third_party=form.third_party.data,
            safe_to_show=form.safe_to_show.data,
            corrects=form.corrects.data or "",
            now=clock.now(),
        )
        return url_for("backoffice_notes.all_notes", client_id=client_id)

    return save_once(form, save) or _page(client_id, form)


def _page(client_id: int, form: NoteForm):
    client = visible_client(actor(), client_id)
    show = request.args.get("show", "all")
    page = notes.notes_page(client_id, show=show, before=_day(request.args.get("before", "")))
    key = form.corrects.data or ""
    return form_page(
        "backoffice/staff/notes.html",
        form,
        client=client,
        page=page,
        show=show if show in SHOWN_WORDS else "all",
        shown_words=SHOWN_WORDS,
        people=first_names(note.written_by for note in page.notes),
        old=notes.note_to_correct(client_id, key) if key else None,
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise NotFound("notes") from None
