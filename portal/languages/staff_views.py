"""Staff pages about languages: where each one stands, and the steps that managers take."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from portal.core import clock, offering
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import Invalid
from portal.core.locales import SOURCE
from portal.languages import queries, service
from portal.languages.forms import ReadingForm, StepForm
from portal.languages.service import Seen
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor, settings
from portal.web.saving import saved

staff = AudienceBlueprint("languages", __name__, Audience.STAFF)


@staff.get("/staff/languages")
@needs(Permission.SEE_LANGUAGES)
def listed() -> str:
    """Every language: how far its words have come, and whether women are offered it."""
    women = queries.women_by_language(actor(), clock.now())
    return render_template(
        "languages/staff/languages.html",
        rows=queries.rows(women),
        women_in_english=women.get(SOURCE, 0),
        every_language=settings().demo,
    )


@staff.get("/staff/languages/<language>")
@needs(Permission.SEE_LANGUAGES)
def one(language: str) -> str:
    """One language, its steps so far, and the next one."""
    return render_template("languages/staff/language.html", **_shown(language))


@staff.post("/staff/languages/<language>/read")
@needs(Permission.OFFER_LANGUAGES)
def read(language: str):
    """Record that a native speaker has read the words."""
    form = ReadingForm()

    def record() -> None:
        service.record_reading(
            actor(), language, reader=form.reader.data, read_on=form.read_on.data, seen=form.seen, now=clock.now()
        )

    return _step(language, form, record, reading_form=form)


@staff.post("/staff/languages/<language>/approve")
@needs(Permission.OFFER_LANGUAGES)
def approve(language: str):
    """Approve the words."""
    form = StepForm()
    return _step(language, form, lambda: service.approve(actor(), language, seen=form.seen, now=clock.now()), form=form)


@staff.post("/staff/languages/<language>/turn")
@needs(Permission.OFFER_LANGUAGES)
def turn(language: str):
    """Offer women the language, or offer it no more."""
    form, on = StepForm(), request.form.get("to") == "on"
    return _step(
        language, form, lambda: service.turn(actor(), language, on=on, seen=form.seen, now=clock.now()), form=form
    )


def _step(language: str, pressed: StepForm, take: Callable[[], None], **shown: StepForm) -> Response | tuple[str, int]:
    queries.row(language)
    if pressed.validate():
        try:
            with unit_of_work():
                take()
            offering.expire()
            return saved(url_for("languages.one", language=language))
        except Invalid as refusal:
            pressed.refuse(refusal)
    return unprocessable("languages/staff/language.html", **_shown(language, **shown))


def _shown(language: str, **forms: StepForm) -> dict[str, Any]:
    row = queries.row(language, queries.women_by_language(actor(), clock.now()))
    seen = Seen(row.standing.number, row.words.mark)
    steps = queries.steps_of(language)
    blank = {"form": StepForm(None, data=seen._asdict()), "reading_form": ReadingForm(None, data=seen._asdict())}
    return {
        "row": row,
        "steps": steps,
        "names": first_names(step.taken_by for step in steps),
        "every_language": settings().demo,
        **blank,
        **forms,
    }
