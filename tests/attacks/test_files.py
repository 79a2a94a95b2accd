"""Files that are meant to hurt whoever reads them: bombs, other kinds of files, odd letters; refused kindly."""

import csv
import io
import time
import tracemalloc
import zipfile

import pytest

from portal.core.database import session, unit_of_work
from portal.help import spreadsheet
from portal.help.models import Service
from tests.help.rows import file as directory
from tests.help.rows import row
from tests.support import make, sign_in

HEAD = b"Called name,Phone,Language,Keyworker\r\n"


def zip_bomb() -> bytes:
    """A packed file of 20 kB that is 20 MB when unpacked."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    return target.getvalue()


FILES = {
    "a packed spreadsheet": zip_bomb(),
    "one line of 5 MB": b"x" * 5_000_000,
    "a million lines": b"a\n" * 1_000_000,
    "just under the limit, all commas": HEAD + b"," * 250_000,
    "just under the limit, all lines": HEAD + b"a\n" * 120_000,
    "just under the limit, a quote in each": HEAD + b'"' * 250_000,
    "a quote that is never closed": HEAD + b'"' + b"x\n" * 60_000,
    "nul letters": HEAD + b"Ro\x00se,,,Jo\r\n",
    "nul alone": b"\x00" * 1000,
    "utf-16 cut in the middle of a letter": (HEAD + b"Rose,,,Jo\r\n").decode().encode("utf-16")[:-1],
    "half a letter": HEAD + b"\xe2\x82,,,Jo\r\n",
    "lone surrogates": HEAD + b"\xed\xa0\x80,,,Jo\r\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100,
    "a page": b"<html><script>alert(1)</script></html>",
    "nothing": b"",
}


@pytest.fixture
def manager(either_database, app, travel):
    return make.staff("manager", make.centre())


def sent(browser, address: str, field: str, name: str):
    content = FILES[name]
    began = time.process_time()
    tracemalloc.start()
    try:
        page = browser.post(
            address,
            {**{known: browser.page.field(known) for known in ("csrf_token", "request_key")},
             field: (io.BytesIO(content), "list.csv")},
        )  # fmt: skip
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 60_000_000, f"{most} bytes"
    assert time.process_time() - began < 30
    return page


OLD_WINDOWS = ("half a letter", "lone surrogates")
"""Read as the letters of old Windows, which any bytes are: the preview shows them before anything is made."""


@pytest.mark.parametrize("name", [name for name in FILES if name not in OLD_WINDOWS])
def test_the_list_of_clients_refuses_it(manager, page_client, name):
    sign_in.staff_at(page_client, manager, "/staff/start/clients")
    page = sent(page_client, "/staff/start/clients", "list", name)
    assert page.status == (413 if len(FILES[name]) > 512 * 1024 else 422)
    assert len(page.html) < 400_000


@pytest.mark.parametrize("name", FILES)
def test_the_directory_refuses_it(manager, page_client, name):
    sign_in.staff_at(page_client, manager, "/staff/help/import")
    page = sent(page_client, "/staff/help/import", "file", name)
    assert page.status in (413, 422)
    assert len(page.html) < 400_000
    assert session.query(Service).count() == 0


def test_a_nul_typed_into_the_directory_s_text_is_refused(manager, page_client):
    """PostgreSQL takes none."""
    sign_in.staff_at(page_client, manager, "/staff/help/import")
    fields = {known: page_client.page.field(known) for known in ("csrf_token", "request_key")}
    page = page_client.post("/staff/help/import", {**fields, "text": directory(row(name="Odd\x00"))})
    assert page.status == 422 and "it holds letters that no CSV file has" in page.text


FORMULAS = ["=1+1", " =1+1", "\u3000＝1+1", "+44", "-2", "@SUM(A1)", "＠SUM(A1)"]


def test_no_cell_of_any_csv_file_that_the_portal_gives_out_is_a_formula(manager, app, page_client):
    with unit_of_work():
        for number, name in enumerate(FORMULAS):
            values = spreadsheet.values_of(row(key=f"s{number}", name=name, hours_note=f"\t{name}"))
            session.add(Service(**values, published=True))
    sign_in.staff_at(page_client, manager, "/staff/today")
    files = {}
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and rule.rule.startswith("/staff"):
            answer = page_client.client.get(rule.rule)
            if answer.mimetype == "text/csv":
                files[rule.rule] = answer.get_data(as_text=True).removeprefix("\ufeff")
    assert set(files) == {
        "/staff/help/export",
        "/staff/start/clients/list.csv",
        "/staff/reports/numbers.csv",
        "/staff/reports/dictionary.csv",
    }
    for text in files.values():
        for cells in csv.reader(io.StringIO(text, newline="")):
            assert not [cell for cell in cells if spreadsheet_would_run(cell)]
    given = {cells["name"] for cells in csv.DictReader(io.StringIO(files["/staff/help/export"], newline=""))}
    assert given == {f"'{name.strip()}" for name in FORMULAS}


def spreadsheet_would_run(cell: str) -> bool:
    return cell.strip(" \u3000\u00a0\ufeff")[:1] in tuple("=+-@\t\r＝＋－＠")
