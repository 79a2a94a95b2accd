"""What a web server runs: the door at once, her pages right after the first answer, the back office when asked for."""

from collections.abc import Callable, Iterable
from contextlib import closing
from enum import IntEnum
from threading import Lock, Thread
from typing import Any
from wsgiref.util import setup_testing_defaults

from werkzeug.wsgi import ClosingIterator

from portal.app import at_the_door, whole, without_staff
from portal.core import offering
from portal.core.logs import get_logger
from portal.core.settings import Settings
from portal.jobs import memory
from portal.process import connect

log = get_logger(__name__)

STAFF = "/staff"
"""Every address of the back office begins so, and no other does."""

LEAVE = "/leave"

AT_THE_DOOR = ("/", "/now", "/health", "/robots.txt")
BELOW_THE_DOOR = ("/help", "/static/")
"""What is asked for without a cookie there, the rest of the portal need not answer."""

FIRST_VISITED = ("/help", "/refer")
"""What a woman who has nothing of ours comes to, and what loads most when it is asked for the first time."""


class Stage(IntEnum):
    """How much of the portal a process has loaded."""

    DOOR = 0
    HERS = 1
    WHOLE = 2


_BUILD = {Stage.HERS: without_staff, Stage.WHOLE: whole}


class WebApp:
    """The portal as WSGI: a start waits for neither her pages nor the back office, so help is there at once.

    Whoever asks for a page that is not loaded yet waits for it. Her pages are loaded right after the first answer, so
    that hardly anybody does. Flask takes no blueprint once it has answered: each time another app is built, which
    answers everything from then on; requests that the one before is answering end there.
    """

    def __init__(self, settings: Settings) -> None:
        connect(settings)
        offering.begin()
        self._settings = settings
        self._app = at_the_door(settings)
        self._stage = Stage.DOOR
        self._growing = Lock()
        self._is_next_begun = False

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Answer a request."""
        try:
            self._grow(needed(environ))
        except Exception as fault:  # noqa: BLE001  # whatever it is, help and the way out stay open
            return self._with_what_is_there(fault, environ, start_response)
        answer = self._app(environ, start_response)
        if self._stage is Stage.DOOR and not self._is_next_begun:
            self._is_next_begun = True
            return ClosingIterator(answer, self._begin_next)
        return answer

    def _with_what_is_there(
        self, fault: Exception, environ: dict[str, Any], start_response: Callable
    ) -> Iterable[bytes]:
        """Answer when more could not be loaded: Leave leads out all the same, and any other page is an error page (R1).

        The next request tries anew.
        """
        if environ["PATH_INFO"] == LEAVE:
            return self._app(environ, start_response)
        with self._app.request_context(environ):
            return self._app.handle_exception(fault)(environ, start_response)

    def _begin_next(self) -> None:
        Thread(target=self._grow_behind, name="her pages", daemon=True).start()

    def _grow_behind(self) -> None:
        try:
            self._grow(Stage.HERS)
            for path in FIRST_VISITED:
                self._ask(path)
        except Exception as fault:  # noqa: BLE001  # the process answers on, and the next request tries anew
            log.error("pages_not_loaded", error=type(fault).__name__)

    def _ask(self, path: str) -> None:
        """Ask for a page as a visitor would, so that none of them waits for what only the first one loads."""
        environ: dict[str, Any] = {"PATH_INFO": path}
        setup_testing_defaults(environ)
        with closing(ClosingIterator(self._app(environ, _nobody_listens))) as answer:
            for _ in answer:
                pass

    def _grow(self, stage: Stage) -> None:
        if stage <= self._stage:
            return
        with self._growing, memory.loading():
            if stage > self._stage:
                self._app = _BUILD[stage](self._settings)
                self._stage = stage


def _nobody_listens(_status: str, _headers: list[tuple[str, str]], _fault: Any = None, /) -> Callable[[bytes], object]:
    return lambda part: None


def needed(environ: dict[str, Any]) -> Stage:
    """How much must be loaded to answer a request: whoever has a cookie of ours may be signed in, or have left."""
    path = environ["PATH_INFO"]
    if path.startswith(STAFF):
        return Stage.WHOLE
    is_reading = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "HTTP_COOKIE" not in environ
    at_the_door = path in AT_THE_DOOR or path.startswith(BELOW_THE_DOOR)
    return Stage.DOOR if is_reading and at_the_door else Stage.HERS
