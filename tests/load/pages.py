"""Bytes on the wire and queries of the main pages."""

from pathlib import Path

from sqlalchemy import event

from tests.load.wire import Wire
from tests.support import live

PAGES = ("/now", "/help", "/sign-in", "/today", "/plan", "/appointments", "/appointments/new", "/me")


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """The style sheet's bytes, then each page's HTML, compressed, and its queries."""
    rows = []
    with live.portal(folder, worker=False) as portal:
        wire = Wire(portal.address)
        sheet = next(part for part in wire.get("/now", compressed=False).body.decode().split('"') if "site." in part)
        rows.append(("style sheet of her pages, body", len(Wire(portal.address).get(sheet).body), "B"))
        woman = portal.demo["clients"][0]
        wire.sign_in(woman["code_name"], woman["passcode"])
        rows += [(f"{path} HTML, compressed", len(wire.get(path).body), "B") for path in PAGES]
        wire.close()
    return rows + _queries(folder)


def _queries(folder: Path) -> list[tuple[str, float, str]]:
    from portal.app import create_app
    from portal.core import database
    from portal.core.settings import Settings
    from portal.jobs import demo

    app = create_app(Settings.from_env({"PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.db'}"}))
    woman = demo.as_json()["clients"][0]
    database.session.remove()
    browser = app.test_client()
    token = browser.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    browser.post("/sign-in", data={"csrf_token": token, "code_name": woman["code_name"], "passcode": woman["passcode"]})
    counted: list[str] = []
    event.listen(database.engine(), "before_cursor_execute", lambda *args: counted.append(args[2]))
    rows = []
    for path in PAGES:
        counted.clear()
        browser.get(path)
        rows.append((f"{path} queries", len(counted), ""))
    database.disconnect()
    return rows
