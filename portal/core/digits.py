"""Digits as every keyboard has them: read as western ones, whatever script she writes in."""

_WESTERN = {ord(digit): str(place % 10) for place, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹০১২৩৪৫৬৭৮৯")}


def western(text: str) -> str:
    """A text with its Arabic, Persian and Bengali digits written as western ones."""
    return text.translate(_WESTERN)
