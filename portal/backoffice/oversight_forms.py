"""The forms that stop sending."""

from wtforms.validators import InputRequired

from portal.core.errors import Invalid
from portal.web.forms import PortalForm, one_line


class StopForm(PortalForm):
    """Why all sending must stop."""

    messages = {("why", "missing"): "Say why.", ("why", "too_long"): "Use 200 letters or fewer."}

    why = one_line("Why must all sending stop?", longest=200, validators=[InputRequired("Say why.")])


class TextsOffForm(PortalForm):
    """Why no text may leave for a woman."""

    messages = {("why_off", "missing"): "Say why.", ("why_off", "too_long"): "Use 200 letters or fewer."}

    why_off = one_line("Why must no text go to a woman?", longest=200, validators=[InputRequired("Say why.")])

    def refuse(self, refusal: Invalid) -> None:
        """Show a refusal of the reason at its field."""
        super().refuse(Invalid("why_off", refusal.reason))
