"""Parts of a text message: the borders of 3GPP TS 23.040 and TS 23.038."""

from __future__ import annotations

import pytest

from stack.sms.segments import segments


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # 153 is odd: the 77th euro sign is not cut in two.
        ("€" * 153, 3),
        ("ñ" * 160, 1),
        ("á" + "a" * 69, 1),
        ("á" + "a" * 70, 2),
        ("ع" * 134, 2),
        ("ع" * 135, 3),
        ("🎒" * 35, 1),
        ("🎒" * 36, 2),
    ],
)
def test_counts_parts(body: str, parts: int) -> None:
    assert segments(body) == parts
