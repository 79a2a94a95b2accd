"""What a web server loads: reads the settings, nothing else."""

import os
from collections.abc import Mapping

from portal.app import app_for_commands as make_app
from portal.core.settings import Settings
from portal.server import WebApp

# `flask --app wsgi` finds its commands by this name; without it the command line knows no Flask app here.
__all__ = ["app", "make_app"]


def _environ() -> Mapping[str, str]:
    if "FLASK_SKIP_DOTENV" in os.environ:  # as `make run` says, which has read .env already
        return os.environ
    from dotenv import dotenv_values

    return {**{name: value or "" for name, value in dotenv_values(".env").items()}, **os.environ}


app = WebApp(Settings.from_env(_environ()))
