"""The form that stops all sending."""

from wtforms.validators import InputRequired

from portal.web.forms import PortalForm, one_line


class StopForm(PortalForm):
    """Why all sending must stop."""

    messages = {("why", "missing"): "Say why.", ("why", "too_long"): "Use 200 letters or fewer."}

    why = one_line("Why must all sending stop?", longest=200, validators=[InputRequired("Say why.")])
