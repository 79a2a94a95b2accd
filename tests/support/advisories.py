"""`make check` asks pip-audit whether a pinned package has a known weakness, where a service answers that knows them.

A service that does not answer, or a mirror that knows no package, is said in one line and fails nothing: it would
otherwise pass for "nothing found".
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FILES = ("run.txt", "dev.txt")
SERVICES = ("pypi", "osv")
PATIENCE = 30
ROOT = Path(__file__).resolve().parents[2]


def main(tool: Path) -> int:
    """Look every pinned package up; the status is 1 when one has a known weakness."""
    if not tool.exists():
        print("pip-audit: not looked up, it could not be installed")  # noqa: T201
        return 0
    with ThreadPoolExecutor() as both:
        answers = dict(zip(SERVICES, both.map(lambda service: _ask(tool, service), SERVICES), strict=True))
    # Before all else: one service may not know yet what the other does.
    weak = dict.fromkeys(line for _, _, lines, _ in answers.values() for line in lines)
    if weak:
        print(*weak, sep="\n")  # noqa: T201
        return 1
    reasons = []
    for service, (looked_up, unknown, _, reason) in answers.items():
        if looked_up and not unknown:
            print(f"pip-audit: {looked_up} packages, no known weakness ({service})")  # noqa: T201
            return 0
        reasons.append(f"{service}: {reason or f'it knows {looked_up} of {looked_up + unknown} packages'}")
    print(f"pip-audit: not looked up ({'; '.join(reasons)})")  # noqa: T201
    return 0


def _ask(tool: Path, service: str) -> tuple[int, int, list[str], str]:
    """How many packages the service knows, how many not, what it says of them, and why it said nothing."""
    named = [part for name in FILES for part in ("--requirement", str(ROOT / "requirements" / name))]
    command = [str(tool), *named, "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, "--vulnerability-service", service, "--timeout", "5"],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return 0, 0, [], f"no answer within {PATIENCE} s"
    except (ValueError, KeyError):
        return 0, 0, [], _last_line(done.stderr)
    known = [package for package in packages if "skip_reason" not in package]
    weak = [
        f"{package['name']} {package['version']}: {one['id']}, mended in {one['fix_versions'] or 'no version'}"
        for package in known
        for one in package["vulns"]
    ]
    return len(known), len(packages) - len(known), weak, ""


def _last_line(said: str) -> str:
    lines = said.strip().splitlines() or ["it said nothing"]
    return lines[-1].partition("(Caused by")[0].strip()[:120]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
