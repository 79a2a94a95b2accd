"""The check of translations finds each kind of fault that would put English or nonsense before a woman."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import catalogues

TEMPLATE = """
<h1>{% trans %}Your next time{% endtrans %}</h1>
<p>{% trans name=name %}
   You see {{ name }}
   soon.
{% endtrans %}</p>
<p>{% trans num=count %}One word{% pluralize %}{{ num }} words{% endtrans %}</p>
"""
RULES = "from flask_babel import lazy_gettext\nWORD = lazy_gettext('Coming')\n"
TEXT = "{% trans when=when %}Time {{ when }}.{% endtrans %}"

TRANSLATED = {
    'msgid "Your next time"\nmsgstr ""': 'msgid "Your next time"\nmsgstr "Ta prochaine fois"',
    'msgid "Coming"\nmsgstr ""': 'msgid "Coming"\nmsgstr "Je viens"',
    'msgid "You see %(name)s soon."\nmsgstr ""': 'msgid "You see %(name)s soon."\nmsgstr "Tu vois %(name)s."',
    'msgid "Time %(when)s."\nmsgstr ""': 'msgid "Time %(when)s."\nmsgstr "Heure %(when)s."',
    'msgstr[0] ""\nmsgstr[1] ""': 'msgstr[0] "Un mot"\nmsgstr[1] "%(num)s mots"',
}


@pytest.fixture
def po(tmp_path, monkeypatch) -> Path:
    """A small checkout with one complete French catalogue."""
    for name, text in {
        "templates/home/today.html": TEMPLATE,
        "templates/sms/reminder.txt": TEXT,
        "portal/booking/rules.py": RULES,
        "translations/babel.cfg": (catalogues.FOLDER / "babel.cfg").read_text(),
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    catalogues.update(languages=("en", "fr"))
    catalogue = tmp_path / "translations/fr/LC_MESSAGES/messages.po"
    text = catalogue.read_text()
    for empty, full in TRANSLATED.items():
        assert empty in text
        text = text.replace(empty, full)
    catalogue.write_text(text)
    return catalogue


def faults() -> list[str]:
    return catalogues.faults(languages=("en", "fr"))


def test_a_complete_catalogue_has_no_faults_and_english_needs_none(po):
    assert faults() == []
    assert not Path("translations/en").exists()


def test_a_new_word_is_missing_until_it_is_collected_and_then_until_it_is_translated(po):
    page = Path("templates/home/today.html")
    page.write_text(page.read_text() + "{% trans %}Your plan{% endtrans %}")
    assert [fault.partition(": ")[0] for fault in faults()] == [
        "translations/messages.pot lacks “Your plan”",
        "translations/fr/LC_MESSAGES/messages.po lacks “Your plan”",
    ]
    catalogues.update(languages=("en", "fr"))
    assert faults() == ["translations/fr/LC_MESSAGES/messages.po: “Your plan” is not translated"]
    assert "Ta prochaine fois" in po.read_text()


def test_a_word_that_nobody_uses_any_more_is_stale(po):
    Path("templates/sms/reminder.txt").write_text("")
    assert faults() == ["translations/messages.pot still has “Time %(when)s.”: run make words"]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("Tu vois %(name)s.", "Tu vois %(nom)s.", "other placeholders"),
        ("Tu vois %(name)s.", "Tu vois.", "other placeholders"),
        ("%(num)s mots", "%(n)s mots", "other placeholders"),
        ("Je viens", "", "not translated"),
        ("%(num)s mots", "", "not translated"),
    ],
)
def test_a_spoilt_translation_is_a_fault(po, before, after, fault):
    text = po.read_text()
    line = next(line for line in text.splitlines() if line.startswith("msgstr") and f'"{before}"' in line)
    po.write_text(text.replace(line, line.replace(before, after)))
    assert len(faults()) == 1
    assert fault in faults()[0]


def test_a_guessed_translation_is_a_fault(po):
    po.write_text(po.read_text().replace('msgid "Coming"', '#, fuzzy\nmsgid "Coming"'))
    assert faults() == ["translations/fr/LC_MESSAGES/messages.po: “Coming” is marked fuzzy"]


def test_a_missing_catalogue_is_a_fault(po):
    po.unlink()
    assert faults() == ["translations/fr/LC_MESSAGES/messages.po is missing: run make words"]


def test_a_template_that_cannot_be_read_is_not_passed_over(po):
    Path("templates/home/today.html").write_text("{% trans %}Your next time")
    with pytest.raises(Exception, match="unclosed translation block"):
        faults()


def test_the_app_looks_words_up_as_they_were_collected(tmp_path):
    code = (
        "from portal.app import create_app; from portal.core.settings import Settings;"
        f"app = create_app(Settings.from_env({{'PORTAL_DATABASE_URL': 'sqlite:///{tmp_path}/none.db'}}));"
        "print(app.jinja_env.from_string('{% trans %} One\\n  line. {% endtrans %}|').module)"
    )
    # In a process of its own, because create_app connects the whole process to its database.
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout == "One line.|\n", result.stderr
