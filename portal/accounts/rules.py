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
SETUP_CODE_LIFE = timedelta(hours=24)
STAFF_LINK_LIFE = timedelta(hours=72)
KEPT_FORM_LIFE = timedelta(minutes=30)

LIMIT_WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
NETWORK_LIMIT = 100

_STEPS = "01234567890123456789"


def is_over(kind: str, seen_at: datetime, now: datetime) -> bool:
    """Whether a session of a kind, last seen at `seen_at`, is over."""
    return now - seen_at >= IDLE[kind]


def read_passcode(typed: str) -> str:
    """A passcode as it is checked: without spaces, its digits in western form whatever keyboard she has."""
    return re.sub(r"\s+", "", western(unicodedata.normalize("NFKC", typed)))


def passcode_fault(passcode: str) -> str | None:
    """Why a passcode cannot be used: `too_short`, `too_long`, `not_digits`, `too_easy`; None when it can."""
    if len(passcode) < 6:
        return "too_short"
    if len(passcode) > 32:
        return "too_long"
    if not re.fullmatch(r"[0-9]+", passcode):
        return "not_digits"
    if len(set(passcode)) < 3 or passcode in _STEPS or passcode in _STEPS[::-1]:
        return "too_easy"
    half = passcode[: len(passcode) // 2]
    return "too_easy" if half * 2 == passcode and len(passcode) <= 8 else None


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
