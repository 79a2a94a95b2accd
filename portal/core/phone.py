"""Phone numbers: read as people write them, kept as E.164, shown in national form."""

import re

from portal.core.digits import western
from portal.core.errors import Invalid

_DRAMA_RANGES = (("+447700900", 13), ("+442079460", 13))


def parse_mobile(text: str, *, drama_only: bool) -> str:
    """Read a UK mobile number and give it as E.164; `drama_only` refuses numbers outside Ofcom's drama ranges (R40).

    Raises Invalid("number", "not_a_mobile" | "real_number_in_demo").
    """
    number = _plain(text)
    if not re.fullmatch(r"\+447\d{9}", number):
        raise Invalid("number", "not_a_mobile")
    if is_drama(number):
        return number
    if drama_only:
        raise Invalid("number", "real_number_in_demo")
    if not _is_real_mobile(number):
        raise Invalid("number", "not_a_mobile")
    return number


def is_drama(e164: str) -> bool:
    """Whether a number lies in Ofcom's ranges for drama: 07700 900000-900999 and 020 7946 0000-0999."""
    return any(e164.startswith(prefix) and len(e164) == length for prefix, length in _DRAMA_RANGES)


def normalise(text: str) -> str:
    """E.164 for a UK number however it is written; anything else comes back with its spaces removed."""
    return _plain(text)


def national(e164: str) -> str:
    """A UK number as people read it out: 07700 900123."""
    if re.fullmatch(r"\+447\d{9}", e164):
        return f"0{e164[3:7]} {e164[7:]}"
    return "0" + e164[3:] if e164.startswith("+44") else e164


def _plain(text: str) -> str:
    digits = re.sub(r"[\s().\-\u2010-\u2015\u200e\u200f\u202a-\u202e]", "", western(text))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+440"):
        digits = "+44" + digits[4:]
    return "+44" + digits[1:] if re.fullmatch(r"0\d{9,10}", digits) else digits


def _is_real_mobile(e164: str) -> bool:
    import phonenumbers

    return phonenumbers.is_valid_number(phonenumbers.parse(e164))
