"""A browser without script for tests: follows forms as a browser would, and checks every page it fetches."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
from flask import Flask

from portal.core.banned import banned_in
from portal.core.banned_words import WORDS_BY_LANGUAGE
from portal.core.settings import BANNED_WORDS
from tests.support import nu

XHTML = "{http://www.w3.org/1999/xhtml}"


class Page:
    """One answer: its status, headers, text, and for HTML its parsed tree."""

    def __init__(self, response, address: str) -> None:
        self.address = address
        self.status: int = response.status_code
        self.headers = response.headers
        self.body: bytes = response.get_data()
        self.location: str | None = response.headers.get("Location")
        self.is_html = response.mimetype == "text/html" and not 300 <= self.status < 400
        self.html = self.body.decode() if self.is_html else ""
        parser = html5lib.HTMLParser()
        self.tree = parser.parse(self.html) if self.is_html else None
        self.faults: list[str] = [f"{code} at {place} {about}" for place, code, about in parser.errors]

    def find_all(self, tag: str, **attributes: str) -> list:
        """Every element with this tag and these attributes."""
        if self.tree is None:
            return []
        return [
            node
            for node in self.tree.iter(XHTML + tag)
            if all(node.get(name.rstrip("_").replace("_", "-")) == value for name, value in attributes.items())
        ]

    @property
    def text(self) -> str:
        """What a reader sees in main, with single spaces."""
        mains = self.find_all("main")
        return words(mains[0]) if mains else self.body.decode(errors="replace")

    @property
    def title(self) -> str:
        """The page's title."""
        return words(self.find_all("title")[0])

    @property
    def h1(self) -> str:
        """The page's heading."""
        return words(self.find_all("h1")[0])

    def links(self) -> dict[str, str]:
        """Address by words of every link."""
        return {words(link): link.get("href", "") for link in self.find_all("a")}

    def forms(self) -> list:
        """Every form."""
        return self.find_all("form")

    def field(self, name: str) -> str | None:
        """The value of the first input with this name."""
        found = self.find_all("input", name=name)
        return found[0].get("value") if found else None


def words(node) -> str:
    """The text of an element with single spaces; svg signs are silent."""
    return re.sub(r"\s+", " ", "".join(node.itertext())).strip()


class PageClient:
    """Fetches pages with cookies of its own; `page` is the last one."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.page: Page | None = None
        self.visited: list[str] = []

    def get(self, address: str, *, follow: bool = False, **options: Any) -> Page:
        """Fetch a page; `follow` goes after redirects of ours."""
        page = self._take(self.client.get(address, **options), address)
        return self._follow(page) if follow else page

    def post(self, address: str, data: Any = None, *, follow: bool = False, csrf: bool = True, **options: Any) -> Page:
        """Post fields, with the CSRF token of this browser's session."""
        fields = dict(data or {})
        if csrf and "csrf_token" not in fields:
            fields["csrf_token"] = self.csrf_token()
        page = self._take(self.client.post(address, data=fields, **options), address)
        return self._follow(page) if follow else page

    def submit(
        self, action: str | None = None, *, press: tuple[str, str] | None = None, follow: bool = True, **typed: Any
    ):
        """Submit the form with this action on the last page, as a browser would: hidden and chosen values included.

        `press` is (name, value) of the button pressed. Raises AssertionError for a field that the form has not.
        """
        assert self.page is not None
        here = urlsplit(self.page.address).path
        forms = [
            form
            for form in self.page.forms()
            if form.get("method", "get").lower() == "post"
            and (action is None or urlsplit(urljoin(self.page.address, form.get("action") or here)).path == action)
        ]
        assert forms, f"no form for {action} on {self.page.address}: {self.page.text[:300]}"
        fitting = [form for form in forms if set(typed) <= set(_names(form)) and _has_button(form, press)]
        assert fitting, f"no form for {action} has the fields {sorted(typed)}; there are {[_names(f) for f in forms]}"
        fields = _values(fitting[0])
        fields.update({name: value for name, value in typed.items() if value is not None})
        if press:
            fields[press[0]] = press[1]
        address = urljoin(self.page.address, fitting[0].get("action") or here)
        page = self._take(self.client.post(address, data=fields), address)
        return self._follow(page) if follow else page

    def csrf_token(self) -> str:
        """A token of this browser's session, from the last page or the sign-in page."""
        token = self.page.field("csrf_token") if self.page is not None and self.page.is_html else None
        if token is None:
            response = self.client.get("/language")
            token = re.search(r'name="csrf_token" value="([^"]+)"', response.get_data(as_text=True)).group(1)
        return token

    def _follow(self, page: Page) -> Page:
        for _ in range(5):
            if page.status not in (301, 302, 303) or urlsplit(page.location or "").netloc not in ("", "localhost"):
                break
            address = urljoin(page.address, page.location)
            page = self._take(self.client.get(address), address)
        return page

    def _take(self, response, address: str) -> Page:
        page = Page(response, address)
        self.visited.append(urlsplit(address).path)
        if page.is_html:
            nu.keep(address, page.html, page.tree)
            check_page(page)
        self.page = page
        return page


