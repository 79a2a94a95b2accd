"""Forms about whose caseload a woman is on."""

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from portal.web.forms import OnceForm

_AWAY = "This person is away, and nobody covers for her. Choose somebody else, or have her cover noted first."
_MOVED = "Somebody changed this meanwhile. Nothing was changed now: look at the list again."


class KeyworkerForm(OnceForm):
    """Another keyworker for her; `was` is whom the page showed as her keyworker."""

    to_id = SelectField("Keyworker", coerce=int)
    was = IntegerField(widget=HiddenInput(), default=0)
    messages = {
        ("to_id", "not_there"): "This keyworker does not work at her centre.",
        ("to_id", "elsewhere"): "This keyworker does not work at her centre.",
        ("to_id", "same"): "She is her keyworker already.",
        ("to_id", "must_not_know"): "This person must not know of her.",
        ("to_id", "away"): _AWAY,
        ("to_id", "moved"): "Somebody gave her another keyworker meanwhile. Nothing was changed now.",
    }


class TransferForm(OnceForm):
    """Clients of one keyworker for another."""

    to_id = SelectField(
        "To whom", coerce=lambda value: int(value or 0), validators=[InputRequired("Choose a keyworker.")]
    )
    messages = {
        ("to_id", "not_there"): "This person cannot take them over.",
        ("to_id", "elsewhere"): "This person does not work at their centre. Nobody was moved.",
        ("to_id", "same"): "Choose somebody else.",
        ("to_id", "must_not_know"): "This person must not know of any of them. Nobody was moved. Ask the manager.",
        ("to_id", "away"): _AWAY,
        ("to_id", "moved"): _MOVED,
        ("to_id", "missing"): "Tick whom to move.",
    }
