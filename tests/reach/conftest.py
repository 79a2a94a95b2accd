"""The world of these tests: built once for a module, put back after what changed it."""

import pytest

from tests.reach import world as worlds


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with worlds.built(tmp_path_factory.mktemp("reach")) as world:
        yield world


@pytest.fixture
def world(built):
    built.back()
    yield built
    built.back()
