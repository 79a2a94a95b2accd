"""The day's board: who, when, room, what to prepare, and where each appointment stands."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request

from portal.backoffice import board_queries
from portal.backoffice.start_steps import begun_but_not_done
from portal.booking.queries import desk_names
from portal.core import clock
from portal.core.access import Permission
from portal.staff.queries import keyworkers
from portal.web.blueprints import Audience, AudienceBlueprint, asked_by_itself, needs
from portal.web.guards import actor
from portal.web.once import new_key
from portal.web.routing import row_id

staff = AudienceBlueprint("backoffice", __name__, Audience.STAFF)

FURTHEST_DAYS = 366


@staff.get("/staff/today")
@needs(Permission.SEE_BOARD)
def today() -> str:
    """The board of the centres that she covers; `centre`, `day` and `mine` narrow it and stay in the address."""
    return render_template(
        "backoffice/staff/today.html",
        workers=keyworkers(actor().centres),
        request_key=new_key(),
        start=begun_but_not_done(actor()),
        **_board(),
    )


@staff.get("/staff/today/news")
@needs(Permission.SEE_BOARD)
@asked_by_itself
def news():
    """The board for a page that is open already: nothing when nothing changed since `seen`."""
    shown = _board()
    if request.args.get("seen") == shown["version"]:
        return "", 204
    return render_template("backoffice/staff/board.html", **shown)


def _board() -> dict[str, Any]:
    now = clock.now()
    centre_id, on = request.args.get("centre", type=row_id), _day(now)
    shown = board_queries.board(actor(), on, centre_id, now, mine="mine" in request.args)
    return shown | {
        "names_hidden": "hide" in request.args or not desk_names(actor(), on, now),
        "narrowed": _narrowed,
        "version": board_queries.version(shown, now),
    }


def _narrowed(path: str = "/staff/today", **changes: object) -> str:
    """The address of this board with some of what narrows it changed, so that hidden names stay hidden (R28)."""
    asked: dict[str, object] = {name: request.args[name] for name in ("centre", "day") if name in request.args}
    asked |= {name: 1 for name in ("mine", "hide") if name in request.args}
    kept = urlencode({name: value for name, value in (asked | changes).items() if value})
    return f"{path}?{kept}" if kept else path


def _day(now) -> date:
    today = clock.london_today(now)
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today
    return asked if abs(asked - today) <= timedelta(days=FURTHEST_DAYS) else today
