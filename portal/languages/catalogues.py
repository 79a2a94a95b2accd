"""What lies in `translations/`: the state that a catalogue carries in its head, how many words, and their mark."""

import gettext
import hashlib
import re
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from portal.languages.rules import Shipped, State

FOLDER = Path(__file__).resolve().parents[2] / "translations"
MARK = re.compile(r"[0-9a-f]{16}")
"""What the mark of some words looks like."""
_WRITTEN = re.compile(r'^"(.*)"$', re.MULTILINE)
_STATE = re.compile(r"(X-State[\w-]*): (.*)")


class Words(NamedTuple):
    """How many messages a catalogue has, and a mark that changes when any of them does."""

    number: int
    mark: str


@cache
def words(language: str, folder: Path = FOLDER) -> Words:
    """The words of a language as this process shows them; none where nothing is compiled."""
    digest, number = hashlib.sha256(), 0
    for path in sorted((folder / language / "LC_MESSAGES").glob("*.mo")):
        with path.open("rb") as file:
            messages = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # gettext shows them in no other way
        known = sorted((repr(key), said) for key, said in messages.items() if key)
        digest.update(repr((path.name, known)).encode())
        # Each plural form has an entry of its own; what is counted is what a translator sees.
        number += sum(1 for key in messages if key and (not isinstance(key, tuple) or key[1] == 0))
    return Words(number, digest.hexdigest()[:16])


def shipped(language: str, folder: Path = FOLDER) -> Shipped:
    """What the catalogue of a language says of itself; what does not say who read which words and when is a draft."""
    said = header(folder / language / "LC_MESSAGES" / "messages.po")
    state, on = State.DRAFTED, None
    with suppress(ValueError):
        state = State(said.get("X-State", State.DRAFTED))
    with suppress(ValueError):
        on = date.fromisoformat(said.get("X-State-On", ""))
    by, mark = said.get("X-State-By", ""), said.get("X-State-Words", "")
    if state is not State.DRAFTED and not (by and on and MARK.fullmatch(mark)):
        return Shipped(State.DRAFTED, "", None, "")
    return Shipped(state, by, on, mark)


def header(path: Path) -> dict[str, str]:
    """The lines about its state in the head of a catalogue; Babel compiles them into none, so the source is read."""
    if not path.exists():
        return {}
    head = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    # Editors wrap long lines, so a line of the head may be written in several.
    lines = "".join(_WRITTEN.findall(head)).split("\\n")
    return {found[1]: found[2] for line in lines if (found := _STATE.fullmatch(line))}
