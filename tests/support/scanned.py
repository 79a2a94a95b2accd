"""The portal as `make scan` serves it: the same, but it never slows a scanner down and says what it answered.

Only here: a setting that lifts limits in production would be one that an attacker looks for. What is lifted: floods
(429), tries of an account and a network, and the minutes for which a passcode or second step counts as fresh, so that
sensitive pages stay open. Whoever asks with the header of `KEEP` keeps the cookie that she came with: no answer signs
the scanner out or changes its language. What is held still: the second that is signed into every token. A page that
differs from second to second by its token alone is what the scanner takes for one that answered an injection: so came
"LDAP injection" at /language.
"""

import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from itsdangerous import TimestampSigner

from portal.accounts import limits, sessions
from portal.web import floods
from wsgi import app as portal

ANSWERS = "SCAN_ANSWERS"
"""The variable that names the file for the answers: a line each, with status, method and path."""

KEEP = "Scan-Keeps-Cookie"
"""The header of a scanner that came signed in."""

floods.RULES = ()
limits.ACCOUNT_LIMIT = limits.NETWORK_LIMIT = 10**9
sessions.STEPPED_UP_FOR = sessions.PROVED_FOR = timedelta(days=1)
_SECOND = 1_800_000_000
TimestampSigner.get_timestamp = lambda self: _SECOND

_KEEP = f"HTTP_{KEEP.upper().replace('-', '_')}"
_answers = Path(os.environ[ANSWERS]).open("a", buffering=1)  # noqa: SIM115  # open for as long as the process lives


def app(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Answer, and write down what with."""

    def begin(status: str, headers: list[tuple[str, str]], *rest):
        _answers.write(f"{status[:3]} {environ['REQUEST_METHOD']} {environ['PATH_INFO']!r}\n")
        if _KEEP in environ:
            headers = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
        return start_response(status, headers, *rest)

    return portal(environ, begin)
