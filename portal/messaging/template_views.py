"""Staff's templates: the list of a language, and each as it will stand on a screen, lock screen and parts included."""

from flask import render_template, request, url_for

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.locales import LANGUAGES, shown_in
from portal.messaging import templates, wording
from portal.messaging.desk_models import TextTemplate
from portal.messaging.staff_forms import PressForm, TemplateForm, words_refused
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor
from portal.web.saving import save_once, saved

staff = AudienceBlueprint("messaging_templates", __name__, Audience.STAFF)


@staff.get("/staff/templates")
@needs(Permission.WRITE_TEXT)
def listed() -> str:
    """The templates of a language, which stays in the address, and the texts that go by themselves."""
    language = _language()
    return render_template(
        "messaging/staff/templates.html",
        language=language,
        languages=LANGUAGES,
        counts=templates.counts(),
        rows=[(row, wording.written(row.body, shown_in(row.language))) for row in templates.templates(language)],
        automatic=templates.automatic_texts(language, clock.now()),
        press_form=PressForm(formdata=None, prefix=""),
    )


@staff.route("/staff/templates/new", methods=["GET", "POST"])
@needs(Permission.WRITE_TEXT)
def add():
    """Add a template."""
    return _page(None)


@staff.route("/staff/templates/<int:template_id>", methods=["GET", "POST"])
@needs(Permission.WRITE_TEXT)
def change(template_id: int):
    """Change a template."""
    return _page(templates.template(template_id))


@staff.post("/staff/templates/<int:template_id>/archive")
@needs(Permission.WRITE_TEXT)
def archive(template_id: int):
    """Take a template out of use, or bring it back."""
    archived = "back" not in request.form
    with unit_of_work():
        row = templates.archive(actor(), template_id, archived=archived, now=clock.now())
        address = url_for("messaging_templates.listed", language=row.language)
    return saved(address, "Not in use any more." if archived else "In use again.")


@staff.post("/staff/templates/preview")
@needs(Permission.WRITE_TEXT)
def preview() -> str:
    """What a template would put on a screen, for a page that asks while somebody writes; nothing is kept."""
    form = TemplateForm()
    draft = templates.draft_of(actor(), form.language.data or "en", form.typed, words=words_refused())
    return render_template("messaging/staff/screen.html", draft=draft)


def _page(row: TextTemplate | None):
    form = TemplateForm(obj=row, data=None if row else {"language": _language()})

    def save() -> str:
        done = templates.save_template(
            actor(),
            row.id if row else None,
            title=form.title.data or "",
            language=form.language.data,
            body=form.body.data or "",
            words=words_refused(),
            now=clock.now(),
        )
        return url_for("messaging_templates.listed", language=done.language)

    done = None if "preview" in request.form else save_once(form, save)
    draft = templates.draft_of(actor(), form.language.data or "en", form.typed, words=words_refused())
    page = unprocessable if form.faults else render_template
    return done or page("messaging/staff/template.html", form=form, row=row, draft=draft)


def _language() -> str:
    language = request.args.get("language", "en")
    return language if language in LANGUAGES else "en"
