"""Every figure has one definition, which page, dictionary and docs share."""

import pytest

from portal.plan.rules import Pathway
from portal.reports import figures, page
from portal.reports.figures import SECTIONS
from portal.reports.hiding import Level, Table
from tests.support import figures as written

PARTS = [(section, part) for section in SECTIONS for part in section.parts]


def test_the_docs_say_what_the_page_says():
    assert written.is_fresh(), "python -m tests.support.figures --write"


@pytest.mark.parametrize(("section", "part"), PARTS, ids=lambda one: one.code)
def test_every_definition_is_one_sentence_of_its_own(section, part):
    for figure in (section.base, *part.figures):
        assert figure.definition.endswith(".")
        assert figure.definition.count(". ") == 0
    assert len({figure.definition for figure in part.figures}) == len(part.figures)


def test_every_pathway_lies_in_one_service_category():
    listed = [pathway for pathways in figures.CATEGORIES.values() for pathway in pathways]
    assert sorted(listed) == sorted(pathway.value for pathway in Pathway)


def test_a_category_is_hidden_where_one_of_its_pathways_is():
    name, pathways = next((name, both) for name, both in figures.CATEGORIES.items() if len(both) == 2)
    blocks = [("need",), ("none", "unsaid")]
    tables = {f"need_{pathway}": Table(blocks, [[7], [9]]) for pathway in pathways}
    assert page.in_category(Level([(1,)], tables), name, 0) == 14
    tables[f"need_{pathways[0]}"] = Table([("need", "none"), ("unsaid",)], [[7], [9]])
    assert page.in_category(Level([(1,)], tables), name, 0) is None


def test_a_number_is_told_only_where_it_follows_from_what_is_shown():
    level = Level([(1,)], {"x": Table([("a", "b"), ("c",)], [[12], [8]])})
    assert page.told(level, "x", ["c"], 0) == 8
    assert page.told(level, "x", ["a", "b", "c"], 0) == 20
    assert page.told(level, "x", ["a"], 0) is None
    assert page.told(level, "x", ["a", "c"], 0) is None
    assert page.told(level, "y", ["c"], 0) is None
    assert page.told(None, "x", ["c"], 0) is None
