"""Words as they are compared: without accents, doubled letters and the spellings that sound alike; pure."""

import re
import unicodedata

from portal.core.digits import western

_APART: dict[int, None] = dict.fromkeys(map(ord, "’'‘`´ʼʻ′ـ\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
"""Left out: apostrophes, the stretched Arabic line, joiners and marks of direction."""


def _series(*pairs: tuple[int, int]) -> dict[int, int | str]:
    return {written + order: sounds + order for written, sounds in pairs for order in range(8)}


def _each(written: str, sounds: str) -> dict[int, int | str]:
    return dict(zip(map(ord, written), sounds, strict=True))


_ALIKE: dict[int, int | str] = {
    **_each("أإآٱةىئېیؤکڪھہۀە", "ااااهييييوككهههه"),
    **_each("łŁıđĐøØ", "lLidDoO"),
    ord("ß"): "ss",
    ord("œ"): "oe",
    ord("æ"): "ae",
    ord("Œ"): "oe",
    ord("Æ"): "ae",
    # Ethiopic: ሠ ኀ ሐ ዐ ፀ ኸ ቐ sound as ሰ ሀ ሀ አ ጸ ከ ቀ, or are taken for them.
    **_series((0x1220, 0x1230), (0x1280, 0x1200), (0x1210, 0x1200), (0x12D0, 0x12A0), (0x1340, 0x1338)),
    **_series((0x12B8, 0x12A8), (0x1250, 0x1240)),
    **_each("ኣዓሃሓኃጒኵኲቊቝ", "አአሀሀሀጉኩኩቁቁ"),
}
_BENGALI = (("ড়", "র"), ("ঢ়", "র"), ("য়", "\ue000"), ("য", "জ"), ("\ue000", "য"), ("়", ""), ("ঁ", ""))
"""Bengali letters of more than one sign, and signs that many leave out; in this order."""
_BENGALI_ALIKE = str.maketrans("ীূণশষৎঙ", "িুনসসতং")

_ACCENTS = ((0x0300, 0x036F), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED), (0x135D, 0x135F))
"""Marks that change no letter: Latin accents, Arabic vowels, Ethiopic length. Bengali vowel signs are letters."""


def folded(text: str) -> list[str]:
    """The words of a text, each in the one form under which it is compared; it is total."""
    plain = western(text).translate(_APART).translate(_ALIKE)
    plain = unicodedata.normalize("NFKD", plain).casefold().translate(_ALIKE)
    plain = "".join(letter for letter in plain if not _is_accent(letter)).translate(_APART)
    for written, sounds in _BENGALI:
        plain = plain.replace(written, sounds)
    plain = plain.translate(_BENGALI_ALIKE)
    spaced = "".join(letter if _is_of_a_word(letter) else " " for letter in plain)
    # Letters doubled or drawn out count once: "stopp", "heeelp".
    return re.sub(r"(\D)\1+", r"\1", spaced).split()


def _is_accent(letter: str) -> bool:
    return not letter.isascii() and any(first <= ord(letter) <= last for first, last in _ACCENTS)


def _is_of_a_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter)[0] in "LNM"
