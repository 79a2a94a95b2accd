"""Reading and writing the directory's file."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.help import spreadsheet
from portal.help.models import Service
from portal.help.rules import COLUMNS
from portal.help.service import SEED
from tests.help.rows import file, row


def faults(text: str) -> list[str]:
    return [str(fault) for fault in spreadsheet.read(text)[1]]


def test_the_file_that_comes_with_the_portal_has_no_fault():
    rows, found = spreadsheet.read(SEED.read_text(encoding="utf-8"))
    assert found == []
    assert len(rows) == 67


def test_every_fault_is_named_by_line_and_column():
    text = file(row(), row(key="second", phone="85258"), row(key="third", source="", cost="cheap"))
    assert faults(text) == [
        "Line 3, phone: this number takes texts only, so it must not stand under phone.",
        "Line 4, source: fill this in.",
        "Line 4, cost: this is not one of the known words.",
    ]


def test_lines_are_counted_as_an_editor_shows_them():
    text = file(row(hours_note="one\ntwo"), row(key="second", source=""))
    assert [fault.split(",")[0] for fault in faults(text)] == ["Line 2", "Line 4"]


def test_the_same_key_twice_is_a_fault():
    assert faults(file(row(), row())) == ["Line 3, key: another line has the same."]


def test_a_number_that_another_line_says_to_text_cannot_be_rung():
    text = file(row(key="a", phone="07700 900123"), row(key="b", phone="", sms="07700900123"))
    assert faults(text) == ["Line 2, phone: this number takes texts only, so it must not stand under phone."]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "The file: there is no entry in it."),
        (",".join(COLUMNS), "The file: there is no entry in it."),
        ('key,"name\nx,y', "The file: this is not a CSV file, or a quotation mark is not closed."),
        ("x" * 200_000 + "\ny", "The file: this is not a CSV file, or a quotation mark is not closed."),
        (file(columns=[name for name in COLUMNS if name != "source"]), "Line 1, source: this column is missing."),
        (file(columns=[*COLUMNS, "street"]), "Line 1, street: this column is not known."),
        (file(columns=[*COLUMNS, "key"]), "Line 1: this line has more or fewer cells than the first line."),
        (file() + "a,b\r\n", "Line 3: this line has more or fewer cells than the first line."),
    ],
)
def test_a_file_that_is_no_directory_is_refused_in_words(text, fault):
    assert faults(text) == [fault]


def test_columns_may_come_in_another_order_with_a_mark_at_the_start_and_empty_lines():
    text = "\ufeff" + file(columns=list(reversed(COLUMNS))) + "\r\n,,\r\n"
    assert spreadsheet.read(text) == ([row()], [])


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_file_as_spreadsheets_of_other_countries_write_it_is_read(delimiter):
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows([COLUMNS, [row()[column] for column in COLUMNS]])
    assert spreadsheet.read(target.getvalue()) == ([row()], [])


@pytest.mark.parametrize("name", ["=1+1", "+44", "-2", "@SUM(A1)"])
def test_no_exported_cell_is_a_formula_and_it_comes_back_as_it_was(name):
    service = Service(**spreadsheet.values_of(row(name=name)))
    text = spreadsheet.write([service])
    cell = next(csv.DictReader(io.StringIO(text)))["name"]
    assert cell == f"'{name}"
    assert spreadsheet.read(text)[0][0]["name"] == name


def test_an_export_is_the_file_again():
    rows, _ = spreadsheet.read(SEED.read_text(encoding="utf-8"))
    text = spreadsheet.write(Service(**spreadsheet.values_of(one)) for one in rows)
    assert spreadsheet.read(text) == (rows, [])


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text):
    rows, found = spreadsheet.read(text)
    assert found
    assert rows == []


def test_what_a_spreadsheet_program_takes_for_dates_is_what_it_was():
    """Excel in the UK takes 24/7 for the 24th of July."""
    for always in ("24-Jul", "24/07/2026", "24/07/26", "24-jul-26"):
        (cells,), found = spreadsheet.read(file(row(hours=always, source_date="May-21")))
        assert (cells["hours"], cells["source_date"], found) == ("24/7", "2021-05", [])
    (cells,), found = spreadsheet.read(file(row(source_date="16/04/2020")))
    assert (cells["source_date"], found) == ("2020-04-16", [])
    assert len(faults(file(row(hours="25-Jul", source_date="Mai-21")))) == 2


def test_the_shipped_file_comes_back_from_excel_as_it_was():
    """It shows 24/7 as 24-Jul, 2021-05 as May-21 and 2020-04-16 as 16/04/2020, and saves what it shows."""
    rows, _ = spreadsheet.read(SEED.read_text(encoding="utf-8"))
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

    def spoilt(cells):
        parts = cells["source_date"].split("-")
        told = {1: parts[0], 2: f"{months[int(parts[-1]) - 1]}-{parts[0][2:]}" if len(parts) == 2 else ""}
        date = told.get(len(parts), "/".join(reversed(parts)))
        return cells | {"hours": cells["hours"].replace("24/7", "24-Jul"), "source_date": date}

    assert spreadsheet.read("\ufeff" + file(*map(spoilt, rows))) == (rows, [])
