"""What the web server itself gives away: no banner, no page of its own, no address in its log (R1, R10, R39)."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.http import errors

from portal.jobs.web_worker import refusal_status

ROOT = Path(__file__).parents[2]

APP = """
import time
from flask import Flask, request
app = Flask(__name__)

@app.get("/health")
def health():
    return "ok"

@app.get("/slow")
def slow():
    time.sleep(1.5)
    return "all of it"

@app.errorhandler(404)
def nothing(error):
    return "<a href='/leave'>Leave</a>", 404, {"Cache-Control": "no-store", "Set-Cookie": "week=nobody"}
"""


@contextmanager
def serving(folder: Path):
    (folder / "wsgi.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:portal.jobs.gunicorn_conf", "wsgi:app"],
            cwd=folder,
            env={**os.environ, "PORT": str(port), "PORTAL_ENV": "demo", "PYTHONPATH": str(ROOT)},
            stdout=file,
            stderr=file,
        )
    try:
        wait_for(port)
        yield SimpleNamespace(port=port, log=log, process=process)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("web")) as running:
        yield running


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the web server did not start"
            time.sleep(0.1)


def raw(port: int, request: bytes) -> tuple[str, str]:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.decode().partition("\r\n\r\n")
    return head, body


def test_no_answer_names_the_server(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/health")
    answer = connection.getresponse()
    assert answer.read() == b"ok"
    assert answer.getheader("Server") is None
    assert answer.getheader("Date")
    connection.close()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"GET /" + b"marker-in-address" * 1000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", "414"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"marker-in-header" * 1000 + b"\r\n\r\n", "431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nmarker in header: 1\r\n\r\n", "400"),
        (b"marker-in-line\r\n\r\n", "400"),
    ],
)
def test_what_cannot_be_read_gets_the_app_s_own_page_and_leaves_no_trace(server, request_text, status):
    head, body = raw(server.port, request_text)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "Cache-Control: no-store" in head  # R39: the app's headers
    assert "server:" not in head.lower()
    assert "cookie" not in head.lower()  # her own session goes on
    assert body == "<a href='/leave'>Leave</a>"  # R1
    assert f"Content-Length: {len(body)}" in head
    log = server.log.read_text()
    assert "Request refused" in log
    assert "marker" not in log  # R10
    assert "127.0.0.1" not in log  # R10


def test_an_ordinary_request_is_not_logged(server):
    raw(server.port, b"GET /health?who=marker HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert "health" not in server.log.read_text()  # R10


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own list of sockets")
def test_the_server_listens_on_loopback_alone(server):
    listening = f":{server.port:04X} "
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines() if listening in row]
    assert [row[1] for row in rows if row[3] == "0A"] == [f"0100007F:{server.port:04X}"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (errors.LimitRequestLine(9000, 8190), HTTPStatus.REQUEST_URI_TOO_LONG),
        (errors.LimitRequestHeaders("x"), HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (errors.InvalidRequestMethod("x"), HTTPStatus.BAD_REQUEST),
        (errors.InvalidResponseHeader("x"), HTTPStatus.INTERNAL_SERVER_ERROR),
        (RuntimeError("x"), HTTPStatus.INTERNAL_SERVER_ERROR),
    ],
)
def test_each_fault_has_its_status(fault, status):
    assert refusal_status(fault) == status


def test_a_request_under_way_is_answered_when_the_server_is_told_to_stop(tmp_path):
    with serving(tmp_path) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
        connection.request("GET", "/slow")
        time.sleep(0.5)
        running.process.send_signal(signal.SIGTERM)
        assert connection.getresponse().read() == b"all of it"
        assert running.process.wait(8) == 0
