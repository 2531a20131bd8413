"""Count the parts of a text message, which is what it costs."""

from dataclasses import dataclass
from enum import StrEnum

#: 3GPP TS 23.038 section 6.2.1: the basic table, and the characters behind the escape, which cost two.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM_7 = _BASIC | _EXTENDED

#: Typography that costs a whole message its cheap alphabet, with the plain form that says the same.
_PLAIN = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
    }
)
_ASTRAL = 0xFFFF


class Encoding(StrEnum):
    """The alphabet in which a text message travels."""

    GSM_7 = "gsm7"
    UCS_2 = "ucs2"


@dataclass(frozen=True)
class Segments:
    """What a text message costs: so many parts in this alphabet."""

    parts: int
    encoding: Encoding

    @property
    def is_unicode(self) -> bool:
        """Whether a character needs the alphabet of 70 characters a part instead of 160."""
        return self.encoding is Encoding.UCS_2


#: Units of one single part, and of each of several, which carry a header (3GPP TS 23.040 section 9.2.3.24.1).
_SINGLE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_JOINED = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}


def plain(text: str) -> str:
    """Return the text with plain spaces, quotes and dashes; letters are never touched."""
    return text.translate(_PLAIN)


def count(text: str) -> Segments:
    """Return the parts of a text message; no character is split over two parts."""
    characters = set(text)
    encoding = Encoding.GSM_7 if characters <= _GSM_7 else Encoding.UCS_2
    costly = {each for each in characters if _is_costly(each, encoding)}
    units = len(text) + sum(text.count(each) for each in costly)
    if units <= _SINGLE[encoding]:
        return Segments(1, encoding)
    room = _JOINED[encoding]
    if not costly:
        return Segments(-(-units // room), encoding)
    parts, used = 1, 0
    for character in text:
        unit = 2 if character in costly else 1
        if used + unit > room:
            parts, used = parts + 1, 0
        used += unit
    return Segments(parts, encoding)


def _is_costly(character: str, encoding: Encoding) -> bool:
    """Whether it takes two septets, or two UTF-16 code units."""
    return character in _EXTENDED if encoding is Encoding.GSM_7 else ord(character) > _ASTRAL
