"""The portal as the tests of looks serve it: no limit slows a walk down, and any error page can be asked for.

Only here: floods (429) are not counted, and a passcode or second step given once counts as fresh for a day.
"""

import os
from datetime import timedelta

from flask import Flask, abort

from portal.accounts import sessions
from portal.app import create_app
from portal.core.settings import Settings
from portal.web import floods


def _portal() -> Flask:
    floods.RULES = ()
    sessions.STEPPED_UP_FOR = sessions.PROVED_FOR = timedelta(days=1)
    portal = create_app(Settings.from_env(os.environ))
    portal.add_url_rule("/broken/<int:code>", view_func=abort, methods=["GET", "POST"])
    portal.add_url_rule("/staff/broken/<int:code>", "staff_broken", view_func=abort)
    return portal


app = _portal()
