"""The page of a quarter, and its files."""

import csv
import io

import pytest
from sqlalchemy import select, update

from portal.audit.models import AuditEntry
from portal.clients.models import Restriction
from portal.core import clock
from portal.core.database import session, unit_of_work
from portal.diversion.models import Referral
from portal.jobs import tasks
from portal.reports import queries, service
from portal.reports.models import QuarterNumbers
from portal.reports.quarters import Quarter
from tests.reports import records
from tests.support import make, sign_in
from tests.support.measures import statements
from tests.support.pages import XHTML, words

SVG = "{http://www.w3.org/2000/svg}"
SUMMER = Quarter(2026, 3)
HOUSES = (
    ("Elm House", "Camden"),
    ("Fern House", "Islington"),
    ("Gorse House", "Lambeth"),
    ("Hazel House", "Southwark"),
)


@pytest.fixture
def centres(app, travel):
    return [make.centre(name, borough=borough) for name, borough in HOUSES]


@pytest.fixture
def manager(centres):
    return make.staff("manager", *centres, first_name="Frances")


@pytest.fixture
def women(centres):
    """80 women put on the scheme in July to September 2026; it is 1 December."""
    kind, worker = make.kind("Time", *centres), make.staff("keyworker", *centres)
    with unit_of_work():
        return records.fill(SUMMER, centres, kind, worker, 80)


def part_of(page, code: str):
    """The section of a page with this subject."""
    return page.find_all("section", id=code)[0]


def texts(node, tag: str, **attributes: str) -> list[str]:
    """What stands in the elements with this tag below another one."""
    found = [one for one in node.iter(XHTML + tag) if all(one.get(name) == value for name, value in attributes.items())]
    return [words(one) for one in found]


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_manager_reads_the_last_quarter_that_is_settled(page_client, manager, women):
    page = sign_in.staff_at(page_client, manager, "/staff/reports")
    assert page.status == 200
    assert "July to September 2026" in page.text
    assert "80 women were referred" in page.text


def test_quarter_and_groups_stay_in_the_address(page_client, manager, women):
    page = sign_in.staff_at(page_client, manager, "/staff/reports?quarter=2026-q3&by=borough")
    assert texts(part_of(page, "referrals"), "th", scope="col")[:3] == ["Women", "All", "Camden"]
    chosen = [option.get("value") for option in page.find_all("option", selected="")]
    assert chosen == ["2026-q3", "borough"]


@pytest.mark.parametrize("asked", ["quarter=2026-q4", "quarter=2031-q1", "quarter=x", "by=client", "by=borough%27"])
def test_a_quarter_that_is_not_over_or_a_group_that_is_not_there_is_refused_clearly(page_client, manager, women, asked):
    sign_in.as_staff(page_client, manager)
    page = page_client.get(f"/staff/reports?{asked}")
    assert page.status == 422
    assert "Please check" in page.text
    assert "women were referred" not in page.text


def test_only_managers_read_the_numbers(new_page_client, centres, manager):
    for role in ("keyworker", "receptionist", "admin", "referrer"):
        browser = new_page_client()
        sign_in.as_staff(browser, make.staff(role, *centres, first_name=role))
        for address in ("/staff/reports", "/staff/reports/numbers.csv", "/staff/reports/dictionary.csv"):
            assert browser.get(address).status == 403


def test_numbers_once_taken_stay_as_they_were_whatever_the_records_become(page_client, manager, women):
    """Two looks on two days would tell what happened to one woman between them (R33)."""
    before = sign_in.staff_at(page_client, manager, "/staff/reports").text
    with unit_of_work():
        session.execute(update(Referral).values(state="declined"))
        session.query(Referral).filter(Referral.client_id.in_(women[:40])).delete()
    assert page_client.get("/staff/reports").text == before


def test_numbers_are_the_same_for_a_manager_who_must_not_know_of_some_women(new_page_client, centres, manager, women):
    """R29: were they fewer for her, two managers could tell whom one of them must not know."""
    other = make.staff("manager", centres[3], first_name="Olive")
    with unit_of_work():
        session.add_all(Restriction(client_id=one, staff_id=other.id, since_at=clock.now()) for one in women[:30])
    first = sign_in.staff_at(new_page_client(), other, "/staff/reports?by=centre")
    second = sign_in.staff_at(new_page_client(), manager, "/staff/reports?by=centre")
    assert first.text == second.text


def test_whoever_looks_or_saves_stands_in_the_log(page_client, manager, women):
    sign_in.staff_at(page_client, manager, "/staff/reports")
    page_client.get("/staff/reports/numbers.csv")
    session.remove()
    rows = session.scalars(select(AuditEntry).where(AuditEntry.action.like("numbers_%")).order_by(AuditEntry.id)).all()
    assert [(row.action, row.subject, row.actor_id) for row in rows] == [
        ("numbers_read", "quarter:2026-q3", manager.id),
        ("numbers_saved", "quarter:2026-q3", manager.id),
    ]


