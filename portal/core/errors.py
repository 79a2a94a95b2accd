"""Refusals as facts: a service raises them, the page that called it puts them in words."""


class Refusal(Exception):
    """Something was asked for that the rules do not allow; nothing was changed."""


class NotFound(Refusal):
    """The record is not there, or must look as if it were not (R29)."""


class MovedTo(NotFound):
    """The record with the id `was` goes on in the one with the id `to`."""

    def __init__(self, was: int, to: int) -> None:
        super().__init__("moved")
        self.was, self.to = was, to


class NotAllowed(Refusal):
    """This person may not do that."""


class Stale(Refusal):
    """The record changed since the person read it, so her answer may no longer fit."""


class Invalid(Refusal):
    """A value breaks a rule: `field` names the form field, `reason` is a short code, never wording."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
