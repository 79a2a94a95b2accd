"""The file of a backup: what goes in comes out, and nothing that was cut, altered or made with another key opens."""

import io
import json
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Date, DateTime, Double, Integer, LargeBinary, String, Time

from portal.core.database import Base, EncryptedText
from portal.jobs import tables
from portal.jobs.backup import rows, sealed
from portal.jobs.backup.sealed import CHUNK, MAGIC, CannotUse, SealedWriter

assert tables.ALL
KEY = bytes(range(32))


def written(lines: list[bytes], key: bytes = KEY) -> bytes:
    file = io.BytesIO()
    out = SealedWriter(file, key)
    for line in lines:
        out.line(line)
    out.finish()
    return file.getvalue()


def read(content: bytes, key: bytes = KEY) -> list[bytes]:
    return list(sealed.lines(io.BytesIO(content), key))


def some_bytes(seed: int, size: int) -> bytes:
    """Bytes that cannot be packed, without line breaks, so that chunks really fill."""
    return random.Random(seed).randbytes(size).replace(b"\n", b"\0")


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300).map(lambda line: line.replace(b"\n", b" ")), max_size=30))
def test_lines_come_out_as_they_went_in(lines):
    assert read(written(lines)) == lines


@pytest.mark.parametrize("size", [0, 1, CHUNK - 40, CHUNK - 16, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7])
def test_also_around_the_ends_of_chunks(size):
    lines = [some_bytes(1, size), b"the last"]
    assert read(written(lines)) == lines


def test_lines_that_pack_well_come_out_a_little_at_a_time():
    content = written([b"x" * 30_000_000])
    assert len(content) < CHUNK
    assert max(len(part) for part in sealed._unpacked(io.BytesIO(content), KEY)) <= CHUNK
    assert read(content) == [b"x" * 30_000_000]


WHOLE = written([some_bytes(number, 1000) for number in range(200)])


def test_nothing_of_it_can_be_read_in_the_file():
    assert b"Rosamunde" not in written([b"Rosamunde Example"] * 1000)


@pytest.mark.parametrize("seed", range(100))
def test_a_single_changed_bit_anywhere_is_found(seed):
    place = seed if seed < 60 else random.Random(seed).randrange(len(WHOLE))
    altered = bytearray(WHOLE)
    altered[place] ^= 1 << (seed % 8)
    with pytest.raises(CannotUse):
        read(bytes(altered))


@pytest.mark.parametrize("at", [0, 1, 16, 24, 47, 48, 49, 48 + CHUNK + 17, 48 + 2 * (CHUNK + 17), -1, -17, -18])
def test_cut_off_anywhere_it_is_refused_also_between_two_chunks(at):
    with pytest.raises(CannotUse, match=r"not whole|not a backup"):
        read(WHOLE[:at])


def test_a_missing_end_is_seen_by_the_seal_alone_whatever_is_packed_inside():
    with pytest.raises(CannotUse, match="not whole: it was cut off"):
        list(sealed._opened(io.BytesIO(WHOLE[: 48 + CHUNK + 17]), KEY))


@pytest.mark.parametrize("more", [b"\0", WHOLE, b"x" * (CHUNK + 17)], ids=["a byte", "itself", "a chunk"])
def test_something_behind_its_end_is_refused(more):
    with pytest.raises(CannotUse):
        read(WHOLE + more)


def test_chunks_that_change_places_are_refused():
    start, size = 48, CHUNK + 17
    one, two = WHOLE[start : start + size], WHOLE[start + size : start + 2 * size]
    with pytest.raises(CannotUse):
        read(WHOLE[:start] + two + one + WHOLE[start + 2 * size :])


def test_another_key_is_named_as_what_is_wrong():
    with pytest.raises(CannotUse, match="another PORTAL_BACKUP_KEY"):
        read(WHOLE, bytes(32))


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"portal", MAGIC[:-1]])
def test_other_files_are_no_backups(content):
    with pytest.raises(CannotUse, match="not a backup"):
        read(content)


instants = st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # made aware beside it
kinds_and_values = st.lists(
    st.one_of(
        st.tuples(st.just("bytes"), st.none() | st.binary()),
        st.tuples(st.just("bool"), st.booleans()),
        st.tuples(st.just("int"), st.none() | st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just("instant"), st.none() | instants),
        st.tuples(st.just("date"), st.dates()),
        st.tuples(st.just("time"), st.times()),
        st.tuples(st.just("text"), st.none() | st.text()),
        st.tuples(st.just("float"), st.floats(allow_nan=False)),
        st.tuples(st.just("json"), st.dictionaries(st.text(), st.lists(st.text() | st.integers() | st.none()))),
    ),
    min_size=1,
)


@given(kinds_and_values)
def test_every_value_of_a_row_comes_back_as_it_was(row):
    kinds, values = [kind for kind, _ in row], [value for _, value in row]
    line = rows.to_line(kinds, values)
    assert b"\n" not in line

    assert rows.from_line(kinds, json.loads(line)) == values


def test_an_instant_of_sqlite_is_utc_and_one_of_postgresql_the_same():
    naive = datetime(2026, 12, 1, 10, 0, 0, 123456)  # noqa: DTZ001  # as SQLite keeps it
    assert rows.to_line(["instant"], [naive]) == rows.to_line(["instant"], [naive.replace(tzinfo=UTC)])


@pytest.mark.parametrize(
    ("column_type", "kind"),
    [(LargeBinary(), "bytes"), (Boolean(), "bool"), (Integer(), "int"), (DateTime(), "instant"), (Date(), "date"),
     (Time(), "time"), (JSON(), "json"), (Double(), "float"), (String(10), "text")],
)  # fmt: skip
def test_types_have_kinds(column_type, kind):
    assert rows.kind_of(column_type) == kind


def test_every_column_of_bytes_is_a_sealed_one():
    """A backup says which field keys it needs by the bytes it holds: others would make no sense there."""
    sealed_columns = {
        (mapper.class_.__tablename__, value.name)
        for mapper in Base.registry.mappers
        for value in vars(mapper.class_).values()
        if isinstance(value, EncryptedText)
    }
    of_bytes = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert of_bytes == sealed_columns
