"""Static files: packed beforehand, at addresses that change with them, kept for a year; words of ours stay here."""

import gzip
import re
from pathlib import Path

import brotli
import pytest

from portal.core.banned import banned_in
from portal.core.settings import BANNED_WORDS
from portal.web import static

FOLDER = Path("static")
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*"))


def address(app, name: str) -> str:
    with app.test_request_context():
        return static.address(name)


def fetch(app, address: str, accepts: str = "br"):
    return app.test_client().get(address, headers={"Accept-Encoding": accepts})


@pytest.mark.parametrize("name", FILES)
def test_its_address_says_what_it_holds_and_it_is_kept_for_a_year(app, name):
    there = address(app, name)
    stem, _, ending = name.rpartition(".")
    assert re.fullmatch(rf"/static/{stem}\.[0-9a-f]{{8}}\.{ending}", there)
    answer = fetch(app, there)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.mimetype == {"css": "text/css", "js": "text/javascript"}[ending]


def test_her_pages_ask_for_it_there(app):
    assert re.findall(r'(?:href|src)="(/static/[^"]+)"', app.test_client().get("/now").text) == [
        address(app, "css/site.css"),
        address(app, "js/leave.js"),
    ]


@pytest.mark.parametrize("name", ["css/site.css", "css/site.00000000.css"])
def test_by_another_name_it_comes_but_nobody_keeps_it(app, name):
    """A page of the version before, still open on her phone, is not left without its sheet."""
    answer = fetch(app, f"/static/{name}")
    assert answer.get_data() == fetch(app, address(app, "css/site.css")).get_data()
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", FILES)
def test_no_name_says_what_it_is_about(name):  # R7
    assert not banned_in(name.replace("/", " ").replace(".", " "), BANNED_WORDS)


def test_another_content_has_another_address(tmp_path):
    (tmp_path / "a.css").write_text("p{color:red}")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.css").write_text("p{color:blue}")
    files = static._packed(tmp_path, tmp_path / "kept")
    assert set(files) == {"a.css", "b/a.css"}
    assert files["a.css"].name[2:10] != files["b/a.css"].name[4:12]


def test_comments_stay_here_and_nothing_else_does(tmp_path):
    (tmp_path / "a.js").write_text('// Why.\n  (function () {\n    // More\n    f("a // b", /x/); // kept\n  })();\n')
    (tmp_path / "a.css").write_text("/* Her pages. */\np{color:red}\n/* Two\nlines */\na{top:0}\n")
    files = static._packed(tmp_path, tmp_path / "kept")
    assert files["a.js"].bodies[""] == b'(function () {\nf("a // b", /x/); // kept\n})();\n'
    assert files["a.css"].bodies[""] == b"p{color:red}\na{top:0}\n"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("accepts", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)])
def test_however_it_is_packed_it_is_the_same(app, name, accepts, unpack):
    there = address(app, name)
    assert unpack(fetch(app, there, accepts).get_data()) == fetch(app, there, "").get_data()


def test_it_is_packed_at_the_highest_quality(app):
    plain = fetch(app, address(app, "css/site.css"), "").get_data()
    assert fetch(app, address(app, "css/site.css")).get_data() == brotli.compress(plain, mode=brotli.MODE_TEXT)


def test_no_request_waits_for_packing(app, monkeypatch):
    def never(*_args, **_options):
        raise AssertionError("packed while somebody waits")

    monkeypatch.setattr(brotli, "compress", never)
    monkeypatch.setattr(gzip, "compress", never)
    for name in FILES:
        assert fetch(app, address(app, name)).status_code == fetch(app, address(app, name), "gzip").status_code == 200


def test_the_next_start_does_not_pack_again_unless_what_was_kept_is_spoilt(tmp_path, monkeypatch):
    body, kept = b"p{color:red}" * 40, tmp_path / "kept" / "a.br"
    packed = static._brotli(body, kept)
    assert kept.read_bytes() == packed
    kept.write_bytes(packed[:9])
    assert static._brotli(body, kept) == kept.read_bytes() == packed
    monkeypatch.setattr(brotli, "compress", None)
    assert static._brotli(body, kept) == packed
    assert [path.name for path in kept.parent.iterdir()] == ["a.br"]


def test_without_a_place_to_keep_it_a_start_packs_it(tmp_path):
    (tmp_path / "file").write_text("")
    assert brotli.decompress(static._brotli(b"p{color:red}", tmp_path / "file" / "a.br")) == b"p{color:red}"


def test_a_way_up_is_not_there(app):
    for path in ("../wsgi.py", "..%2fwsgi.py", "css/../../wsgi.py", "css", ""):
        assert fetch(app, f"/static/{path}").status_code == 404
