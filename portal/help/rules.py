"""What an entry of the directory may be: its codes, its numbers, and every fault that a row can have.

A row is a mapping of column to text, as it stands in a spreadsheet or was typed in a form.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from urllib.parse import quote

from portal.core.boroughs import BOROUGHS
from portal.help import hours as opening

NEEDS = (
    "danger", "abuse", "sexual-violence", "mental-health", "drugs-alcohol", "housing", "money", "legal", "immigration",
    "family", "children", "work", "prison-family", "stalking", "exploitation", "disability",
)  # fmt: skip
"""What a service helps with. The order is fixed: a need's place in it is its neutral code in addresses."""

COSTS = ("free", "local-rate", "standard-rate", "unknown")
BILL_NOTES = ("operator-says-hidden", "operator-silent", "shows")
ACCESS = ("bsl", "relay", "text", "webchat", "email", "in-person")
"""Ways to reach a service beside a call; `in-person` only where somebody who goes there is seen."""

WAYS = ("phone", "text", "webchat", "in-person")
"""Ways that she can choose by. The order is fixed: a way's place in it is its neutral code in addresses."""
VERIFIED, THIRD_PARTY = "verified", "third-party"
STATUSES = (VERIFIED, THIRD_PARTY)

COLUMNS = (
    "key", "name", "helps_with", "needs", "audience", "boroughs", "phone", "sms", "sms_say", "web", "hours",
    "hours_note", "cost", "bill_note", "languages", "access", "emergency", "source", "source_date", "status",
)  # fmt: skip
LISTS = ("needs", "boroughs", "languages", "access")
_KNOWN = {
    "needs": NEEDS, "boroughs": BOROUGHS, "access": ACCESS, "cost": COSTS, "bill_note": BILL_NOTES, "status": STATUSES,
    "emergency": ("yes",),
}  # fmt: skip
_CODES = {code.casefold(): code for column in LISTS for code in _KNOWN.get(column, ())}
CONTACTS = ("phone", "sms", "sms_say", "web")

LONGEST = {
    "key": 40, "name": 80, "helps_with": 160, "needs": 240, "audience": 160, "boroughs": 400, "phone": 24, "sms": 24,
    "sms_say": 40, "web": 200, "hours": 120, "hours_note": 400, "cost": 20, "bill_note": 24, "languages": 80,
    "access": 80, "emergency": 3, "source": 200, "source_date": 10, "status": 20,
}  # fmt: skip
MOST_WORDS = 15
"""Of `helps_with`."""

LONGEST_FILE = 300 * 1024
"""Bytes of an imported file; its preview sends the text back, so it must fit a form."""

TAKEN_OVER = ("emergencysms.org.uk", "emergencysms.net")
"""Hosts that once served the text line of 999 and are reported to be in other hands."""

FAULT_WORDS = {
    "missing": "fill this in",
    "too_long": "this is too long",
    "control_character": "this holds a line break or another sign that cannot be seen",
    "unknown_code": "this is not one of the known words",
    "not_a_key": "use small letters, digits and hyphens only",
    "twice": "another line has the same",
    "too_many_words": f"write {MOST_WORDS} words or fewer",
    "text_only": "this number takes texts only, so it must not stand under phone",
    "not_a_number": "this is not a number that a UK phone can ring: most begin with 0 and have 11 digits",
    "costs_more": "calls to numbers in 084 and 087 cost more than others: say that it is unknown",
    "not_a_text_number": "this is not a number that takes texts",
    "no_text_number": "there are words to text but no number to text them to",
    "not_https": "this is not a plain https address",
    "taken_over": "this address is reported to be in other hands",
    "no_contact": "give a phone number, a number to text or an address on the web",
    "not_hours": "these are not opening hours as OpenStreetMap writes them",
    "not_a_language": "use ISO 639 codes, or interpreter",
    "not_a_date": "use a year, 2026-03 or 2026-03-31",
    "no_number": "there is no number that this could be about",
    "check_due": "nobody has checked this for 90 days",
}
"""Faults in words for staff."""


