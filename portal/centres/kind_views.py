"""Staff pages about kinds of appointment, and which centre offers which."""

from flask import render_template, url_for

from portal.centres import queries, service
from portal.centres.forms import KindForm
from portal.centres.models import Kind
from portal.core import clock
from portal.core.access import Permission
from portal.core.locales import LANGUAGES, WITH_CATALOGUE, offered
from portal.web.blueprints import Audience, AudienceBlueprint, needs
from portal.web.forms import to_choose
from portal.web.guards import actor, settings
from portal.web.saving import form_page, save_once

staff = AudienceBlueprint("centres_kinds", __name__, Audience.STAFF)


@staff.get("/staff/kinds")
@needs(Permission.MANAGE_CENTRES)
def kinds() -> str:
    """Every kind of appointment, and which centre offers it."""
    kinds = queries.kinds(archived=True)
    return render_template(
        "centres/staff/kinds.html",
        kinds=kinds,
        unnamed={kind.id: [LANGUAGES[code].latin for code in offered() if not kind.names.get(code)] for kind in kinds},
        offers=queries.offers(),
        centres=queries.centres(),
    )


@staff.route("/staff/kinds/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def new_kind():
    """Add a kind of appointment."""
    return _kind_page(None)


@staff.route("/staff/kinds/<int:kind_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_CENTRES)
def change_kind(kind_id: int):
    """Change a kind of appointment."""
    return _kind_page(queries.kind(kind_id))


def _kind_page(kind: Kind | None):
    blank = Kind(names={"en": ""}, buffer_before=0, buffer_after=10, least_notice_minutes=120, furthest_days=28)
    blank.needs_room = blank.bookable_by_clients = blank.one_at_a_time = blank.counts = True
    blank.bring, blank.change_until_minutes, blank.cancel_until_minutes = {}, 0, 0
    shown = kind or blank
    names = {f"name_{code}": shown.names.get(code, "") for code in WITH_CATALOGUE}
    names |= {f"bring_{code}": shown.bring.get(code, "") for code in WITH_CATALOGUE}
    form = KindForm(obj=shown, data={"centre_ids": queries.centre_ids_offering(kind.id) if kind else []} | names)
    form.centre_ids.choices = to_choose(queries.centre_names().items())

    def save() -> str:
        # A language that is not offered has no field, and keeps what somebody wrote in it.
        values = {name: field.data for name, field in form._fields.items() if name in _KIND_FACTS}
        service.save_kind(
            actor(),
            kind.id if kind else None,
            names=shown.names | form.typed("name"),
            bring=shown.bring | form.typed("bring"),
            banned_words=settings().banned_words,
            now=clock.now(),
            **values,
        )
        return url_for("centres_kinds.kinds")

    return save_once(form, save) or form_page("centres/staff/kind.html", form, kind=kind)


_KIND_FACTS = (
    *service.KIND_RANGES,
    "mode",
    "needs_room",
    "group",
    "own_keyworker_only",
    "bookable_by_clients",
    "one_at_a_time",
    "counts",
    "archived",
    "centre_ids",
)
