"""`make check` fails for a package with a known weakness where a service answers, and never for lack of one."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support import advisories

TOOL = advisories.ROOT / ".venv-tools" / "bin" / "pip-audit"

needs_the_tool = pytest.mark.skipif(not TOOL.exists(), reason="pip-audit is not installed: make .venv-tools/installed")


@contextmanager
def service(*weak: str) -> Iterator[str]:
    """A service that speaks as OSV does and knows a weakness of these packages; gives its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            said = {"vulns": [_weakness(asked)]} if asked in weak else {}
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()


def _weakness(package: str) -> dict:
    versions = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": [versions]}
    return {"id": "PYSEC-2026-1", "schema_version": "1.4.0", "details": "made up", "affected": [affected]}


@pytest.fixture
def cut_off(monkeypatch, tmp_path):
    """No way out of this machine, nothing kept from before: whatever is said comes from loopback."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path))
        yield monkeypatch


@needs_the_tool
def test_a_package_with_a_known_weakness_fails_the_check(cut_off, capsys):
    with service("flask") as address:
        cut_off.setenv("PIP_AUDIT_OSV_URL", address)
        assert advisories.main(TOOL) == 1
    said = capsys.readouterr().out
    assert "flask 3." in said and "PYSEC-2026-1, mended in ['99.1']" in said


@needs_the_tool
def test_packages_without_a_weakness_pass_and_the_service_is_named(cut_off, capsys):
    with service() as address:
        cut_off.setenv("PIP_AUDIT_OSV_URL", address)
        assert advisories.main(TOOL) == 0
    assert "packages, no known weakness (osv)" in capsys.readouterr().out


@needs_the_tool
def test_without_the_internet_it_says_so_and_fails_nothing(cut_off, capsys):
    cut_off.setenv("PIP_AUDIT_OSV_URL", "http://127.0.0.1:9/v1/query")
    assert advisories.main(TOOL) == 0
    said = capsys.readouterr().out
    assert said.startswith("pip-audit: not looked up (pypi: ") and "no known weakness" not in said


def test_without_the_tool_it_says_so_and_fails_nothing(tmp_path, capsys):
    assert advisories.main(tmp_path / "pip-audit") == 0
    assert capsys.readouterr().out == "pip-audit: not looked up, it could not be installed\n"


FLASK = {"name": "flask", "version": "3.1.3"}
WEAK = {**FLASK, "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["99.1"]}]}
SOUND = {**FLASK, "vulns": []}
UNKNOWN = {"name": "flask", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("pypi", "osv", "status", "words"),
    [
        (SOUND, WEAK, 1, "PYSEC-2026-1"),
        (WEAK, UNKNOWN, 1, "PYSEC-2026-1"),
        (UNKNOWN, SOUND, 0, "1 packages, no known weakness (osv)"),
        (UNKNOWN, UNKNOWN, 0, "not looked up (pypi: it knows 0 of 1 packages; osv: it knows 0 of 1 packages)"),
    ],
)
def test_what_either_service_knows_counts(tmp_path, capsys, pypi, osv, status, words):
    """A stand-in for the tool says what the tool would, so that this holds where it cannot be installed."""
    assert advisories.main(_stand_in(tmp_path, pypi=pypi, osv=osv)) == status
    assert words in capsys.readouterr().out


def test_a_tool_that_breaks_fails_nothing(tmp_path, capsys):
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho 'it broke' >&2\nexit 3\n")
    tool.chmod(0o755)
    assert advisories.main(tool) == 0
    assert capsys.readouterr().out == "pip-audit: not looked up (pypi: it broke; osv: it broke)\n"


def _stand_in(folder: Path, **answers: dict) -> Path:
    for name, package in answers.items():
        (folder / name).write_text(json.dumps({"dependencies": [package]}))
    tool = folder / "pip-audit"
    tool.write_text(f'#!/bin/sh\ncase "$*" in *"service pypi"*) cat {folder}/pypi;; *) cat {folder}/osv;; esac\n')
    tool.chmod(0o755)
    return tool
