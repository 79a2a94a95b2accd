"""What the page of numbers is asked for: which quarter, and by what."""

from wtforms import SelectField

from portal.reports.page import LEVEL_NAMES
from portal.reports.quarters import Quarter
from portal.web.forms import PortalForm, to_choose


class QuarterForm(PortalForm):
    """Choosing stays in the address, so that a page can be kept and shared."""

    class Meta:
        csrf = False

    quarter = SelectField("Quarter")
    by = SelectField("Show", choices=to_choose(LEVEL_NAMES.items()), default="all")

    def offer(self, quarters: list[Quarter]) -> None:
        """Offer these quarters; without a choice the first."""
        self.quarter.choices = to_choose((quarter.code, quarter.name) for quarter in quarters)
        self.quarter.data = self.quarter.data or quarters[0].code
        self.by.data = self.by.data or "all"
