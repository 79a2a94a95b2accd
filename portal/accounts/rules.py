"""Pure rules of signing in: idle times, limits, and which passcodes and passwords are strong enough."""

import re
import unicodedata
from datetime import datetime, timedelta

from portal.core.digits import western

IDLE = {
    "own": timedelta(minutes=10),
    "shared": timedelta(minutes=5),
    "kiosk": timedelta(minutes=2),
    "staff": timedelta(minutes=15),
    "second": timedelta(minutes=5),
}
"""How long a session of each kind lives without a sign of life (R15, R17)."""

WORKING_DAY = timedelta(hours=12)
"""How long after signing in a session at a desk ends for good, locked or not (R17)."""

STEPPED_UP_FOR = timedelta(minutes=5)
PROVED_FOR = timedelta(minutes=10)
"""How long the second step of staff counts as fresh."""
SETUP_CODE_LIFE = timedelta(hours=24)
STAFF_LINK_LIFE = timedelta(hours=72)
KEPT_FORM_LIFE = timedelta(minutes=30)

TEXT_CODE_LIFE = timedelta(minutes=10)
TEXT_CODE_USEFUL_FOR = timedelta(minutes=5)
"""How long after she asked a code may still leave: later she has given up, and it only lies on her phone (R13)."""
MOST_CODE_TRIES = 5
MOST_CODE_TEXTS_A_DAY = 5

CALM_FORMS = ("/appointments", "/today")
"""Where begin the addresses of forms whose words are not sensitive; what she typed into any other is (R16)."""

LIMIT_WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
NETWORK_LIMIT = 100

_STEPS = "01234567890123456789"


def is_over(kind: str, seen_at: datetime, now: datetime) -> bool:
    """Whether a session of a kind, last seen at `seen_at`, is over."""
    return now - seen_at >= IDLE[kind]


def warn_after(idle_seconds: int) -> int:
    """After how many idle seconds she is told that the page will close: time to read it, and to press (R15)."""
    return idle_seconds - min(90, idle_seconds * 3 // 8)


def is_calm_form(path: str) -> bool:
    """Whether what is typed into the form at an address may be shown without the passcode (R16)."""
    return any(path == begin or path.startswith(f"{begin}/") for begin in CALM_FORMS)


def read_passcode(typed: str) -> str:
    """A passcode or code as it is checked, typed or pasted: its digits in western form whatever keyboard she has,
    without spaces, dashes and marks that cannot be seen."""
    plain = western(unicodedata.normalize("NFKC", typed))
    return "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign) not in ("Cf", "Pd"))


def passcode_fault(passcode: str) -> str | None:
    """Why a passcode cannot be used, None when it can.

    `not_digits`, `too_short`, `too_long`; `too_few` different digits; digits `in_a_row`; the same few `twice`.
    """
    if passcode and not re.fullmatch(r"[0-9]+", passcode):
        return "not_digits"
    if len(passcode) < 6:
        return "too_short"
    if len(passcode) > 32:
        return "too_long"
    if len(set(passcode)) < 3:
        return "too_few"
    if passcode in _STEPS or passcode in _STEPS[::-1]:
        return "in_a_row"
    half = passcode[: len(passcode) // 2]
    return "twice" if half * 2 == passcode and len(passcode) <= 8 else None


def password_fault(password: str, name: str, email: str) -> str | None:
    """Why a staff password cannot be used: `too_short`, `too_long`, `too_easy`; None when it can (NIST SP 800-63B)."""
    if len(password) < 12:
        return "too_short"
    if len(password) > 128:
        return "too_long"
    folded = password.casefold()
    own = [part for part in re.split(r"\W+", f"{name} {email.partition('@')[0]}".casefold()) if len(part) > 3]
    if len(set(folded)) < 5 or any(part in folded for part in own) or folded.startswith("password"):
        return "too_easy"
    return None


def device_words(user_agent: str) -> str:
    """What kind of device a browser says it runs on, in words that a member of staff knows it by."""
    for sign, words in _DEVICES:
        if sign in user_agent:
            return words
    return "Unknown device"


_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android phone or tablet"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows computer"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux computer"),
)
