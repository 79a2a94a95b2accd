"""Address rules that are compiled for building addresses when first used, and the numbers that may be a row's."""

from collections.abc import Callable

from werkzeug.routing import IntegerConverter, Map, Rule

LARGEST_ROW_ID = 2**31 - 1
"""The largest id that a row has on either database."""


def row_id(value: str | int) -> int:
    """A number that may be a row's id, as typed into a form or an address; raises ValueError for any other."""
    number = int(value)
    if not 0 <= number <= LARGEST_ROW_ID:
        raise ValueError(value)
    return number


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
