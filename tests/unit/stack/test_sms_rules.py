"""What the SMS simulator refuses, and what becomes of what it accepts."""

from __future__ import annotations

import pytest

from stack.sms import rules

GOOD = {"To": "+15025550123", "From": "+15025550100", "Body": "Your child's defense is on Monday."}


def test_accepts_a_complete_message() -> None:
    assert rules.refusal(GOOD, opted_out=()) is None


def test_accepts_a_messaging_service_instead_of_a_number() -> None:
    form = {"To": GOOD["To"], "MessagingServiceSid": "MG1", "Body": "x"}

    assert rules.refusal(form, opted_out=()) is None


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"To": ""}, 400, 21604),
        ({"From": ""}, 400, 21603),
        ({"Body": ""}, 400, 21602),
        ({"Body": "x" * 1601}, 400, 21617),
        ({"To": "5025550123"}, 400, 21211),
        ({"To": "+15005550001"}, 400, 21211),
        ({"To": "+15005550002"}, 400, 21612),
        ({"To": "+15005550003"}, 400, 21408),
        ({"To": "+15005550004"}, 400, 21610),
        ({"To": "+15005550009"}, 400, 21614),
        ({"To": "+15025559999"}, 400, 21610),
        ({"To": "+15025559997"}, 429, 20429),
        ({"To": "+15025559996"}, 503, 20503),
    ],
)
def test_refuses_as_twilio_does(changed: dict[str, str], status: int, code: int) -> None:
    refused = rules.refusal({**GOOD, **changed}, opted_out=())

    assert refused is not None
    assert (refused.status, refused.code) == (status, code)


def test_refuses_those_who_opted_out() -> None:
    assert rules.refusal(GOOD, opted_out={GOOD["To"]}) == rules.OPTED_OUT


@pytest.mark.parametrize(
    ("body", "kind"),
    [("STOP", "STOP"), (" stop ", "STOP"), ("Start", "START"), ("info", "HELP"), ("Stop texting me", "")],
)
def test_knows_the_keywords_of_a_reply(body: str, kind: str) -> None:
    assert rules.opt_out_type(body) == kind


def test_brings_a_message_to_its_recipient() -> None:
    assert rules.course("+15025550123", "queued") == [("sent", None), ("delivered", None)]


def test_goes_on_where_a_stop_has_interrupted() -> None:
    assert rules.course("+15025550123", "sent") == [("delivered", None)]


def test_does_not_reach_the_number_made_for_it() -> None:
    assert rules.course("+15025559998", "queued") == [("sent", None), ("undelivered", 30003)]
