"""What `make check` tells of the Nu HTML checker: faults once, no warnings, and in CI no checker is a fault."""

import pytest

from tests.support import nu
from tests.support.pages import PageClient


def test_each_fault_is_told_once_and_advice_is_not():
    bad = {"type": "error", "message": "Stray end tag", "url": "file:/pages/today-1.html", "extract": "</b>\n</p>"}
    again = {**bad, "url": "file:/pages/plan-2.html"}
    advice = {"type": "info", "message": "Section lacks heading", "url": "file:/pages/today-1.html"}
    assert nu.faults([bad, again, advice]) == ["today-1.html: Stray end tag </b> </p>"]


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_without_the_checker_only_ci_fails(tmp_path, monkeypatch, capsys, ci, status):
    monkeypatch.setenv("CI", ci)
    assert nu.main(tmp_path, tmp_path) == status
    assert "not asked" in capsys.readouterr().out


def test_of_pages_built_alike_one_is_kept(app, monkeypatch, tmp_path):
    monkeypatch.setenv(nu.KEEP, str(tmp_path / "pages"))
    browser = PageClient(app)
    for address in ("/now", "/now", "/privacy"):
        browser.get(address)
    assert sorted(file.name[:4] for file in (tmp_path / "pages").iterdir()) == ["now-", "priv"]
