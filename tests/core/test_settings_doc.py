"""The page about settings names every one that the code reads, and no other."""

import re
from pathlib import Path

NAME = re.compile(r"\b(?:PORTAL|TWILIO)_[A-Z_]+\b|\bPORT\b")


def test_every_setting_is_described():
    read = set(
        re.findall(r'self\.\w+\(\s*"((?:PORTAL|TWILIO)_[A-Z_]+|PORT)"', Path("portal/core/settings.py").read_text())
    )
    rows = [line for line in Path("docs/settings.md").read_text().splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in NAME.findall(row.split("|")[1])}
    assert len(read) > 20
    assert described == read
