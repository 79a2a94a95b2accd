"""The house's own rules, read from the source: one commit site, one clock, words on every door."""

import ast
from pathlib import Path

import pytest

import portal

ROOT = Path(portal.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
STACK = (
    ("views", "staff_views", "webhooks"), ("forms", "reminders", "replies", "records"), ("service", "outbox"),
    ("queries",), ("models",), ("rules",),
)  # fmt: skip
"""Inside a room a file imports only from lines below its own."""


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_public_function_says_what_it_is_for(path):
    tree = _tree(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    if path.stem in ("rules", "queries", "service", "views", "staff_views", "outbox"):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_only_the_unit_of_work_commits():
    committing = [path for path in FILES if ".commit()" in path.read_text()]
    assert committing == [ROOT / "core" / "database.py"]


def test_only_the_clock_reads_the_clock():
    reading = ("datetime.now(", "utcnow(", "date.today(", "time.time(")
    assert [path for path in FILES if any(word in path.read_text() for word in reading)] == [ROOT / "core" / "clock.py"]


def test_services_and_queries_open_no_unit_of_work():
    for path in FILES:
        if path.stem in ("service", "queries", "outbox", "rules", "reminders", "replies", "inbox", "limits"):
            assert "unit_of_work()" not in path.read_text().replace('"""', ""), f"{path} owns no transaction"


def test_rules_know_neither_database_nor_request():
    for path in FILES:
        if path.stem in ("rules", "availability", "segments"):
            imported = {
                name.split(".")[0]
                for node in ast.walk(_tree(path))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in (
                    [node.module] if isinstance(node, ast.ImportFrom) and node.module else [a.name for a in node.names]
                )
            }
            assert not imported & {"flask", "sqlalchemy", "flask_login"}, path


def test_inside_a_room_files_import_only_downwards():
    level = {name: number for number, names in enumerate(STACK) for name in names}
    for path in FILES:
        room = path.parent.name
        if path.stem not in level:
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"portal.{room}"):
                for target in (
                    [node.module.split(".")[2]] if node.module.count(".") > 1 else [a.name for a in node.names]
                ):
                    if target in level:
                        assert level[target] >= level[path.stem], f"{path} imports {target}"
