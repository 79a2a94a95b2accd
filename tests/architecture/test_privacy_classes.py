"""Every column is classed, and what is personal or special is sealed unless it is named as plain (R32)."""

import pytest
from sqlalchemy import LargeBinary

from portal.core.database import Base
from portal.jobs import tables
from portal.privacy.registry import CLASSES, PLAIN, class_of

assert tables.ALL
COLUMNS = [
    pytest.param(table.name, column, id=f"{table.name}.{column.name}")
    for table in Base.metadata.sorted_tables
    for column in table.columns
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_is_classed_and_sealed_where_it_must_be(table, column):  # R32
    found = class_of(table, column.name)
    assert found in ("public", "internal", "personal", "special"), "class it in portal/privacy/registry.py"
    sealed = isinstance(column.type, LargeBinary)
    if found in ("personal", "special"):
        assert sealed != (f"{table}.{column.name}" in PLAIN), "seal it, or name it in PLAIN with a reason to be plain"
    else:
        assert not sealed, "what is sealed is personal or special"


def test_the_registry_names_nothing_that_is_not_there():
    there = {(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns}
    named = {
        (table, name) for table, classes in CLASSES.items() for names in classes.values() for name in names.split()
    }
    assert named <= there
    assert {tuple(name.split(".")) for name in PLAIN} <= there
