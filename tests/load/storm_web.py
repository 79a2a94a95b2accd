"""The real web process in a storm: what the gateway tells it makes texts wait for seconds, not for minutes."""

import os

from portal.app import create_app
from portal.core.settings import Settings
from tests.load.storm_worker import hurry

hurry()
app = create_app(Settings.from_env(os.environ))
