"""What she wrote down for herself, behind her switch and her passcode (R16, R41); its address says nothing."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clients.own_language import of_pages
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Invalid, NotFound, Stale
from portal.plan import safety
from portal.plan.meanwhile import both_page, choices, gone_page, keep_and_ask
from portal.plan.safety_forms import HER_PARTS, PartForm
from portal.plan.safety_rules import Part, whole
from portal.plan.together import BothChanged
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import actor, ask_passcode_again, sensitive_when

own = AudienceBlueprint("plan_safety", __name__, Audience.CLIENT)

SWITCH = "safety_plan_online"


@own.get("/plan/own")
@sensitive_when(SWITCH)
def own_page(shown: bool) -> str:
    """All parts; with the switch off, the page of a woman who has none (R41)."""
    row = safety.current(current_user.record.id) if shown else None
    parts = whole(row.parts if row else {})
    return render_template("plan/own.html", shown=shown, row=row, parts=parts, names=HER_PARTS)


@own.get("/plan/own/<part>")
@sensitive_when(SWITCH)
def part(part: str, shown: bool) -> str:
    """One part, to write it."""
    _check(part, shown)
    row = safety.current(current_user.record.id)
    words = row.parts.get(part, "") if row else ""
    return _part_page(part, PartForm(formdata=None, words=words, revision=row.id if row else 0))


@own.post("/plan/own/<part>")
def write(part: str):
    """Keep one part; where it was changed in another place meanwhile she sees both."""
    _check(part, getattr(current_user.record, SWITCH))
    if not current_user.stepped_up:
        return keep_and_ask()
    form = PartForm()
    words, chosen = form.words.data or "", choices()
    try:
        if form.validate():
            with unit_of_work():
                row = safety.write(
                    actor(),
                    current_user.record.id,
                    {part: words},
                    made_from=form.revision.data or 0,
                    choices={part: chosen["words"]} if "words" in chosen else {},
                    language=of_pages(current_user.record),
                    now=clock.now(),
                )
            asked = row is None or row.worker_may_read is not None
            return redirect(url_for("plan_safety.own_page" if asked else "plan_safety.sharing"), 303)
    except Invalid as refusal:
        form.refuse(Invalid("words", refusal.reason))
    except BothChanged as both:
        both.clashes = tuple(clash._replace(field="words") for clash in both.clashes)
        return both_page(both, {"words": words}, back=url_for("plan_safety.own_page"))
    except Stale as why:
        return gone_page(why, [words])
    return _part_page(part, form), 422


@own.get("/plan/own/worker")
@sensitive_when(SWITCH)
def sharing(shown: bool) -> str:
    """Whether her worker may read it; asked after she first wrote something by herself."""
    row = safety.current(current_user.record.id) if shown else None
    if row is None:
        raise NotFound("own")
    return render_template("plan/own_worker.html", row=row)


@own.post("/plan/own/worker")
def let_worker_read() -> Response:
    """She says yes or no."""
    may = request.form.get("may")
    if not getattr(current_user.record, SWITCH) or may not in ("1", "0"):
        raise NotFound("own")
    if not current_user.stepped_up:
        return ask_passcode_again()
    with unit_of_work():
        safety.let_worker_read(actor(), current_user.record.id, may == "1", now=clock.now())
    return redirect(url_for("plan_safety.own_page"), 303)


@own.get("/plan/own/back")
@sensitive_when(SWITCH)
def before_taking_back(shown: bool) -> str:
    """The question before all of it goes."""
    if not shown or safety.current(current_user.record.id) is None:
        raise NotFound("own")
    return render_template("plan/own_back.html")


@own.post("/plan/own/back")
def take_back() -> Response:
    """All of it goes, with every earlier version."""
    if not getattr(current_user.record, SWITCH):
        raise NotFound("own")
    if not current_user.stepped_up:
        return ask_passcode_again()
    with unit_of_work():
        safety.take_back(actor(), now=clock.now())
    return redirect(url_for("plan_safety.own_page"), 303)


def _check(part: str, shown: bool) -> None:
    if not shown or part not in set(Part):
        raise NotFound("own")


def _part_page(part: str, form: PartForm) -> str:
    return render_template("plan/own_part.html", part=part, name=HER_PARTS[Part(part)], form=form)
