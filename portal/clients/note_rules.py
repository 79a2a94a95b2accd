"""Notes of staff as pure rules: what is asked of each, and which may go into the copy of her data (R34)."""

from enum import StrEnum

LONGEST_NOTE = 4000
"""Letters in a note."""

FACT, OPINION = "fact", "opinion"
MARKS_WORDS = {FACT: "A fact: seen, heard or read", OPINION: "My opinion"}
"""What a note is, in the words of staff; asked, never chosen beforehand."""


class LeftOut(StrEnum):
    """Why a note is not in the copy of her data."""

    ABOUT_OTHERS = "about_somebody_else"
    NOT_SAFE = "not_marked_as_safe_to_show"


def left_out(*, third_party: bool, safe_to_show: bool) -> LeftOut | None:
    """Why a note does not go into her copy; None when it does: whatever somebody else is told of never does."""
    if third_party:
        return LeftOut.ABOUT_OTHERS
    return None if safe_to_show else LeftOut.NOT_SAFE
