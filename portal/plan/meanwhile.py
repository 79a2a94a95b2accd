"""What her pages of the plan share: the passcode before a sensitive part, and what she meets when something changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import service as accounts
from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.errors import Refusal
from portal.plan.models import Goal
from portal.plan.rules import is_sensitive
from portal.plan.together import BothChanged, Choice
from portal.web.guards import ask_passcode_again

KEEP = "keep_"
FIELD_NAMES = {
    "her_words": _l("What I want"),
    "why_matters": _l("Why it matters to me"),
    "what": _l("What I will do"),
    "note": _l("Note"),
    "due_on": _l("By when"),
    "reminder_wanted": _l("Remind me"),
    "words": _l("My words"),
}
WORDS = ("her_words", "why_matters", "note", "words")
"""Fields of which both texts can stand, one below the other."""
_GONE = {
    "goal": _l("This part of your plan is not there now."),
    "goals": _l("This part of your plan is not there now."),
    "action": _l("This is not on your plan now."),
    "actions": _l("This is not on your plan now."),
    "plan": _l("This plan is finished. You can still read it."),
    "words": _l("You took these words back."),
    "own": _l("You took this back."),
}


def asks_passcode(goal: Goal | None) -> bool:
    """Whether a goal opens only after her passcode (R16)."""
    return goal is not None and is_sensitive(goal.pathway) and not current_user.stepped_up


def ask_for_more() -> Response:
    """Lead to her passcode, and from there to the whole plan."""
    session["next"] = url_for("plan_own.plan", more=1)
    return ask_passcode_again()


def keep_and_ask() -> Response:
    """Keep what she typed while her five minutes ended, and lead to her passcode and back to it: nothing is lost."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    with unit_of_work():
        accounts.keep_typed(current_user.actor.id, request.path, fields, now=clock.now())
    return redirect(url_for("accounts_own.kept"), 303)


def choices() -> dict[str, str]:
    """What she chose where two texts stood beside each other, by field."""
    return {
        name.removeprefix(KEEP): value
        for name, value in request.form.items()
        if name.startswith(KEEP) and value in set(Choice)
    }


def both_page(
    both: BothChanged, typed: Mapping[str, Any], *, address: str | None = None, day: Any = None, back: str = ""
):
    """Both texts beside each other, to choose one or keep both; status 409, and nothing typed is lost."""
    clashing = {clash.field for clash in both.clashes}
    return (
        render_template(
            "plan/both.html",
            both=both,
            names=FIELD_NAMES,
            words=WORDS,
            address=address or request.path,
            typed=[(name, value) for name, value in typed.items() if name not in clashing],
            as_day=day,
            back=back or url_for("plan_own.plan"),
        ),
        409,
    )


def gone_page(why: Refusal, typed: Iterable[str] = ()):
    """Say that something changed meanwhile, with all that she typed; status 409."""
    reason = str(why.args[0]) if why.args else ""
    words = _GONE.get(reason, _l("Someone changed this before you."))
    return render_template("plan/gone.html", words=words, typed=[text for text in typed if text.strip()]), 409
