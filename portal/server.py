"""What a web server runs: her pages from the start, the whole portal from the first address of the back office on."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from portal.app import connect, whole, without_staff
from portal.core.settings import Settings

STAFF = "/staff"
"""Every address of the back office begins so, and no other does."""


class WebApp:
    """The portal as WSGI: a start does not wait for the back office, and a process that serves no staff stays smaller.

    Flask takes no blueprint once it has answered. So a second app is built, whole, which answers everything from then
    on; requests that the first one is answering end there.
    """

    def __init__(self, settings: Settings) -> None:
        connect(settings)
        self._settings = settings
        self._app = without_staff(settings)
        self._is_whole = False
        self._completing = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Answer a request."""
        if not self._is_whole and environ["PATH_INFO"].startswith(STAFF):
            self._complete()
        return self._app(environ, start_response)

    def _complete(self) -> None:
        with self._completing:
            if not self._is_whole:
                self._app = whole(self._settings)
                self._is_whole = True
