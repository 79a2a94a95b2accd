"""Compression: fewer bytes, the same page or file."""

import gzip

import brotli
import pytest

from tests.support import demo_house

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


@pytest.mark.parametrize(("headers", "share"), [({}, 0.92), ({"Sec-Fetch-Site": "none"}, 0.89)])
def test_a_larger_page_is_packed_harder(app, travel, headers, share):
    demo_house.load()
    page = app.test_client().get("/refer", headers=headers).get_data()
    packed = app.test_client().get("/refer", headers={"Accept-Encoding": "br"} | headers).get_data()
    quickly = len(brotli.compress(page, mode=brotli.MODE_TEXT, quality=5))
    assert quickly > 1500 and len(packed) < quickly * share


@pytest.mark.parametrize("address", ["/health", "/robots.txt", "/today", "/leave"])
def test_what_is_small_or_a_redirect_comes_as_it_is(app, address):
    assert "Content-Encoding" not in fetch(app, address, "br").headers


def test_a_head_request_has_no_body(app):
    answer = app.test_client().head("/now", headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.get_data()) == (200, b"")
