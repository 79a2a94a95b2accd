"""The phrases that texts are searched for: by language and meaning, with what staff added and turned off."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import unit_of_work
from portal.core.errors import NotFound
from portal.core.locales import LANGUAGES
from portal.messaging import phrase_book
from portal.messaging.phrase_forms import AddForm, TryForm
from portal.messaging.phrases import LISTED, Meaning, meaning_of
from portal.staff.queries import first_names
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import unprocessable
from portal.web.guards import actor
from portal.web.saving import save_once, saved

staff = AudienceBlueprint("messaging_phrases", __name__, Audience.STAFF)

MEANING_WORDS = {
    Meaning.RISK: "May be at risk",
    Meaning.OPT_OUT: "No more texts",
    Meaning.WHO_IS_THIS: "Who is this?",
    Meaning.LATE: "Will be late",
    Meaning.CANNOT_COME: "Cannot come",
}
"""Each meaning as staff read it."""

WHAT_FOLLOWS = {
    Meaning.RISK: "Somebody must read it within 5 minutes; who is on duty is called out.",
    Meaning.OPT_OUT: "All texts to that number stop at once, and somebody rings her.",
    Meaning.WHO_IS_THIS: "Texts to that number wait until it is proved again.",
    Meaning.LATE: "On the day the board shows “Will be late”. Nothing is moved.",
    Meaning.CANNOT_COME: "On the day the board shows “Cannot come”. Nothing is cancelled.",
}
"""What a text of each meaning does."""


@staff.get("/staff/phrases")
@needs(Permission.EDIT_PHRASES)
def phrases() -> str:
    """One list; `language` and `meaning` choose it and stay in the address."""
    return render_template("messaging/staff/phrases.html", **_page())


@staff.post("/staff/phrases")
@needs(Permission.EDIT_PHRASES)
def add():
    """Add a phrase to a list."""
    form, (language, meaning) = AddForm(), _chosen()

    def save() -> str:
        phrase_book.add(actor(), language=language, meaning=meaning, words=form.words.data or "", now=clock.now())
        return _address(language, meaning)

    return save_once(form, save) or unprocessable("messaging/staff/phrases.html", **_page(form=form))


@staff.post("/staff/phrases/off")
@needs(Permission.EDIT_PHRASES)
def turn_off() -> Response:
    """Search no more for one of our own phrases."""
    language, meaning = _chosen()
    with unit_of_work():
        phrase_book.turn_off(
            actor(), language=language, meaning=meaning, words=request.form.get("words", ""), now=clock.now()
        )
    return saved(_address(language, meaning), "Turned off.")


@staff.post("/staff/phrases/<int:phrase_id>/remove")
@needs(Permission.EDIT_PHRASES)
def remove(phrase_id: int) -> Response:
    """Take an added phrase away, or turn one of ours on again."""
    with unit_of_work():
        row = phrase_book.take_away(actor(), phrase_id, now=clock.now())
    return saved(_address(row.language, row.meaning), "Turned on again." if row.off else "Taken away.")


@staff.post("/staff/phrases/try")
@needs(Permission.EDIT_PHRASES)
def try_words():
    """What a text would be taken for; nothing is kept."""
    form = TryForm()
    if not form.validate():
        return unprocessable("messaging/staff/phrases.html", **_page(trying=form))
    book, body = phrase_book.current(), form.body.data or ""
    found = meaning_of(body, book)
    because = {
        meaning: sorted({phrase.words for phrase in book.found_in(body) if phrase.meaning == meaning})
        for meaning in found
    }
    return render_template("messaging/staff/phrases.html", **_page(trying=form), found=found, because=because)


def _chosen() -> tuple[str, Meaning]:
    language, meaning = request.values.get("language", "en"), request.values.get("meaning", Meaning.RISK.value)
    if language not in LANGUAGES or meaning not in LISTED:
        raise NotFound("phrases")
    return language, Meaning(meaning)


def _page(form: AddForm | None = None, trying: TryForm | None = None) -> dict:
    language, meaning = _chosen()
    lines = phrase_book.lines(language, meaning)
    return {
        "form": form or AddForm(formdata=None),
        "trying": trying or TryForm(formdata=None),
        "lines": lines,
        "names": first_names(line.row.changed_by for line in lines if line.row is not None),
        "language": LANGUAGES[language],
        "languages": LANGUAGES.values(),
        "meaning": meaning,
        "meaning_words": MEANING_WORDS,
        "what_follows": WHAT_FOLLOWS,
        "address": _address,
    }


def _address(language: str, meaning: str) -> str:
    return url_for("messaging_phrases.phrases", language=language, meaning=str(meaning))
