"""Webhooks are signed as Twilio documents it."""

from __future__ import annotations

from stack.sms.signature import sign


def test_signs_twilios_own_example() -> None:
    # The example of twilio.com/docs/usage/security.
    parameters = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }

    signature = sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", parameters)

    assert signature == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_signs_another_address_differently() -> None:
    assert sign("t", "http://a/x", {"A": "1"}) != sign("t", "http://a:80/x", {"A": "1"})
