"""Clickjacking: no page of ours shows inside somebody else's, in a real browser (R39)."""

import functools
import http.server
import threading

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def his_site(portal, tmp_path):
    """A page elsewhere that puts one of ours under its own buttons."""
    names = {"/now": "now", "/sign-in": "sign-in", "/staff/sign-in": "staff", "/leave": "leave"}
    for address, name in names.items():
        for tag in ("iframe", "embed", "object"):
            target = f'{"data" if tag == "object" else "src"}="{portal.address}{address}"'
            (tmp_path / f"{name}-{tag}.html").write_text(f"<h1>win</h1><{tag} id=f {target}></{tag}>")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("tag", ["iframe", "embed", "object"])
@pytest.mark.parametrize("name", ["now", "sign-in", "staff", "leave"])
def test_no_page_shows_in_a_frame(chromium, his_site, name, tag):
    page = chromium.new_page()
    try:
        page.goto(f"{his_site}/{name}-{tag}.html")
        page.wait_for_timeout(300)
        for frame in page.frames[1:]:
            text = frame.evaluate("document.body ? document.body.innerText : ''") if frame.url else ""
            assert "Leave" not in text and "Sign in" not in text and not frame.query_selector("form")
        assert page.evaluate("document.querySelector('h1').textContent") == "win"
    finally:
        page.close()


def test_the_same_page_does_show_by_itself(chromium, portal):
    """So that the frames above are empty because of the policy, not because nothing was there."""
    page = chromium.new_page()
    page.goto(f"{portal.address}/sign-in")
    assert page.query_selector("form")
    page.close()
