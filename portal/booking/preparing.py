"""Pure rules of what to prepare for a session: what her record says, what was set for the day, in the desk's words."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from portal.booking.matching import spoken, usual_places
from portal.booking.models import PracticalHelp
from portal.core.locales import LANGUAGES

ROOM_WORDS = {"step_free": "Step-free room", "quiet_room": "Quiet room", "child_corner": "Children's corner"}
MOST_PLACES = 9


class Needed(NamedTuple):
    """What her record says that a session of hers needs; `interpreter` None when it needs none.

    `interpreter` is the language, empty where nobody wrote down which; `female` if the interpreter must be a woman.
    """

    listed: tuple[str, ...] = ()
    places: int = 0
    fare: bool = False
    interpreter: str | None = None
    female: bool = False


class ToPrepare(NamedTuple):
    """What to prepare for one appointment, in the desk's words, and what of it counts."""

    words: list[str]
    places: int = 0
    places_to_find: int = 0
    fares: int = 0
    interpreters: int = 0


def needed(
    preparation: Mapping[str, Any] | None,
    needs: Collection[str],
    *,
    language: str,
    worker_speaks: Collection[str],
    by_phone: bool,
) -> Needed:
    """What a session with this worker needs as far as her record says; `language` is that of her pages.

    Whoever speaks her language with her needs no interpreter; by phone nobody needs a room, a fare or childcare.
    """
    preparation = preparation or {}
    interpreter = _interpreter(preparation, needs, language)
    if spoken(language, preparation) in worker_speaks:
        interpreter = None
    female = "female_interpreter" in needs
    if by_phone:
        return Needed(interpreter=interpreter, female=female)
    access = str(preparation.get("access") or "")
    return Needed(
        tuple(words for words in (access, *(words for need, words in ROOM_WORDS.items() if need in needs)) if words),
        usual_places(preparation, childcare="childcare" in needs),
        "fares" in needs,
        interpreter,
        female,
    )


def to_prepare(row: PracticalHelp | None, wanted: Needed, kept: int) -> ToPrepare:
    """What to prepare: what was set for the day, else what her record says; `kept` places she has in the crèche."""
    places = row.childcare_places if row else wanted.places
    fare = row.fare if row else "needed" if wanted.fare else ""
    asked = row.interpreter if row else "" if wanted.interpreter is None else "needed"
    is_woman = row is not None and row.interpreter_is_woman
    words = [
        *wanted.listed,
        _places_words(places, kept),
        {"needed": "Fare to give", "given": "Fare given"}.get(fare, ""),
        _interpreter_words(asked, wanted, is_woman) if asked else "",
        "Somebody comes with her" if row and row.companion else "",
    ]
    ready = asked == "booked" and (is_woman or not wanted.female)
    return ToPrepare(
        [each for each in words if each],
        places,
        max(0, places - kept),
        int(fare == "needed"),
        int(bool(asked) and not ready),
    )


def totals(prepared: Iterable[ToPrepare]) -> dict[str, int]:
    """What a day needs in all: childcare places and those to find, fares to give, interpreters not booked."""
    listed = list(prepared)
    return {
        "places": sum(one.places for one in listed),
        "places_to_find": sum(one.places_to_find for one in listed),
        "fares": sum(one.fares for one in listed),
        "interpreters": sum(one.interpreters for one in listed),
    }


def _interpreter(preparation: Mapping[str, Any], needs: Collection[str], language: str) -> str | None:
    recorded = str(preparation.get("interpreter") or "")
    if recorded or "female_interpreter" not in needs:
        return recorded or None
    return LANGUAGES[language].latin if language != "en" else ""


def _places_words(places: int, kept: int) -> str:
    if not places:
        return ""
    words = f"{places} childcare place{'' if places == 1 else 's'}"
    if kept >= places:
        return f"{words} kept"
    return f"{words}, {places - kept} to find" if kept else f"{words} to find"


def _interpreter_words(asked: str, wanted: Needed, is_woman: bool) -> str:
    state = "booked" if asked == "booked" else "not booked"
    if asked == "booked" and wanted.female and not is_woman:
        state = "booked: ask whether it is a woman"
    words = " ".join(
        part for part in ("female" if wanted.female else "", wanted.interpreter, "interpreter", state) if part
    )
    return words[0].upper() + words[1:]
