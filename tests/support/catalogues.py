"""Translation catalogues: run as a module, checks that they are fresh and complete; `--update` collects the words."""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from portal.core.locales import LANGUAGES
from tests.support import catalogue_states
from tests.support.catalogue_terms import term_faults
from tests.support.catalogue_words import PLACEHOLDER, PLURALS, word_faults

FOLDER = Path("translations")
SOURCE_LANGUAGE = "en"
_KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2", "lazy_npgettext:1c,2,3")
_TITLE_BLOCK = re.compile(r"\{% block title %\}.*?\{% endblock %\}|\{% set title = .*?%\}")
_TITLE_CALL = re.compile(r'(?:return |_ask\(\s*)gettext\("([^"]+)"\),')
_CALLED = re.compile(r'_\("([^"]+)"')
_COUNTS = {"%(num)d", "%(num)s"}
"""A form such as "one message" may leave these out."""


def faults(folder: Path = FOLDER, languages: tuple[str, ...] = tuple(LANGUAGES)) -> list[str]:
    """Everything that is stale or missing in the catalogues under `folder`, one sentence each."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = _read(_extract(folder / "babel.cfg", Path(scratch) / "fresh.pot"))
    found = list(_stale(fresh, folder / "messages.pot"))
    titles = title_words(folder.parent)
    for language in languages:
        if language != SOURCE_LANGUAGE:
            found += _spoilt(fresh, folder / language / "LC_MESSAGES" / "messages.po", language, titles)
    return found + list(catalogue_states.faults(folder, languages))


def title_words(root: Path) -> set[str]:
    """The English words that stand in a title of hers, as far as they are written down as such."""
    pages = [path for path in (root / "templates").rglob("*.html") if "staff" not in path.parts]
    blocks = [block for path in pages for block in _TITLE_BLOCK.findall(path.read_text(encoding="utf-8"))]
    code = [root / "portal/web/errors.py", root / "portal/booking/steps.py"]
    calls = [words for path in code if path.exists() for words in _TITLE_CALL.findall(path.read_text(encoding="utf-8"))]
    return {words for block in blocks for words in _CALLED.findall(block)} | set(calls)


def update(folder: Path = FOLDER, languages: tuple[str, ...] = tuple(LANGUAGES)) -> None:
    """Collect the words into `messages.pot` and bring each language's catalogue up to it, guessing nothing."""
    template = _extract(folder / "babel.cfg", folder / "messages.pot")
    for language in languages:
        if language == SOURCE_LANGUAGE:
            continue
        target = folder / language / "LC_MESSAGES" / "messages.po"
        command = ["update", "--no-fuzzy-matching", "--ignore-obsolete"] if target.exists() else ["init"]
        with catalogue_states.kept(target):
            _pybabel(*command, "--input-file", template, "--output-file", target, "--locale", language)


def _extract(config: Path, target: Path) -> Path:
    keywords = [word for keyword in _KEYWORDS for word in ("--keywords", keyword)]
    # Line numbers and the date would change with every edit of the code and say nothing to a translator.
    _pybabel(
        "extract", "--mapping-file", config, *keywords, "--add-location", "file", "--sort-output",
        "--project", "portal", "--output-file", target, ".",
    )  # fmt: skip
    return target


def _pybabel(*words: str | Path) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", *map(str, words)])


def _read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _key(message: Message) -> tuple:
    return message.context, message.id


def _stale(fresh: Catalog, template: Path) -> Iterator[str]:
    if not template.exists():
        yield f"{template} is missing: run make words"
        return
    wanted = {_key(message) for message in _messages(fresh)}
    kept = {_key(message) for message in _messages(_read(template))}
    yield from (f"{template} lacks {_quoted(words)}: run make words" for _, words in sorted(wanted - kept, key=str))
    yield from (f"{template} still has {_quoted(words)}: run make words" for _, words in sorted(kept - wanted, key=str))


def _spoilt(fresh: Catalog, path: Path, language: str, titles: set[str]) -> Iterator[str]:
    if not path.exists():
        yield f"{path} is missing: run make words"
        return
    catalogue = _read(path, language)
    if catalogue.plural_expr != PLURALS[language]:
        yield f"{path}: chooses plurals by {catalogue.plural_expr}, not by {PLURALS[language]}"
    for message in _messages(fresh):
        own = catalogue.get(message.id, message.context)
        # A catalogue finds a message by its singular alone, so a plural that came or went must be seen here.
        if own is None or own.id != message.id:
            yield f"{path} lacks {_quoted(message.id)}: run make words"
        else:
            wrong = list(_wrong(own, catalogue.num_plurals))
            if not wrong:
                wrong += word_faults(own, language, is_title=message.id in titles)
                wrong += term_faults(own, language)
            yield from (f"{path}: {_quoted(message.id)} {what}" for what in wrong)


def _wrong(message: Message, plurals: int) -> Iterator[str]:
    forms = message.string if message.pluralizable else (message.string,)
    if message.fuzzy:
        yield "is marked fuzzy"
    if not all(forms) or (message.pluralizable and len(forms) != plurals):
        yield "is not translated"
        return
    ids = message.id if message.pluralizable else (message.id,)
    in_ids = [set(PLACEHOLDER.findall(words)) for words in ids]
    allowed = set().union(*in_ids)
    needed = set.intersection(*in_ids) - (_COUNTS if message.pluralizable else set())
    for form in forms:
        here = set(PLACEHOLDER.findall(form))
        if not needed <= here <= allowed:
            yield f"has other placeholders in its translation: {', '.join(sorted(here ^ allowed))}"


def _quoted(words: str | tuple[str, ...]) -> str:
    return f"“{words if isinstance(words, str) else words[0]}”"


def main(words: list[str]) -> int:
    """Check, or with `--update` collect; gives the exit status."""
    if words == ["--update"]:
        update()
        return 0
    found = faults()
    sys.stdout.write("".join(f"{fault}\n" for fault in found) or "Translations are fresh and complete.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
