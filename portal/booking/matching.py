"""Pure rules of what fits a woman: rooms with what she needs, workers who speak her language, places for children."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from portal.booking.availability import Room
from portal.core.locales import LANGUAGES

STEP_FREE, QUIET, CHILD_CORNER, CHILDCARE = 1, 2, 4, 8
"""What a room has and what she needs, as bits of one number; childcare is no matter of rooms."""

OF_ROOMS = STEP_FREE | QUIET | CHILD_CORNER


def rooms_for(rooms: Mapping[int, int], needed: int) -> list[Room]:
    """The rooms that have all that she needs; `rooms` says what each has, by id.

    What else a room has makes it a later choice, so that whoever needs that finds it free.
    """
    wanted = needed & OF_ROOMS
    fitting = [(number, has) for number, has in sorted(rooms.items()) if has & wanted == wanted]
    return [Room(number, (has & ~wanted).bit_count()) for number, has in fitting]


def in_order(workers: Iterable[int], keyworker_id: int | None, speakers: Collection[int]) -> list[int]:
    """The ids of workers as they are offered to her: her own keyworker, who speaks her language, then the others."""
    return sorted(workers, key=lambda number: (number != keyworker_id, number not in speakers, number))


def spoken(language: str, preparation: Mapping[str, Any] | None) -> str | None:
    """The code of the language, not English, in which she is best spoken with; None for English and for ones not ours.

    The interpreter that her record asks for (`preparation`), such as "Arabic", goes before the language of her pages.
    """
    interpreter = str((preparation or {}).get("interpreter") or "")
    if interpreter:
        return next((code for code, known in LANGUAGES.items() if known.latin in interpreter), None)
    return language if language != "en" else None


def usual_places(preparation: Mapping[str, Any] | None, *, childcare: bool) -> int:
    """How many places in the crèche her sessions need: as many children as her record counts, else one."""
    words = str((preparation or {}).get("childcare") or "")
    counted = re.match(r"\s*([1-9])\s+child", words)
    if counted:
        return int(counted[1])
    return int(bool(words) or childcare)