_ODD_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Line breaks, control characters and signs that turn the direction of what follows."""


def need_code(need: str) -> str:
    """The neutral code of a need, for addresses (R7)."""
    return f"n{NEEDS.index(need) + 1}"


def need_of(code: str) -> str | None:
    """The need behind a neutral code, or None."""
    return next((need for need in NEEDS if need_code(need) == code), None)


def way_code(way: str) -> str:
    """The neutral code of a way to reach a service, for addresses."""
    return f"w{WAYS.index(way) + 1}"


def way_of(code: str) -> str | None:
    """The way behind a neutral code, or None."""
    return next((way for way in WAYS if way_code(way) == code), None)


def ways_to_reach(*, phone: str, sms: str, access: Collection[str]) -> set[str]:
    """By which of WAYS a service can be reached."""
    told = {"phone": bool(phone), "text": bool(sms) or "text" in access}
    return {way for way in WAYS if told.get(way, way in access)}


def borough_code(name: str) -> str:
    """The code of a borough, for addresses."""
    return name.casefold().replace(" ", "-")


def digits(number: str) -> str:
    """A number as a phone dials it."""
    return re.sub(r"[\s()-]", "", number)


def dialable(phone: str) -> bool:
    """Whether a number in UK national form can be rung: no short code for texts, no premium rate."""
    return re.fullmatch(_DIALLED, digits(phone), re.ASCII) is not None


_DIALLED = r"0[237]\d{9}|01\d{8,9}|08\d{9}|0800\d{6}|08(00|45)\d{4}|999|1\d\d|116\d{3}|1800[01]"
"""Numbers of the length that they have, so that one with a digit too few or too many is seen."""

_GROUPS = (r"(02\d)(\d{4})(\d{4})", r"(0[38]\d\d|011\d|01\d1)(\d{3})(\d{4})", r"(0[17]\d{3})(\d{6})")


def grouped(number: str) -> str:
    """A number in national form as people read it out; groups that somebody typed stay as they are."""
    if not re.fullmatch(r"[\d\s()-]+", number, re.ASCII):
        return number
    typed = re.sub(r"[\s()-]+", " ", number).strip()
    found = next((found for groups in _GROUPS if (found := re.fullmatch(groups, typed))), None)
    return " ".join(found.groups()) if found else typed


def takes_texts(number: str) -> bool:
    """Whether a number can be texted: 999, a short code or a mobile."""
    return re.fullmatch(r"999|[678]\d{4,6}|07\d{9}", digits(number), re.ASCII) is not None


def is_free(phone: str) -> bool:
    """Whether ringing a number costs nothing from every phone: 080 and 116 numbers, 999 and 111."""
    return re.match(r"080|116|999|111", digits(phone)) is not None


def tel_href(phone: str) -> str:
    """The address of a link that rings a number."""
    return f"tel:{digits(phone)}"


def sms_href(number: str, say: str = "") -> str:
    """The address of a link that begins a text; `say` stands in it ready to send."""
    # The odd "?&" is read by iOS and Android alike.
    return f"sms:{digits(number)}" + (f"?&body={quote(say, safe='')}" if say else "")


def listed(cell: str) -> list[str]:
    """The parts of a cell that holds a list."""
    return [part.strip() for part in re.split("[;,]", cell) if part.strip()]


def tidied(row: Mapping[str, str]) -> dict[str, str]:
    """A row with every column, without stray spaces; codes and numbers in their one form."""
    cells = {column: _ODD_SPACES.sub(" ", row.get(column, "")).strip() for column in COLUMNS}
    lists = {column: ";".join(_code(part) for part in listed(cells[column])) for column in LISTS}
    return cells | lists | {column: grouped(cells[column]) for column in ("phone", "sms")}


def _code(part: str) -> str:
    return _CODES.get(part.casefold(), part)


def faults_of(row: Mapping[str, str]) -> list[tuple[str, str]]:
    """Every fault of one tidied row: column and reason, a key of FAULT_WORDS."""
    found = list(_unreadable(row))
    spoilt = {column for column, _ in found}
    rest = {column: "" if column in spoilt else row[column] for column in COLUMNS}
    checks = (_missing, _codes, _numbers, _web, _forms)
    return found + [fault for check in checks for fault in check(rest) if fault[0] not in spoilt]


def text_only(rows: Collection[Mapping[str, str]]) -> set[str]:
    """The numbers that some row says to text; only 999 is both called and texted."""
    return {digits(row["sms"]) for row in rows} - {"", "999"}


def published_after_change(was: bool, before: str, after: str, checked: bool) -> bool:
    """Whether an entry is shown after its status went from `before` to `after`.

    What staff confirmed stays as it is; else only what a public source verified is shown.
    """
    return was if checked or before == after else after == VERIFIED


def _unreadable(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        if len(row[column]) > LONGEST[column]:
            yield column, "too_long"
        elif _UNSEEN.search(row[column]):
            yield column, "control_character"


def _missing(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in ("key", "name", "helps_with", "needs", "source", "status"):
        if not row[column]:
            yield column, "missing"
    if not (row["phone"] or row["sms"] or row["web"]):
        yield "phone", "no_contact"
    if row["sms_say"] and not row["sms"]:
        yield "sms_say", "no_text_number"
    if (row["phone"] or row["sms"]) and not row["bill_note"]:
        yield "bill_note", "missing"
    if row["bill_note"] and not (row["phone"] or row["sms"]):
        yield "bill_note", "no_number"


def _codes(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column, known in _KNOWN.items():
        if not set(listed(row[column]) if column in LISTS else [row[column]]) <= {"", *known}:
            yield column, "unknown_code"


def _numbers(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    phone, sms = digits(row["phone"]), digits(row["sms"])
    if phone and (phone == sms or (takes_texts(phone) and not dialable(phone))):
        yield "phone", "text_only"
    elif phone and not dialable(phone):
        yield "phone", "not_a_number"
    elif re.match("08[47]", phone) and row["cost"] not in ("", "unknown"):
        yield "cost", "costs_more"
    if sms and not takes_texts(sms):
        yield "sms", "not_a_text_number"


def _web(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not row["web"]:
        return
    parts = re.fullmatch(r"https://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(/[^\s\"'<>\\]*)?", row["web"], re.ASCII)
    if parts is None:
        yield "web", "not_https"
    elif any(parts[1] == host or parts[1].endswith(f".{host}") for host in TAKEN_OVER):
        yield "web", "taken_over"


def _forms(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if row["key"] and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["key"], re.ASCII):
        yield "key", "not_a_key"
    if len(row["helps_with"].split()) > MOST_WORDS:
        yield "helps_with", "too_many_words"
    if row["hours"] and not opening.is_valid(row["hours"]):
        yield "hours", "not_hours"
    if not all(re.fullmatch(r"[a-z]{2,3}|interpreter", code, re.ASCII) for code in listed(row["languages"])):
        yield "languages", "not_a_language"
    if row["source_date"] and not _is_date(row["source_date"]):
        yield "source_date", "not_a_date"


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True
