"""The demo's templates: words that staff send often, in English and Arabic."""

from datetime import datetime

from portal.core.database import session
from portal.messaging.desk_models import TextTemplate

TEMPLATES = (
    ("en", "Answer: time is yours", "That time is yours. See you then."),
    ("en", "Door is open", "The door is open from 9. Come in and ask for tea."),
    ("en", "Running late", "We are running late today. Please come half an hour later."),
    ("ar", "Answer: time is yours", "هذا الوقت لك. نراك حينها."),
    ("ar", "Running late", "نحن متأخرون اليوم. من فضلك تعالي بعد نصف ساعة."),
)


def seed(made_by: int, now: datetime) -> None:
    """Put the templates into the demo, as somebody who works there."""
    for language, title, body in TEMPLATES:
        session.add(TextTemplate(title=title, language=language, body=body, changed_by=made_by, changed_at=now))
