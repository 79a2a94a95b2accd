"""Writing to her: what would stand on her screen, what keeps it from being sent, and whether it would leave at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.clients.models import Client, SafeContact
from portal.clients.queries import safe_contact, visible_client
from portal.core.access import Actor
from portal.core.errors import Invalid
from portal.core.locales import shown_in
from portal.messaging import gate, queries, wording
from portal.messaging.models import Text
from portal.messaging.rules import MOST_PARTS_WRITTEN, USEFUL_FOR, Verdict, refused_in
from portal.messaging.wording import Worded

_WRITTEN: Mapping[str, int] = {"GSM-7": MOST_PARTS_WRITTEN, "UCS-2": MOST_PARTS_WRITTEN}


class WordsRefused(Invalid):
    """A body holds something that no text may carry; `found` says what."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("body", "refused_words")
        self.found = found


@dataclass(frozen=True)
class Draft:
    """Words as they would stand on a screen, what in them no text may carry, and the most parts by encoding."""

    worded: Worded
    found: list[str] = field(default_factory=list)
    most_parts: Mapping[str, int] = field(default_factory=lambda: _WRITTEN)

    @property
    def most(self) -> int:
        """The most parts that it may have."""
        return self.most_parts[self.worded.segments.encoding]

    @property
    def too_long(self) -> bool:
        """Whether it needs more parts than it may."""
        return self.worded.segments.parts > self.most

    def checked(self) -> Worded:
        """The words, if they may be sent. Raises WordsRefused, and Invalid("body", "missing" | "too_long")."""
        if not self.worded.body:
            raise Invalid("body", "missing")
        if self.found:
            raise WordsRefused(self.found)
        if self.too_long:
            raise Invalid("body", "too_long")
        return self.worded


def draft_for(actor: Actor, client_id: int, body: str, *, words: Sequence[str]) -> Draft:
    """What would stand on her screen if this were sent, and what keeps it from being sent. Raises NotFound."""
    client, record = visible_client(actor, client_id), safe_contact(client_id)
    worded = wording.written(body, shown_in(her_language(client, record)))
    names = queries.names_never_in_texts(client, record, actor.id)
    return Draft(worded, refused_in(worded.body, words=words, names=names))


def worded_for(actor: Actor, client_id: int, body: str, *, words: Sequence[str]) -> Worded:
    """What would stand on her screen if this were sent; nothing is sent.

    Raises NotFound, WordsRefused, and Invalid("body", "missing" | "too_long").
    """
    return draft_for(actor, client_id, body, words=words).checked()


def her_language(client: Client, record: SafeContact | None) -> str:
    """The language in which she wants texts, whether or not our own words are ready in it."""
    return record.text_language if record else client.language


def outlook(client: Client, record: SafeContact | None, at: datetime) -> Verdict:
    """What would become of a text that staff write to her for `at`, as far as that is known today."""
    text = Text(client_id=client.id, kind="written", not_after_at=at + USEFUL_FOR)
    return gate.wanted_at(text, client, record, at)
