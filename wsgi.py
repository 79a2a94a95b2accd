"""What a web server loads: reads the settings, calls create_app, nothing else."""

import os

from dotenv import dotenv_values

from portal.app import create_app
from portal.core.settings import Settings

app = create_app(Settings.from_env({**{k: v or "" for k, v in dotenv_values(".env").items()}, **os.environ}))
