"""What each kind of text asks at sending; higher rooms register theirs, so that messaging never knows those rooms."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

Facts = Mapping[str, Any]


class KindOfText(NamedTuple):
    """How texts of one kind are asked about; its template is `templates/sms/<kind>.txt`.

    `still_wanted` gets the id in the text's subject (12 of `appointment:12`) and the instant of sending. `facts` gets
    that id and gives the template's values: `starts_at` (aware), `worker` (a first name), both optional.
    `offers_replies`: digits may answer it where she may reply. `answers_her`: it is our answer to a text of hers, so
    it need not wait until a person has read that text. `fleeting`: it is of use only now, so where it
    may not leave it is skipped with the reason, never held, and nobody is asked to tell her.
    """

    still_wanted: Callable[[int, datetime], bool]
    facts: Callable[[int], Facts]
    offers_replies: bool = False
    answers_her: bool = False
    fleeting: bool = False


_kinds: dict[str, KindOfText] = {}


def register(
    kind: str,
    *,
    still_wanted: Callable[[int, datetime], bool] = lambda subject_id, now: True,
    facts: Callable[[int], Facts] = lambda subject_id: {},
    offers_replies: bool = False,
    answers_her: bool = False,
    fleeting: bool = False,
) -> None:
    """Make a kind of text known; registering it again replaces it, so that several apps may live in one process."""
    _kinds[kind] = KindOfText(still_wanted, facts, offers_replies, answers_her, fleeting)


def kind_of(kind: str) -> KindOfText | None:
    """What was registered for a kind, or None for a kind that nobody knows (its texts are held)."""
    return _kinds.get(kind)


def is_fleeting(kind: str) -> bool:
    """Whether a kind of text is of use only at the moment it is wanted."""
    known = _kinds.get(kind)
    return known is not None and known.fleeting


def subject_id(subject: str) -> int:
    """The id in a subject such as `appointment:12`; 0 where there is none."""
    number = subject.rpartition(":")[2]
    return int(number) if number.isdecimal() else 0


register("test")
register("written")
register("auto_reply", answers_her=True)
