"""How far a language's words have come, worked out from what its catalogue says and the steps that were taken."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol

from portal.core import offering


class Step(StrEnum):
    """What a manager does with a language."""

    READ = "read"
    APPROVED = "approved"
    ON = offering.ON
    OFF = offering.OFF


class State(StrEnum):
    """How far the words of a catalogue have come."""

    DRAFTED = "drafted"
    READ = "read"
    APPROVED = "approved"


class Shipped(NamedTuple):
    """What a catalogue says of itself in its head; `words` marks the words that were read."""

    state: State
    by: str
    on: date | None
    words: str


class Taken(Protocol):
    """A step as it was stored."""

    number: int
    step: str
    words: str
    reader: str
    read_on: date | None
    taken_by: int


class Reading(NamedTuple):
    """That a native speaker read the words."""

    reader: str
    read_on: date | None
    words: str


class Standing(NamedTuple):
    """Where a language stands. `approved_by` is the id of a member of staff, or None where the catalogue came approved.

    `changed`: there are other words now than those that were read.
    """

    state: State
    reading: Reading | None
    approved_by: int | None
    changed: bool
    turned_on: bool
    number: int


def standing(shipped: Shipped, steps: Sequence[Taken], words: str) -> Standing:
    """Where a language stands whose steps were these, in their order, and whose words have this mark now."""
    reading = _reading(shipped, steps, words)
    turns = [step.step for step in steps if step.step in (Step.ON, Step.OFF)]
    approvals = [step for step in steps if reading and step.step == Step.APPROVED and step.words == reading.words]
    came_approved = reading is not None and shipped.state is State.APPROVED and shipped.words == reading.words
    state = State.DRAFTED if reading is None else State.READ
    return Standing(
        state=State.APPROVED if approvals or came_approved else state,
        reading=reading,
        approved_by=approvals[-1].taken_by if approvals else None,
        changed=reading is not None and reading.words != words,
        turned_on=turns[-1:] == [Step.ON],
        number=steps[-1].number if steps else 0,
    )


def _reading(shipped: Shipped, steps: Iterable[Taken], words: str) -> Reading | None:
    """The reading that counts: the newest of these very words, else the newest there is."""
    readings = [Reading(step.reader, step.read_on, step.words) for step in steps if step.step == Step.READ]
    if shipped.state is not State.DRAFTED:
        readings.insert(0, Reading(shipped.by, shipped.on, shipped.words))
    of_these = [reading for reading in readings if reading.words == words]
    newest = sorted(of_these or readings, key=lambda reading: reading.read_on or date.min)
    return newest[-1] if newest else None
