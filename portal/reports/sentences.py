"""One sentence for each chart that says what it shows."""

from collections.abc import Sequence

from portal.reports.figures import Section

_BASE = {
    "referrals": "{n} women were referred",
    "needs": "{n} women were asked about their needs",
    "agreement": "{n} women answered whether they agree with their plan",
    "sessions": "{n} sessions were due",
    "conditions": "{n} conditions were due",
    "distance": "{n} women said at the end how things were going",
    "closed": "{n} records were closed",
}
_CHARTED = {"needs": "with some or a high need: ", "distance": "further on than at the start: "}


def sentence(section: Section, base: int | None, values: Sequence[tuple[str, int | None]]) -> str:
    """What a section's chart shows, in one sentence: how many there are, then each bar, and what is hidden."""
    if base is None:
        return "Fewer than 5 women: nothing is shown."
    begins = _BASE[section.code].format(n=base)
    if base == 0:
        return f"{begins}."
    told = ", ".join(f"{label} {value}" for label, value in values if value is not None)
    hidden = ", ".join(label for label, value in values if value is None)
    parts = [f"{_CHARTED.get(section.code, '')}{told}"] if told else []
    parts += [f"hidden: {hidden}"] if hidden else []
    return f"{begins}: {'; '.join(parts)}."
