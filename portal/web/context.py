"""What every template can use: language, direction, name of the site, addresses of static files, whether signed in."""

from flask import Flask, g
from flask_login import current_user

from portal.core import clock
from portal.core.access import Actor, Permission, can
from portal.core.locales import LANGUAGES, SOURCE, direction, offered
from portal.core.settings import Settings
from portal.web import forms, static
from portal.web.locale import select_locale

STAFF_LINKS = (
    (Permission.SEE_BOARD, "/staff/today", "Today"),
    (Permission.SEE_BOARD, "/staff/diary", "Diary"),
    (Permission.READ_CLIENT, "/staff/clients", "Clients"),
    (Permission.KEEP_WAITING_LIST, "/staff/waiting", "Waiting"),
    (Permission.READ_INBOX, "/staff/inbox", "Inbox"),
    (Permission.WORK_TASKS, "/staff/worklist", "Worklist"),
    (Permission.READ_REPORTS, "/staff/caseloads", "Caseloads"),
    (Permission.SEE_ROTA, "/staff/rota", "Rota"),
    (Permission.REFER, "/staff/referrals", "Referrals"),
    (Permission.MANAGE_PEOPLE, "/staff/people", "People"),
    (Permission.SET_AWAY, "/staff/away", "Away"),
    (Permission.MANAGE_CENTRES, "/staff/centres", "Centres"),
    (Permission.NAME_DEVICES, "/staff/devices", "Devices"),
    (Permission.EDIT_HELP, "/staff/help", "Help"),
    (Permission.SEE_LANGUAGES, "/staff/languages", "Languages"),
    (Permission.READ_REPORTS, "/staff/reports", "Numbers"),
    (Permission.READ_AUDIT, "/staff/audit", "Log"),
    (Permission.TURN_SWITCHES, "/staff/switches", "Switches"),
)
"""The back office's own links, each shown to whom the permission is granted."""

DAILY_LINKS = frozenset(
    f"/staff/{name}" for name in ("today", "diary", "clients", "waiting", "inbox", "worklist", "referrals")
)
"""What comes first in a bar that cannot hold all its links: so many stand in sight, the others under "More"."""

MOST_IN_SIGHT = 9
"""So many links fit into one line of 1280 px."""


def init_app(app: Flask, settings: Settings) -> None:
    """Give every template its values."""

    @app.context_processor
    def _values() -> dict:
        lang = select_locale()
        values = {
            "lang": lang,
            "dir": direction(lang),
            "choice_of_language": len(offered()) > 1,
            "site_name": settings.site_name,
            "demo": settings.demo,
            "asset": static.address,
            "described": forms.described,
            "now": clock.now(),
            "signed_in": g.get("audience") == "client" and not g.get("error_page"),
            "warn_after": None,
            "not_her_own": False,
            "her_language": None,
            "staff_actor": None,
            "on_desk": False,
            "practice": False,
            "warnings": (),
        }
        if values["signed_in"] and current_user.is_authenticated:
            values["warn_after"] = current_user.warn_seconds, current_user.idle_seconds
            values["not_her_own"] = current_user.kind != "own"
            hers = current_user.record.language
            if hers not in (lang, SOURCE) and hers in offered():
                values["her_language"] = LANGUAGES[hers]
        if g.get("audience") == "staff" and not g.get("error_page") and current_user.is_authenticated:
            values |= _staff_values()
            values["practice"] = app.extensions.get("portal_practice", bool)()
            values["warnings"] = app.extensions.get("portal_warnings", tuple)()
        return values

    @app.after_request
    def _close_when_idle(response):
        """R15: without script, a page of hers that holds no form goes to the sign-in page when her time is over."""
        if g.get("audience") == "client" and response.mimetype == "text/html" and response.status_code == 200:
            idle = current_user.idle_seconds if current_user.is_authenticated else 0
            if idle and b"<form" not in response.get_data():
                response.headers["Refresh"] = f"{idle}; url=/sign-in?over=1"
        return response


def _links_of(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """The links of the bar that she may follow: those in sight, and those under "More"."""
    allowed = [(address, words) for permission, address, words in STAFF_LINKS if can(actor, permission)]
    if len(allowed) <= MOST_IN_SIGHT:
        return {"links_in_sight": allowed, "links_under_more": []}
    daily_first = sorted(allowed, key=lambda link: link[0] not in DAILY_LINKS)
    fit = len(DAILY_LINKS)
    return {"links_in_sight": daily_first[:fit], "links_under_more": daily_first[fit:]}


def _staff_values() -> dict:
    actor = current_user.actor
    return {
        "staff_actor": actor,
        "on_desk": current_user.on_desk,
        # A little before the server's own time, so that what is being typed can still be brought along.
        "lock_after": current_user.idle_seconds - 10,
        "staff_name": current_user.record.first_name,
        **_links_of(actor),
        "can": lambda permission: can(actor, permission),
    }
