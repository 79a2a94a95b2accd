"""Address rules that are compiled for building addresses when first used, and the numbers that may be a row's."""

from collections.abc import Callable
from urllib.parse import unquote

from werkzeug.routing import IntegerConverter, Map, Rule

LARGEST_ROW_ID = 2**31 - 1
"""The largest id that a row has on either database."""


def row_id(value: str | int) -> int:
    """A number that may be a row's id, as typed into a form or an address; raises ValueError for any other."""
    number = int(value)
    if not 0 <= number <= LARGEST_ROW_ID:
        raise ValueError(value)
    return number


def is_own_path(path: str, below: str) -> bool:
    """Whether a redirect to this path stays in this site below an address, however a browser reads it.

    Refused are control letters, spaces and backslashes anywhere, and in the path itself empty and dotted parts and
    slashes that hide behind percent signs.
    """
    if not path.startswith(below) or any(not letter.isprintable() or letter in " \\" for letter in path):
        return False
    parts = path.partition("?")[0].partition("#")[0].split("/")[1:]
    plain = [unquote(unquote(part)) for part in parts]
    return "" not in parts[:-1] and not any(
        part in (".", "..") or "/" in part or "\\" in part or not part.isprintable() for part in plain
    )


class RowIdConverter(IntegerConverter):
    """A number in an address, written in one way only: any other, or a larger one than a row has, is not there."""

    # What a page is called must not be called otherwise too: no zeros before it, no digits of other scripts.
    regex = "(?:0|[1-9][0-9]{0,9})"

    def __init__(self, url_map: Map, **options) -> None:
        super().__init__(url_map, **{"max": LARGEST_ROW_ID, **options})


class LateRule(Rule):
    """A rule whose two builders are compiled on first use: 120 rules cost a tenth of the start, and few are built."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable:
        compile_builder = super()._compile_builder
        builder: Callable | None = None

        def build(rule: Rule, *args, **values):
            nonlocal builder
            if builder is None:
                builder = compile_builder(append_unknown)
            return builder(rule, *args, **values)

        return build
