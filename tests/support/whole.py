"""Every row of a database, to compare two of them."""

from typing import Any

from sqlalchemy import select

from portal.core.database import Base, make_engine
from portal.jobs import tables

assert tables.ALL


def all_rows(url: str, *without: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table but some, in the order of their keys."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return {
                table.name: [dict(row) for row in connection.execute(_in_order(table)).mappings()]
                for table in Base.metadata.sorted_tables
                if table.name not in without
            }
    finally:
        engine.dispose()


def _in_order(table):
    return select(table).order_by(*table.primary_key)
