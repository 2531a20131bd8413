"""How many parts a text message is sent in."""

from __future__ import annotations

#: GSM 03.38 default alphabet, and the characters that cost two because they are escaped.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67


def segments(body: str) -> int:
    """Return the number of parts of a text.

    One that fits GSM 03.38 has 160 characters, or 153 a part; any other is UCS-2 with 70, or 67 a part.
    A character is never cut in two.

    Source: 3GPP TS 23.038 section 6.2.1; TS 23.040 section 9.2.3.24.1 (a part loses 6 octets to its header).
    """
    if set(body) <= GSM_BASIC | GSM_EXTENDED:
        costs = [2 if character in GSM_EXTENDED else 1 for character in body]
        return _parts(costs, single=GSM_SINGLE, part=GSM_PART)
    # Outside the basic plane a character is two UTF-16 code units.
    costs = [len(character.encode("utf-16-be")) // 2 for character in body]
    return _parts(costs, single=UCS2_SINGLE, part=UCS2_PART)


def _parts(costs: list[int], *, single: int, part: int) -> int:
    if sum(costs) <= single:
        return 1
    parts, room = 1, part
    for cost in costs:
        if cost > room:
            parts, room = parts + 1, part
        room -= cost
    return parts
