"""How many text messages a body needs, and how to write it so that it needs fewer; pure."""

import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM7 = _BASIC | _EXTENSION

_ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}


class Segments(NamedTuple):
    """A body as networks count: `letters` are septets or UTF-16 units, `left_in_part` those free in the last part."""

    encoding: Encoding
    letters: int
    parts: int
    left_in_part: int


def count(body: str) -> Segments:
    """Count a body; an empty one needs no part. An escaped letter or a surrogate pair is never split over two parts."""
    encoding: Encoding = "GSM-7" if is_gsm7(body) else "UCS-2"
    sizes = [_size(letter, encoding) for letter in body]
    letters = sum(sizes)
    if letters <= _ALONE[encoding]:
        return Segments(encoding, letters, min(letters, 1), _ALONE[encoding] - letters)
    parts, in_last = _packed(sizes, _JOINED[encoding])
    return Segments(encoding, letters, parts, _JOINED[encoding] - in_last)


def is_gsm7(body: str) -> bool:
    """Whether every letter is in GSM-7's basic or extension table."""
    return _GSM7.issuperset(body)


def fold(body: str, gsm7_language: bool) -> str:
    """Straighten quotes, dashes and spaces; in a language written in GSM-7, drop the accents that GSM-7 lacks.

    Accents go only if that makes the whole body GSM-7: a name in another script keeps everything as it was written.
    """
    straight = _straightened(body)
    if not gsm7_language or is_gsm7(straight):
        return straight
    plain = "".join(_plain(letter) for letter in straight)
    return plain if is_gsm7(plain) else straight


def _size(letter: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if letter in _EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _packed(sizes: Iterable[int], capacity: int) -> tuple[int, int]:
    parts, used = 1, 0
    for size in sizes:
        if used + size > capacity:
            parts, used = parts + 1, 0
        used += size
    return parts, used


def _table(pairs: Iterable[tuple[str, str]]) -> dict[int, str]:
    return {ord(letter): straight for letters, straight in pairs for letter in letters}


_STRAIGHT = _table((
    ("‘’‚‛′´`ʹʻʼˈ‵", "'"),
    ("“”„‟″‶", '"'),
    ("‐‑‒–—―−﹘﹣－", "-"),
    ("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    ("\r\x85\u2028\u2029", "\n"),
    ("\u00ad\u200b\u2060\ufeff", ""),
    ("…", "..."),
))  # fmt: skip

_LOOKALIKES = _table((
    ("ł", "l"), ("Ł", "L"), ("ı", "i"), ("đðɗ", "d"), ("ĐÐƊ", "D"), ("ħ", "h"), ("Ħ", "H"), ("ŧ", "t"), ("Ŧ", "T"),
    ("þ", "th"), ("Þ", "Th"), ("œ", "oe"), ("Œ", "OE"), ("ŋ", "n"), ("Ŋ", "N"), ("ɓ", "b"), ("Ɓ", "B"), ("ƙ", "k"),
    ("Ƙ", "K"), ("ẞ", "ß"), ("«»", '"'), ("‹›", "'"), ("•·", "-"), ("⁄", "/"),
))  # fmt: skip


def _straightened(body: str) -> str:
    text = body.replace("\r\n", "\n").translate(_STRAIGHT)
    shown = "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs"))
    # Composing can bring back what was straightened: U+1FEF becomes a backtick, U+2000 another space.
    return unicodedata.normalize("NFC", shown).translate(_STRAIGHT)


def _plain(letter: str) -> str:
    """A letter of GSM-7 as it is, any other without its marks, so that a Polish name stays readable in one part."""
    if letter in _GSM7:
        return letter
    parts = unicodedata.normalize("NFKD", letter).translate(_LOOKALIKES)
    return "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))
