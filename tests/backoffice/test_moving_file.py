"""The list of current clients as people's programs really write it: read whole, or every fault said with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.backoffice import moving_file
from portal.backoffice.moving_file import COLUMNS, LARGEST_FILE, MOST_ROWS, read, template

HEAD = "Called name,Phone,Language,Keyworker\r\n"
TWO = HEAD + 'Rose,07700 900123,English,Jo Example\r\n"نور, الكبرى",07700 900124,Arabic,Jo Example\r\n'


def names(data: bytes) -> list[str]:
    lines, faults = read(data)
    assert faults == [], [str(fault) for fault in faults]
    return [line.cells["called name"] for line in lines]


def faults(data: bytes | str) -> list[str]:
    return [str(fault) for fault in read(data.encode() if isinstance(data, str) else data)[1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_every_way_in_which_programs_save_a_list_gives_the_same_women(encoding, delimiter, line_end):
    text = TWO.replace(", ", "\x00").replace(",", delimiter).replace("\x00", ", ").replace("\r\n", line_end)
    assert names(text.encode(encoding)) == ["Rose", "نور, الكبرى"]


def test_old_windows_letters_and_a_line_that_names_the_delimiter_are_read():
    assert names((HEAD + "Zoë O’Hara,,,Jo\r\n").encode("cp1252")) == ["Zoë O’Hara"]
    assert names(("sep=;\r\n" + HEAD.replace(",", ";") + "Rose;;;Jo\r\n").encode()) == ["Rose"]


def test_quotes_line_ends_inside_them_blank_lines_and_empty_columns_on_the_right_are_read():
    text = 'Called name,Phone,Keyworker,,\r\n\r\n,,,,\r\n"Rose\r\nMary",,"Jo ""J"" Example",,\r\n   ,\r\nSana,,Jo\r\n'
    lines, found = read(text.encode())
    assert found == []
    assert [(line.number, line.cells["called name"]) for line in lines] == [(4, "Rose Mary"), (7, "Sana")]
    assert lines[0].cells["keyworker"] == 'Jo "J" Example'


def test_the_template_can_be_read_and_its_example_is_no_woman():
    lines, found = read(template())
    assert lines == [] and "no woman in it" in str(found[0])
    assert template().decode("utf-8-sig").splitlines()[0].split(",") == list(COLUMNS.values())
    assert names(template() + b"Rose,,,Jo,,,,,,,,,,,\r\n") == ["Rose"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "there is nothing in it"),
        (b" \r\n ", "there is nothing in it"),
        (b"PK\x03\x04" + b"x" * 50, "Save as"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, "Save as"),
        (b"x" * (LARGEST_FILE + 1), "too large: at most 256 kilobytes"),
        (b"\x81\x8d\x8f", "its letters cannot be read"),
        (HEAD + '"Rose,,,Jo\r\nSana,,,Jo\r\n', "Line 2: from here on it cannot be read"),
        (HEAD, "there is no woman in it"),
        ("Name,Phone\r\nRose,\r\n", "Line 1: the column “Called name” is missing"),
        (HEAD.replace("Language", "Phone") + "Rose,,,Jo\r\n", "Line 1, Phone: this column is there twice"),
        (HEAD.replace("Language", "Offence") + "Rose,,,Jo\r\n", "Line 1, Offence: this column is not known"),
        (HEAD + "Rose,,,Jo,more\r\n", "Line 2: “more” stands under no heading"),
        (HEAD + "=HYPERLINK(1),,,Jo\r\n", "Line 2, Called name: this looks like a formula"),
        (HEAD + "Rose,,,@SUM(A1)\r\n", "Line 2, Keyworker: this looks like a formula"),
        (HEAD + "R" * 10_000 + ",,,Jo\r\n", "Line 2, Called name: that is too long"),
        (HEAD + "Rose,,,Jo\r\n" * (MOST_ROWS + 1), f"At most {MOST_ROWS} go at once"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(data, words):
    found = faults(data)
    assert any(words in fault for fault in found), found


def test_every_fault_of_every_line_is_said_at_once():
    assert len(faults(HEAD + "=1,,,=2\r\nRose,,,Jo\r\n=3,,,Jo,x\r\n")) == 4


def test_a_plus_before_a_number_and_the_apostrophe_of_spreadsheets_are_no_formula():
    lines, found = read((HEAD + "Rose,+44 7700 900123,,Jo\r\nSana,'07700900124,,Jo\r\n").encode())
    assert found == []
    assert lines[0].cells["phone"] == "+44 7700 900123"
    assert lines[1].cells["phone"] == "07700900124"


@given(st.binary(max_size=400))
def test_whatever_bytes_come_it_answers_with_lines_or_faults(data):
    lines, found = read(data)
    assert lines or found


@given(st.text(max_size=300))
def test_whatever_text_comes_no_cell_holds_a_control_letter(text):
    lines, _ = read((HEAD + text).encode("utf-8", "replace"))
    assert not [cell for line in lines for cell in line.cells.values() if any(ord(letter) < 32 for letter in cell)]


def test_lines_are_numbered_as_the_spreadsheet_shows_them():
    lines, _ = read((HEAD + "Rose,,,Jo\r\n\r\nSana,,,Jo\r\n").encode())
    assert [line.number for line in lines] == [2, 4]
    assert moving_file.MOST_FAULTS >= 100