def test_the_file_says_what_the_pages_say_and_no_more(page_client, manager, women):
    sign_in.staff_at(page_client, manager, "/staff/reports")
    answer = page_client.get("/staff/reports/numbers.csv?quarter=2026-q3")
    rows = rows_of(answer)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="numbers-2026-q3.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    for level in ("all", "borough", "centre", "source"):
        page = page_client.get(f"/staff/reports?by={level}")
        row = next(row for row in part_of(page, "referrals").iter(XHTML + "tr") if row.get("class") == "base")
        shown = texts(row, "td")
        wanted = (level, "referrals", "all")
        saved = [one["value"] or "hidden" for one in rows if (one["level"], one["section"], one["part"]) == wanted]
        assert saved == (shown if level == "all" else shown[1:])
    for one in rows:
        assert (one["value"] == "") == (one["shown"] == "hidden")
        if one["unit"] in ("women", "sessions", "conditions") and one["value"]:
            assert one["value"] == "0" or int(one["value"]) >= 5  # R33


def test_the_dictionary_defines_every_line_of_the_file(page_client, manager, women):
    sign_in.staff_at(page_client, manager, "/staff/reports")
    lines = {
        (row["section"], row["part"], row["figure"]) for row in rows_of(page_client.get("/staff/reports/numbers.csv"))
    }
    defined = {
        (row["section"], row["part"], row["figure"])
        for row in rows_of(page_client.get("/staff/reports/dictionary.csv"))
    }
    for section, part, figure in lines:
        for code in figure.split("+"):
            assert (section, part, "category" if part == "categories" else code) in defined


def test_a_file_holds_nothing_that_a_spreadsheet_would_run(page_client, centres, manager, women):
    with unit_of_work():
        for number, centre in enumerate(centres):
            session.get(type(centre), centre.id).name = f"=HYPERLINK({number})"
    sign_in.staff_at(page_client, manager, "/staff/reports")
    text = page_client.get("/staff/reports/numbers.csv").text
    assert "=HYPERLINK" in text
    assert ",=" not in text and '"=' not in text


def test_every_chart_is_said_in_one_sentence_and_stands_above_its_table(page_client, manager, women):
    page = sign_in.staff_at(page_client, manager, "/staff/reports")
    sections = page.find_all("section")
    assert len(sections) == 7
    for section in sections:
        for chart in section.iter(SVG + "svg"):
            title = next(chart.iter(SVG + "title"))
            assert chart.get("role") == "img"
            assert chart.get("aria-labelledby") == title.get("id")
            assert words(title) == texts(section, "p")[0]
            numbers = [words(text) for text in chart.iter(SVG + "text")][1::2]
            told = [number for number in numbers if number != "hidden"]
            assert told
            assert all(f" {number}" in words(title) for number in told)
        assert texts(section, "caption")


def test_a_small_scheme_is_told_nothing_about_its_few_women(page_client, centres, manager):
    kind, worker = make.kind("Time", *centres), make.staff("keyworker", *centres)
    with unit_of_work():
        records.fill(SUMMER, centres, kind, worker, 4)
    page = sign_in.staff_at(page_client, manager, "/staff/reports")
    assert page.text.count("Fewer than 5 women: nothing is shown.") >= 4
    numbers = [row for row in rows_of(page_client.get("/staff/reports/numbers.csv")) if row["value"] not in ("", "0")]
    assert numbers == []


def test_a_page_asks_the_database_few_things_however_many_women(app, centres, women):
    with statements() as asked:
        service.counted(SUMMER, clock.now())
    assert len(asked) <= 20
    few = len(asked)
    kind, worker = make.kind("More time", *centres), make.staff("keyworker", *centres)
    with unit_of_work():
        records.fill(SUMMER, centres, kind, worker, 60, seed=2)
    with statements() as asked:
        service.counted(SUMMER, clock.now())
    assert len(asked) == few


def test_the_worker_takes_a_quarter_on_the_day_on_which_it_is_settled(app, travel, women):
    travel.to("2026-10-14 23:59")
    tasks.take_numbers()
    assert queries.quarter_numbers(SUMMER) is None
    travel.to("2026-10-15 00:01")
    tasks.take_numbers()
    session.remove()
    taken = session.scalars(select(QuarterNumbers)).one()
    assert (taken.starts_on, taken.taken_at) == (SUMMER.starts_on, travel.now)
    tasks.take_numbers()
    travel.forward(minutes=1)
    tasks.take_numbers()
    assert session.scalars(select(QuarterNumbers.taken_at)).one() < travel.now


def test_nothing_is_taken_while_there_is_nothing_to_count(app, travel, centres):
    tasks.take_numbers()
    assert session.scalars(select(QuarterNumbers)).all() == []
