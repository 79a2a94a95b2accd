"""Collects the words of the shipped directory for translators: Babel calls `extract` (translations/babel.cfg)."""

import csv
import io
from collections.abc import Iterator

from portal.help.wording import NAMED_BY_WHAT_THEY_DO, TRANSLATED_COLUMNS, sentences


def extract(file, _keywords, _comment_tags, options) -> Iterator[tuple[int, None, str, list[str]]]:
    """Every sentence of the CSV file that women may read in their language, as Babel wants it."""
    reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
    for row in reader:
        texts = [row[column] for column in TRANSLATED_COLUMNS]
        texts += [row["name"]] if row["key"] in NAMED_BY_WHAT_THEY_DO else []
        for text in texts:
            yield from ((reader.line_num, None, sentence, []) for sentence in sentences(text))
