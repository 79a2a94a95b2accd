"""`make check` gives every page that tests of HTML fetched to the Nu HTML checker at once.

`keep` writes pages into the folder that KEEP_PAGES names, one of each build. The checker needs Java: where there is
none that is said in one line, and with CI=true it is a failure.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

KEEP = "KEEP_PAGES"
NO_FAULT = "Bad value “username” for attribute “autocomplete”"
"""Since 2021 HTML allows this name where an e-mail address signs in; the checker's packaged version is older."""


def keep(address: str, html: str, tree: Any) -> None:
    """Keep a page for the checker, unless one that is built the same is kept already."""
    if KEEP not in os.environ:
        return
    build = " ".join(f"{node.tag} {' '.join(map(str, node.attrib))}" for node in tree.iter())
    named = re.sub(r"[^a-z]+", "-", address.partition("?")[0]).strip("-") or "front"
    file = Path(os.environ[KEEP]) / f"{named}-{hashlib.sha256(build.encode()).hexdigest()[:8]}.html"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html, encoding="utf-8")


def main(pages: Path, jars: Path) -> int:
    """Check every page that was kept; the status is 1 when there is a fault, and in CI when there is no checker."""
    jar = next(jars.rglob("vnu.jar"), None)
    if jar is None or shutil.which("java") is None:
        reason = "it could not be installed" if jar is None else "there is no Java (Debian: default-jre-headless)"
        print(f"Nu HTML checker: not asked, {reason}")  # noqa: T201
        return int(os.environ.get("CI") == "true")
    count = len(list(pages.glob("*.html")))
    if not count:
        print(f"Nu HTML checker: no page is kept in {pages}")  # noqa: T201
        return 1
    done = subprocess.run(
        ["java", "-jar", str(jar), "--errors-only", "--format", "json", str(pages)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = faults(json.loads(done.stderr)["messages"])
    print(*told, f"Nu HTML checker: {count} pages, {len(told)} faults", sep="\n")  # noqa: T201
    return int(bool(told))


def faults(messages: list[dict[str, Any]]) -> list[str]:
    """What the checker found wrong, each fault once, where it is first."""
    told: dict[str, str] = {}
    for one in messages:
        if one["type"] != "info" and not one["message"].startswith(NO_FAULT):
            where, around = Path(one.get("url", "")).name, " ".join(one.get("extract", "").split())
            told.setdefault(one["message"], f"{where}: {one['message']} {around}")
    return list(told.values())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
