"""Forms about two records of one woman."""

from wtforms import BooleanField
from wtforms.validators import InputRequired

from portal.web.forms import OnceForm, PortalForm, one_line


class OtherRecordForm(PortalForm):
    """The other record, by its code name."""

    code_name = one_line("Code name of the other record", 60, validators=[InputRequired("Fill this in.")])
    messages = {
        ("code_name", "not_there"): "No open record that you may see has this code name.",
        ("code_name", "same"): "That is this record.",
    }


class MergeForm(OnceForm):
    """That both records are one woman's."""

    sure = BooleanField("I know that both records are hers", validators=[InputRequired("Tick this first.")])
    messages = {
        ("sure", "same"): "That is this record.",
        ("sure", "kept_apart"): "These two must be kept apart: they are two women.",
        ("sure", "keyworker_must_not_know"): "Somebody who must not know of one record is the keyworker of the kept "
        "one. Give that record another keyworker first.",
        ("sure", "worker_must_not_know"): "A coming appointment is with somebody who must not know of the other "
        "record. Move it first.",
        ("sure", "overlap"): "Both records have an appointment at the same time. Move or cancel one first.",
        (
            "sure",
            "partner_must_not_know",
        ): "A partner is asked to help one of them that must not know of the other. "
        "Take that request back first, and tell the partner.",
        ("sure", "not_settled"): "She named somebody who must not know of her, and nobody has found out who that is. "
        "Settle that on her referral first.",
        ("sure", "too_near"): "A coming appointment would be too near to that of somebody whom she must not meet. "
        "Move it first.",
    }

    def say(self, reason: str) -> str:
        """What keeps the records from being joined, in the words of staff."""
        return self.messages[("sure", reason)]
