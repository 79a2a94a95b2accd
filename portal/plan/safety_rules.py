"""Pure rules of her safety plan: its parts, each optional and in her own words."""

from collections.abc import Mapping
from enum import StrEnum


class Part(StrEnum):
    """The parts, in the order in which they are read."""

    NOTICE = "notice"
    HELPS = "helps"
    RING = "ring"
    GO = "go"
    TAKE = "take"
    CHILDREN = "children"
    WORD = "word"


def whole(parts: Mapping[str, str]) -> dict[str, str]:
    """Every part in order, empty where nothing stands."""
    return {part: parts.get(part, "") for part in Part}


def filled(parts: Mapping[str, str]) -> dict[str, str]:
    """Only the parts in which something stands, as they are kept."""
    return {part: words for part, words in whole(parts).items() if words}