def check_page(page: Page) -> None:
    """The rules of every page: valid, one h1 that starts the title, Leave, labels, ids, nothing inline or stored."""
    path = urlsplit(page.address).path
    assert not page.faults, f"{path}: {page.faults}"
    root = page.find_all("html")[0]
    assert root.get("lang"), f"{path}: no lang"
    assert root.get("dir") in ("ltr", "rtl"), f"{path}: no dir"
    assert len(page.find_all("h1")) == 1, f"{path}: not one h1"
    assert page.title.startswith(page.h1), f"{path}: title “{page.title}” does not start with h1 “{page.h1}”"
    in_her_language = WORDS_BY_LANGUAGE.get(root.get("lang"), ())
    for banned in (page.title, path):
        assert not banned_in(banned, (*BANNED_WORDS, *in_her_language)), f"{path}: banned word"  # R7
    ids = [node.get("id") for node in page.tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids)), f"{path}: id twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    _check_labels(page, path, set(ids))
    for node in page.tree.iter():
        inline = [name for name in node.attrib if name == "style" or str(name).startswith("on")]
        assert not inline, f"{path}: inline {inline}"  # R39
    assert not page.find_all("style"), f"{path}: inline style, which is for first visits alone"
    assert all(script.get("src") for script in page.find_all("script")), f"{path}: inline script"
    assert "no-store" in page.headers.get("Cache-Control", ""), f"{path}: may be stored"  # R8
    assert "ETag" not in page.headers and "Last-Modified" not in page.headers, f"{path}: may be revalidated"  # R8
    assert page.headers.get("Content-Security-Policy", "").startswith("default-src 'none'"), f"{path}: no policy"  # R39
    _check_nothing_foreign(page, path)
    if not path.startswith(("/staff", "/demo")):
        _check_leave(page, path)


def _check_leave(page: Page, path: str) -> None:
    stops = [
        node
        for node in page.tree.iter()
        if node.tag in (XHTML + "a", XHTML + "button", XHTML + "input", XHTML + "select", XHTML + "textarea")
        and node.get("type") != "hidden"
    ]
    quiet_front = path == "/" and not page.find_all("a", class_="leave")
    if quiet_front:
        return
    assert any(stop.get("href") == "/leave" for stop in stops[:3]), f"{path}: no Leave in the first 3 tab stops"  # R1


def _check_labels(page: Page, path: str, ids: set[str]) -> None:
    labelled = {label.get("for") for label in page.find_all("label")}
    wrapped = {id(field) for label in page.find_all("label") for field in label.iter()}
    assert {target for target in labelled if target} <= ids, f"{path}: label for nothing"
    for tag in ("input", "select", "textarea"):
        for field in page.find_all(tag):
            if field.get("type") in ("hidden", "submit"):
                continue
            named = field.get("id") in labelled or id(field) in wrapped or field.get("aria-label")
            assert named, f"{path}: {tag} {field.get('name')} has no label"


def _check_nothing_foreign(page: Page, path: str) -> None:
    """R5: nothing on a page is fetched from another host; help services' own addresses are only links."""
    for tag, attribute in (("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("form", "action")):
        for node in page.find_all(tag):
            assert not urlsplit(node.get(attribute) or "").netloc, f"{path}: foreign {tag}"


def _names(form) -> list[str]:
    return [
        node.get("name")
        for tag in ("input", "select", "textarea")
        for node in form.iter(XHTML + tag)
        if node.get("name")
    ]


def _has_button(form, press: tuple[str, str] | None) -> bool:
    return press is None or any(
        (button.get("name"), button.get("value")) == press for button in form.iter(XHTML + "button")
    )


def _values(form) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in form.iter(XHTML + "input"):
        name, kind = field.get("name"), field.get("type", "text")
        if name and (kind not in ("radio", "checkbox") or field.get("checked") is not None):
            values[name] = field.get("value", "on" if kind == "checkbox" else "")
    for field in form.iter(XHTML + "textarea"):
        values[field.get("name")] = "".join(field.itertext())
    for field in form.iter(XHTML + "select"):
        options = list(field.iter(XHTML + "option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        if chosen:
            values[field.get("name")] = chosen[0].get("value", words(chosen[0]))
    return values
