"""Names are made inert, and text messages are counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain.names import inert
from notifications.domain.segments import Encoding, Segments, count, plain
from stack.sms.segments import segments


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("O'Brien", "O'Brien"),
        ("{{7*7}}", "{{7*7}}"),
        ("<script>", "<script>"),
        ("evil.com", "evil. com"),
        ("a@evil", "a @ evil"),
        ("https://evil", "https: evil"),
        ("Ma\u202eya", "Maya"),
        ("Maya\r\nBcc: x", "Maya Bcc: x"),
        ("  \t ", ""),
        ("👩\u200d👧", "👩\u200d👧"),
        ("n\u0303", "ñ"),
        ("x" * 300, "x" * 57 + "..."),
    ],
)
def test_case_19_a_name_is_shown_as_harmless_text(typed: str, shown: str) -> None:
    assert inert(typed) == shown


@given(st.text(max_size=200))
def test_an_inert_name_is_one_line_that_turns_nothing_round(typed: str) -> None:
    shown = inert(typed)

    assert len(shown) <= 60
    assert shown == " ".join(shown.split())
    assert not set(shown) & set("\r\n\u2028\u2029\u202a\u202b\u202d\u202e\u2066\u2067\u2068")


@pytest.mark.parametrize(
    ("text", "parts", "encoding"),
    # The limits of 3GPP TS 23.038 and 23.040.
    [
        ("", 1, Encoding.GSM_7),
        ("a" * 160, 1, Encoding.GSM_7),
        ("a" * 161, 2, Encoding.GSM_7),
        ("a" * 306, 2, Encoding.GSM_7),
        ("a" * 307, 3, Encoding.GSM_7),
        ("€" * 80, 1, Encoding.GSM_7),
        ("€" * 81, 2, Encoding.GSM_7),
        ("ñ" * 160, 1, Encoding.GSM_7),
        ("á" + "a" * 69, 1, Encoding.UCS_2),
        ("á" + "a" * 70, 2, Encoding.UCS_2),
        ("ق" * 70, 1, Encoding.UCS_2),
        ("ق" * 71, 2, Encoding.UCS_2),
        ("😀" * 35, 1, Encoding.UCS_2),
        ("😀" * 36, 2, Encoding.UCS_2),
        # Two parts of 153 hold 306, and an escaped character that would lie across the border goes whole.
        ("a" * 152 + "€" + "a" * 151, 2, Encoding.GSM_7),
        ("a" * 152 + "€" + "a" * 152, 3, Encoding.GSM_7),
        ("a" * 153 * 3, 3, Encoding.GSM_7),
        ("a" * 153 * 3 + "a", 4, Encoding.GSM_7),
        ("a" * 158 + "€", 1, Encoding.GSM_7),
        ("a" * 159 + "€", 2, Encoding.GSM_7),
        ("^{}\\[~]|€" * 8 + "a" * 16, 1, Encoding.GSM_7),
        ("¿¡ñéàèìòùÑÉüöäÜÖÄ" * 9, 1, Encoding.GSM_7),
        # These look Spanish and are not in the cheap alphabet: one of them makes a text of one part three.
        ("ó" + "a" * 159, 3, Encoding.UCS_2),
        ("í" * 134, 2, Encoding.UCS_2),
        ("ú" * 135, 3, Encoding.UCS_2),
        # Nor are a tab and the grave accent.
        ("a\tb", 1, Encoding.UCS_2),
        ("`", 1, Encoding.UCS_2),
        ("न" * 70, 1, Encoding.UCS_2),
        ("न" * 71, 2, Encoding.UCS_2),
        ("a" * 159 + "😀", 3, Encoding.UCS_2),
        # A family of five code points and two joiners is eleven units, and each of them stays whole.
        ("ق" * 60 + "👨\u200d👩\u200d👧", 1, Encoding.UCS_2),
        ("ق" * 63 + "👨\u200d👩\u200d👧", 2, Encoding.UCS_2),
        # An emoji that would lie across the border of a part goes whole into the next one.
        ("ق" * 66 + "😀" + "ق" * 66, 3, Encoding.UCS_2),
    ],
)
def test_case_21_a_text_message_is_counted_in_parts(text: str, parts: int, encoding: Encoding) -> None:
    assert count(text) == Segments(parts, encoding)


@given(st.text(alphabet=st.sampled_from("aé€^áقन😀\u200d\n~"), max_size=400))
def test_case_21_a_text_costs_what_the_provider_counts(text: str) -> None:
    assert count(text).parts == segments(text)


def test_typography_does_not_make_a_text_message_dear() -> None:
    text = plain("10:30\u202fAM \u2014 \u201cMaya\u2019s\u201d\u2026")

    assert text == '10:30 AM - "Maya\'s"...'
    assert count(text).encoding is Encoding.GSM_7
