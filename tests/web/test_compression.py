"""Compression: fewer bytes, the same page."""

import gzip

import brotli
import pytest

ADDRESSES = ("/now", "/help", "/sign-in", "/nothing-here", "/static/css/site.css", "/static/js/leave.js")


def fetch(app, address: str, accepts: str | None):
    headers = {} if accepts is None else {"Accept-Encoding": accepts}
    return app.test_client().get(address, headers=headers)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br", "br"), ("gzip;q=1.0, br;q=0", "gzip"), ("*", "br"),
     ("identity", None), ("", None), (None, None), ("deflate", None), ("br;q=0, gzip;q=0", None), ("x;;q=", None)],
)  # fmt: skip
def test_it_comes_as_the_browser_can_read_it_and_is_the_same(app, address, accepts, encoding):
    plain, packed = fetch(app, address, None), fetch(app, address, accepts)
    assert packed.headers.get("Content-Encoding") == encoding
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    body = packed.get_data()
    assert packed.content_length == len(body)
    assert unpack(body)[:200] == plain.get_data()[:200]
    assert len(unpack(body)) == len(plain.get_data())
    if encoding:
        assert len(body) < len(plain.get_data()) * 0.7


@pytest.mark.parametrize("address", ADDRESSES)
def test_caches_know_that_it_comes_in_several_ways(app, address):
    assert "Accept-Encoding" in fetch(app, address, "br").headers["Vary"]
    assert "Accept-Encoding" in fetch(app, address, None).headers["Vary"]


@pytest.mark.parametrize("address", ["/health", "/robots.txt", "/today", "/leave"])
def test_what_is_small_or_a_redirect_comes_as_it_is(app, address):
    assert "Content-Encoding" not in fetch(app, address, "br").headers


def test_a_head_request_has_no_body(app):
    answer = app.test_client().head("/now", headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.get_data()) == (200, b"")


def test_an_unchanged_static_file_is_304(app):
    first = fetch(app, "/static/css/site.css", "br")
    again = app.test_client().get(
        "/static/css/site.css", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.get_data()) == (304, b"")


def test_part_of_a_static_file_comes_plain(app):
    answer = app.test_client().get("/static/css/site.css", headers={"Accept-Encoding": "br", "Range": "bytes=0-9"})
    assert answer.status_code == 206 and len(answer.get_data()) == 10
    assert "Content-Encoding" not in answer.headers
