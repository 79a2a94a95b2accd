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
from portal.reports import queries, service
from portal.reports.models import QuarterNumbers
from portal.reports.quarters import Quarter
from tests.reports import records
from tests.support import make, sign_in
from tests.support.measures import statements

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


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_manager_reads_the_last_quarter_that_is_settled(page_client, manager, women):
    page = sign_in.staff_at(page_client, manager, "/staff/reports")
    assert page.status == 200
    assert "July to September 2026" in page.text
    assert "80 women were referred" in page.text
