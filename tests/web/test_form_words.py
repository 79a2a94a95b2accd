"""What her forms say when something is wrong: our own words, in her language, and none of the form library's."""

import pytest
from babel.support import Translations
from wtforms import DateField, IntegerField, RadioField, SelectField

from portal.core.locales import LANGUAGES
from portal.messaging.wording import CATALOGUES
from portal.web.forms import PortalForm, to_choose

CHOICES = to_choose([("a", "A"), ("b", "B")])
TYPED = {"kind": "zzz", "way": "zzz", "on": "2026-02-30", "number": "many"}


class Odd(PortalForm):
    kind = SelectField("Kind", choices=CHOICES)
    way = RadioField("Way", choices=CHOICES)
    on = DateField("On")
    number = IntegerField("Number")


def said(app, path: str, language: str) -> set[str]:
    asks = {"Accept-Language": language}
    with app.test_request_context(path, method="POST", data=TYPED, headers=asks):
        form = Odd(meta={"csrf": False})
        assert not form.validate()
        return {words for _, words in form.faults}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_form_of_hers_can_read_is_told_in_her_language(app, language):
    ours = Translations.load(CATALOGUES, [language]).gettext("Check this answer.")
    assert said(app, "/refer", language) == {ours}


def test_staff_are_told_what_is_wrong_with_a_date_or_a_number(app):
    assert said(app, "/staff/centres", "so") == {
        "Not a valid choice.", "Not a valid date value.", "Not a valid integer value.",
    }  # fmt: skip


@pytest.mark.parametrize("address", ["/sign-in", "/set-up"])
def test_a_passcode_that_is_far_too_long_is_refused_in_her_language(page_client, address):
    page_client.get("/language")
    page_client.submit("/language", press=("language", "so"))
    page_client.get(address)
    code = {"code": "12345678"} if address == "/set-up" else {}
    page = page_client.submit(address, code_name="Blue Heron 42", passcode="1" * 65, **code)
    ours = Translations.load(CATALOGUES, ["so"]).gettext("Use 32 numbers or fewer.")
    assert page.status == 422 and ours in page.text
