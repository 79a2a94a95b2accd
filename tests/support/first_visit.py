"""What a first visit of a page costs her: every byte that comes down with nothing kept from before, headers counted."""

import re

import brotli

MOST_BYTES = 7300
"""Half of what a connection sends before it waits for her phone; the other half is the certificate's."""
MOST_REQUESTS = 3
ACCEPT = {"Accept-Encoding": "gzip, deflate, br"}

OVER_HTTPS = len("Strict-Transport-Security: max-age=31536000\r\n")
COOKIE_OVER_HTTPS = len("__Host-" + "; Secure")
_BY_THE_SERVER = "Date: Sun, 22 Nov 2026 05:11:00 GMT\r\n"


def on_the_wire(answer) -> int:
    """Status line, headers as they are over HTTPS with the one that the web server adds, and body, in bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    head = f"HTTP/1.1 {answer.status}\r\n{_BY_THE_SERVER}{lines}\r\n"
    over_https = OVER_HTTPS + COOKIE_OVER_HTTPS * len(answer.headers.getlist("Set-Cookie"))
    return len(head) + over_https + len(answer.get_data())


def loads(answer) -> list[str]:
    """The addresses of what a page loads."""
    body = answer.get_data()
    page = (brotli.decompress(body) if answer.headers.get("Content-Encoding") == "br" else body).decode()
    return re.findall(r'<(?:link rel="stylesheet" href|script src|img src)="([^"]+)"', page)


def first_visit(client, address: str, **headers: str) -> int:
    """All bytes of a first visit by a Flask test client, after checking that it takes three requests at most."""
    page = client.get(address, headers=ACCEPT | headers)
    others = loads(page)
    assert page.status_code == 200, f"{address}: {page.status}"
    assert 1 + len(others) <= MOST_REQUESTS, f"{address} loads {others}"
    return on_the_wire(page) + sum(on_the_wire(client.get(other, headers=ACCEPT)) for other in others)
