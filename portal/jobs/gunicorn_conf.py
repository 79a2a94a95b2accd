"""How gunicorn serves the portal: `gunicorn --config python:portal.jobs.gunicorn_conf wsgi:app`."""

import os
from pathlib import Path

from portal.core.settings import Settings
from portal.jobs.memory import after_loading, before_loading

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own unguessable file there and unlinks it at once  # nosec B108

bind = Settings.from_env(os.environ).bind
worker_class = "portal.jobs.web_worker.WebWorker"
# One process: SQLite has one writer and memory is short. With PostgreSQL, WEB_CONCURRENCY says how many.
threads = 8
timeout = 30
# Shorter than the supervisor's own patience, so that gunicorn ends its workers itself.
graceful_timeout = 5
keepalive = 5
preload_app = False
# On a full or slow disk the heartbeat file would stall and cost a healthy worker its life.
worker_tmp_dir = str(_SHARED_MEMORY) if os.access(_SHARED_MEMORY, os.W_OK) else None
control_socket_disable = True

# R10: an access log would hold addresses and query strings.
accesslog = None
errorlog = "-"
loglevel = "warning"

# Longer addresses than the default, so that the app itself may answer most of them.
limit_request_line = 8190
# Who is believed about the outside address is decided in one place: PORTAL_TRUSTED_PROXIES.
forwarded_allow_ips = ""


def post_fork(server, worker) -> None:
    """Before the app is loaded."""
    before_loading()


def post_worker_init(worker) -> None:
    """After the app is loaded."""
    after_loading()
