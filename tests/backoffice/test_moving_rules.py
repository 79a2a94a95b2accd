"""What a line of the list says, against who works here: read as people write it, every fault of every line at once."""

from datetime import date

import pytest

from portal.backoffice.moving_file import read
from portal.backoffice.moving_rules import House, Worker, check, read_moment

JO = Worker(1, "Jo Example", "Jo", "jo@example.org", (10,), True)
ANA = Worker(2, "Ana Example", "Ana", "ana@example.org", (10, 11), True)
OTHER_JO = Worker(3, "Jo Other", "Jo", "jo.other@example.org", (11,), True)
DESK = Worker(4, "Sam Example", "Sam", "sam@example.org", (10,), False)
ME = Worker(9, "Frances Example", "Frances", "frances@example.org", (10, 11), True)
HOUSE = House(
    (JO, ANA, OTHER_JO, DESK, ME), {10: "Willow House", 11: "Elm House"},
    {10: {5: "Time with your worker", 6: "Money and letters"}, 11: {}}, 9, date(2026, 12, 1), True,
)  # fmt: skip


def one(**cells: str):
    """One line with these cells (Called_name="Rose"); gives the row and its faults as words."""
    cells = {"Called_name": "Rose", "Keyworker": "Jo Example", **cells}
    head = ",".join(cells)
    lines, broken = read((head + "\r\n" + ",".join(f'"{cell}"' for cell in cells.values())).encode())
    assert broken == [], broken
    rows, faults = check(lines, HOUSE)
    return rows[0], [str(fault) for fault in faults]


def test_a_whole_line_becomes_one_woman():
    row, faults = one(
        Phone="07700 900123", Language="العربية", Must_not_know="Sam, ana@example.org", Kind="money and letters",
        Appointment_1="03/12/2026 14:30", Appointment_2="2026-07-10 2:30 pm", Sessions_needed="2",
        Needed_by="31/01/2027", Counted_from="1 Nov 2026", Reference="REF-1", Reported_by_family="no",
    )  # fmt: skip
    assert faults == []
    assert row == {
        "line": 2, "called_name": "Rose", "number": "+447700900123", "language": "ar", "keyworker_id": 1,
        "centre_id": 10, "must_not_know": [2, 4], "kind_id": 6,
        "times": ["2026-12-03T14:30:00+00:00", "2026-07-10T13:30:00+00:00"],
        "condition": {"needed": 2, "due_on": "2027-01-31", "since": "2026-11-01", "reference": "REF-1",
                      "family": False},
    }  # fmt: skip


def test_what_nobody_said_is_taken_carefully():
    row, faults = one(Sessions_needed="2", Needed_by="31/01/2027")
    assert faults == []
    assert row["must_not_know"] is None, "nobody asked"  # R29
    assert row["condition"]["family"] is True, "counts alone until somebody says otherwise"  # R45
    assert (row["number"], row["kind_id"], row["language"]) == (None, None, "en")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"Called_name": ""}, "write the name"),
        ({"Called_name": "x" * 81}, "at most 80 letters"),
        ({"Phone": "020 7946 0000"}, "not a UK mobile number"),
        ({"Phone": "07911 123456"}, "this is the demo"),
        ({"Phone": "7.7009E+09"}, "has shortened this number"),
        ({"Language": "Klingon"}, "not one of the portal's"),
        ({"Keyworker": ""}, "write her keyworker"),
        ({"Keyworker": "Jo"}, "fits more than one keyworker"),
        ({"Keyworker": "Sam Example"}, "is no keyworker at your centres"),
        ({"Keyworker": "Nobody Here"}, "is no keyworker at your centres"),
        ({"Keyworker": "Ana"}, "works at several centres"),
        ({"Centre": "Moon House"}, "none of your centres: Willow House, Elm House"),
        ({"Centre": "Elm House"}, "Jo does not work there"),
        ({"Must_not_know": "Jo Example"}, "that is her keyworker"),
        ({"Must_not_know": "frances@example.org"}, "that is you"),
        ({"Must_not_know": "Nora"}, "does not work here"),
        ({"Must_not_know": "Jo"}, "fits more than one person"),
        ({"Kind": "Yoga"}, "this centre offers: Time with your worker"),
        ({"Keyworker": "Ana", "Centre": "Elm House", "Appointment_1": "03/12/2026 10:00"}, "no kind of appointment"),
        ({"Appointment_2": "12/31/2026 10:00"}, "write a day and a time like"),
        ({"Appointment_1": "03/12/2026"}, "write a day and a time like"),
        ({"Sessions_needed": "two", "Needed_by": "31/01/2027"}, "write how many, from 1 to 20"),
        ({"Sessions_needed": "2"}, "write by which day"),
        ({"Sessions_needed": "2", "Needed_by": "30/11/2026"}, "before the day from which"),
        ({"Reference": "REF-1"}, "write how many"),
        ({"Sessions_needed": "2", "Needed_by": "31/01/2027", "Reported_by_family": "perhaps"}, "yes or no"),
    ],
)  # fmt: skip
def test_each_fault_is_said_in_words(cells, words):
    _, faults = one(**cells)
    assert any(words in fault and fault.startswith("Line 2") for fault in faults), faults


@pytest.mark.parametrize("typed", ["7700900123", "07700-900-123", "447700900123", "+44 (0)7700 900123", "٠٧٧٠٠٩٠٠١٢٣"])
def test_numbers_are_read_as_spreadsheets_leave_them(typed):
    row, faults = one(Phone=typed)
    assert (row["number"], faults) == ("+447700900123", [])


def test_all_faults_of_a_line_come_together():
    assert len(one(Called_name="", Phone="1", Keyworker="", Language="x", Appointment_1="x")[1]) == 5


@pytest.mark.parametrize(
    ("said", "found"),
    [("3/12/2026 9.15", "2026-12-03 09:15"), ("2026-12-03T14:30:00", "2026-12-03 14:30"),
     ("Thu 3 Dec 2026 2pm", "2026-12-03 14:00"), ("03.12.2026 14:30", "2026-12-03 14:30"),
     ("29/03/2026 01:30", "2026-03-29 01:30"), ("0/0/0 0:0", None), ("03/12/1026 10:00", None)],
)  # fmt: skip
def test_days_and_times(said, found):
    moment = read_moment(said)
    assert (f"{moment:%Y-%m-%d %H:%M}" if moment else None) == found
