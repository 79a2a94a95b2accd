"""Raw bytes at the real server: nothing is a fault of ours, nothing leaks, nobody holds it up (R1, R10, R39)."""

import contextlib
import re
import socket
import time
from types import SimpleNamespace

import pytest

from tests.support import live

HOST = b"Host: week.test\r\n"
END = b"Connection: close\r\n\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sockets")
    with (folder / "log").open("wb") as output, live.portal(folder, worker=False, output=output) as running:
        yield SimpleNamespace(port=int(running.address.rpartition(":")[2]), log=folder / "log")


def ask(server, request: bytes, patience: float = 8) -> tuple[str, bytes]:
    """The head and the body of whatever comes back for these bytes; both empty when the connection just ends."""
    with socket.create_connection(("127.0.0.1", server.port), patience) as connection:
        answer = b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode("latin-1"), body


def get(address: bytes, more: bytes = b"", method: bytes = b"GET") -> bytes:
    return method + b" " + address + b" HTTP/1.1\r\n" + HOST + more + END


def post(address: bytes, body: bytes, more: bytes = b"") -> bytes:
    return b"POST " + address + b" HTTP/1.1\r\n" + HOST + FORM + more + END + body


ODD = {
    "line end in the address": (get(b"/now\r\nSet-Cookie: a=b"), 400),
    "coded line end in the address": (get(b"/%0d%0aSet-Cookie:%20a=b"), 404),
    "coded line end in a parameter that goes back": (get(b"/sign-in?next=/%0d%0aSet-Cookie:%20a=b"), 200),
    "coded line end in the language": (get(b"/language?next=%0d%0aLocation:%20//evil.test"), 200),
    "line end in a header": (get(b"/now", b"X-One: a\r\n folded\r\n"), 400),
    "bare line feed in a header": (get(b"/now", b"X-One: a\nX-Two: b\r\n"), 400),
    "nul in a header": (get(b"/now", b"X-One: a\x00b\r\n"), 400),
    "space before the colon": (get(b"/now", b"Content-Length : 5\r\n"), 400),
    "underscore in place of a dash": (get(b"/now", b"X_Forwarded_For: 1.2.3.4\r\n"), 200),
    "two lengths": (post(b"/sign-in", b"hello", b"Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
    "a length and chunks": (
        post(b"/sign-in", b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
             b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400,
    ),
    "chunks spelled oddly": (post(b"/sign-in", b"0\r\n\r\n", b"Transfer-Encoding: xchunked\r\n"), 400),
    "chunks twice": (post(b"/sign-in", b"0\r\n\r\n", b"Transfer-Encoding: chunked, chunked\r\n"), 400),
    "a chunk whose size is no number": (
        post(b"/sign-in", b"zz\r\nx\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"), 400,
    ),
    "a negative length": (post(b"/sign-in", b"", b"Content-Length: -1\r\n"), 400),
    "a length that is no number": (post(b"/sign-in", b"", b"Content-Length: 1e3\r\n"), 400),
    "a huge length": (post(b"/sign-in", b"x", b"Content-Length: 99999999999999999999\r\n"), 413),
    "a long line": (get(b"/" + b"a" * 9000), 414),
    "a long header": (get(b"/now", b"X-One: " + b"a" * 9000 + b"\r\n"), 431),
    "many headers": (get(b"/now", b"".join(b"X-%d: a\r\n" % number for number in range(200))), 431),
    "a cookie of 8 kB": (get(b"/now", b"Cookie: week=" + b"a" * 8000 + b"\r\n"), 200),
    "a cookie too many": (get(b"/today", b"Cookie: week=one; week=two; week=\r\nCookie: week=three\r\n"), 303),
    "a cookie of odd letters": (get(b"/today", b"Cookie: week=\xff\xfe\"\\; =; ;;a\r\n"), 303),
    "old HTTP": (b"GET /now\r\n", 400),
    "HTTP of the past": (b"GET /now HTTP/1.0\r\n\r\n", 200),
    "HTTP of the future": (b"GET /now HTTP/3.0\r\n" + HOST + END, 400),
    "HTTP/2 at once": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "an upgrade": (get(b"/now", b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), 200),
    "a whole address": (get(b"http://evil.test/now"), 200),
    "another host": (b"GET /now HTTP/1.1\r\nHost: evil.test\r\n" + END, 200),
    "two hosts": (b"GET /now HTTP/1.1\r\nHost: a.test\r\nHost: evil.test\r\n" + END, None),
    "no host": (b"GET /now HTTP/1.1\r\n" + END, None),
    "a host of odd letters": (b"GET /now HTTP/1.1\r\nHost: a.test\"><script>\r\n" + END, None),
    "TRACE": (get(b"/now", method=b"TRACE"), 405),
    "CONNECT": (get(b"evil.test:443", method=b"CONNECT"), None),
    "OPTIONS of all": (get(b"*", method=b"OPTIONS"), None),
    "a made-up method": (get(b"/now", method=b"BREW"), 405),
    "a method in disguise": (
        post(b"/now", b"_method=DELETE", b"X-HTTP-Method-Override: DELETE\r\nContent-Length: 14\r\n"), None,
    ),
    "letters that are not UTF-8": (get(b"/help/%ff%fe"), 404),
    "raw letters that are not UTF-8": (get(b"/help/\xff\xfe"), None),
    "a way up": (get(b"/static/../../portal.db"), 404),
    "a coded way up": (get(b"/static/..%2f..%2fwsgi.py"), 404),
    "a way up coded twice": (get(b"/static/%252e%252e%252fwsgi.py"), 404),
    "a way up with the other slash": (get(b"/static/..%5c..%5cwsgi.py"), 404),
    "the root of the disk": (get(b"/static//etc/passwd"), None),
    "nul in the address": (get(b"/static/css/site.css%00.html"), 404),
    "two slashes first": (get(b"//evil.test/%2e%2e"), None),
    "a proxy's word about the visitor": (
        get(b"/staff", b"X-Forwarded-Host: evil.test\r\nX-Forwarded-For: 8.8.8.8\r\n"), None,
    ),
    "a path in a header": (get(b"/now", b"X-Original-URL: /staff/today\r\nX-Rewrite-URL: /staff/today\r\n"), 200),
    "nothing": (b"\r\n\r\n\r\n", None),
    "noise": (bytes(range(256)) * 4, 400),
}  # fmt: skip
"""Bytes, and the status that they get; None: any but a fault of ours."""


@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_are_no_fault_of_ours_and_get_an_answer_of_ours(server, name):
    request, wanted = ODD[name]
    head, body = ask(server, request)
    if not head:
        assert wanted is None, "no answer at all"
        return
    status = int(head.split()[1])
    assert status == wanted if wanted else 200 <= status < 500
    lines = [line for line in head.split("\r\n")[1:] if line]
    headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
    assert "server" not in headers and "a=b" not in head and "evil.test" not in head.lower()
    assert b"evil.test" not in body and b"gunicorn" not in body.lower() and b"Traceback" not in body
    assert headers["content-security-policy"].startswith("default-src 'none'")  # R39
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store" or status == 200
    assert b"smuggled" not in body and b"root:" not in body and b"SQLite format" not in body


def test_what_was_sent_leaves_no_trace_in_the_log(server):  # R10
    ask(server, get(b"/marker-in-address?marker=1", b"X-Marker: marker\r\n"))
    ask(server, get(b"/now\r\nmarker", b"Cookie: week=marker\r\n"))
    log = server.log.read_text()
    assert "marker" not in log and "Traceback" not in log and "127.0.0.1" not in re.sub(r"http://127\S+", "", log)


def test_one_connection_gives_one_answer_when_two_requests_hide_in_one(server):
    """What a proxy takes for a body must not be a request here."""
    hidden = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
    more = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % (len(hidden) + 5)
    head, body = ask(server, post(b"/sign-in", b"0\r\n\r\n" + hidden, more))
    assert (head + body.decode("latin-1")).count("HTTP/1.1 ") == 1


def test_a_link_that_is_made_never_names_the_host_that_the_visitor_named(server):
    """A reset or set-up link with somebody else's host would hand over its token."""
    for address in (b"/", b"/today", b"/staff/today", b"/leave", b"/security.txt", b"/.well-known/security.txt"):
        head, body = ask(server, b"GET " + address + b" HTTP/1.1\r\nHost: evil.test\r\n" + END)
        assert "evil.test" not in head and b"evil.test" not in body


def until_answered(server) -> float:
    began = time.monotonic()
    head, _ = ask(server, get(b"/health"), patience=30)
    assert head.startswith("HTTP/1.1 200")
    return time.monotonic() - began


@contextlib.contextmanager
def connections(server, count: int, say: bytes):
    opened = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(count)]
    try:
        for connection in opened:
            if say:
                connection.sendall(say)
        yield opened
    finally:
        for connection in opened:
            connection.close()


def test_connections_that_say_nothing_hold_nobody_up(server):
    with connections(server, 40, b""):
        assert until_answered(server) < 4


def test_connections_that_do_not_hang_up_hold_nobody_up_for_long(server):
    """Gunicorn alone waits two seconds for each, in its main loop."""
    with connections(server, 20, get(b"/health")):
        assert until_answered(server) < 8


def test_half_a_head_is_given_up_after_ten_seconds(server):
    with connections(server, 8, b"GET /now HTTP/1.1\r\nHost: week") as opened:
        time.sleep(0.5)
        began = time.monotonic()
        for connection in opened:
            # A letter now and then does not buy more time.
            connection.sendall(b"x")
        assert until_answered(server) < 14
        assert time.monotonic() - began > 5, "all threads were held, or this proves nothing"


def test_a_body_that_does_not_come_holds_one_thread_and_nobody_else_up(server):
    slow = b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 100\r\n\r\nx"
    with connections(server, 4, slow):
        assert until_answered(server) < 4


def test_endless_chunks_end(server):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n\r\n")
        sent, answer = 0, b""
        with contextlib.suppress(OSError):
            while sent < 20_000_000:
                connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
                sent += 0x2000
        with contextlib.suppress(OSError):
            answer = connection.recv(65536)
    assert sent < 8_000_000 and time.monotonic() - began < 30
    assert not answer or answer.split()[1] in (b"400", b"413")
    assert until_answered(server) < 4
