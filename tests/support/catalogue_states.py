"""The state that each catalogue carries in its head: checked, and kept where Babel would drop it.

Run as a module with a language, a name and a day, it writes down that a native speaker has read the words as they are.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from portal.core import clock
from portal.core.locales import SOURCE, WITH_CATALOGUE
from portal.languages import catalogues
from portal.languages.rules import State

FOLDER = Path("translations")
_LAST_OF_HEAD = re.compile(r'((?:^".*\\n"\n)+)', re.MULTILINE)
_ONE_OF_OURS = re.compile(r'^"X-State[\w-]*: (?:.*(?<!\\n)"\n")*.*\\n"\n', re.MULTILINE)
"""A line about the state, also where an editor has wrapped it."""


def faults(folder: Path = FOLDER, languages: Iterable[str] = WITH_CATALOGUE) -> Iterator[str]:
    """What is wrong with what the catalogues say of themselves, one sentence each."""
    for language in languages:
        path = _path(folder, language)
        if language != SOURCE and path.exists():
            yield from (f"{path}: {fault}" for fault in _wrong(catalogues.header(path)))


def _wrong(said: dict[str, str]) -> Iterator[str]:
    state, on = said.get("X-State", ""), said.get("X-State-On", "")
    if state not in list(State):
        yield f"X-State is “{state}”, and must be one of {', '.join(State)}"
    if not said.get("X-State-By"):
        yield "X-State-By does not say who"
    elif re.search(r'["\\\n]', said["X-State-By"]):
        yield "X-State-By must be one line without quotation marks and backslashes"
    if _day(on) is None:
        yield f"X-State-On is “{on}”, and must be a day such as 2026-11-26"
    if state in (State.READ, State.APPROVED) and not catalogues.MARK.fullmatch(said.get("X-State-Words", "")):
        yield "X-State-Words does not mark the words that were read"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@contextmanager
def kept(path: Path) -> Iterator[None]:
    """Keep the state of a catalogue while Babel writes it anew; a new one begins as a draft."""
    said = catalogues.header(path) or {
        "X-State": State.DRAFTED.value,
        "X-State-By": "drafted without a native speaker",
        "X-State-On": clock.london_today(clock.real_now()).isoformat(),
    }
    yield
    write(path, said)


def write(path: Path, said: dict[str, str]) -> None:
    """Put these lines at the end of a catalogue's head, in place of those that stood there."""
    text = _ONE_OF_OURS.sub("", path.read_text(encoding="utf-8"))
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in said.items())
    path.write_text(_LAST_OF_HEAD.sub(lambda head: head.group(1) + lines, text, count=1), encoding="utf-8")


def record(state: str, language: str, by: str, on: str, folder: Path = FOLDER) -> None:
    """Write into a catalogue that somebody read it, or that it is approved, as its compiled words are now."""
    said = {"X-State": state, "X-State-By": by, "X-State-On": on}
    said["X-State-Words"] = catalogues.words(language, folder).mark
    if wrong := [*_wrong(said)]:
        raise SystemExit("\n".join(wrong))
    write(_path(folder, language), said)


def _path(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit("python -m tests.support.catalogue_states read|approved LANGUAGE NAME DAY")
    record(*sys.argv[1:])
