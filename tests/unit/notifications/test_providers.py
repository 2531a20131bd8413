"""What the providers' answers mean, how they are asked, and who may call our webhooks."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.notifications.notification_examples import NOW, RULES, Examples
from urllib3 import HTTPResponse
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError, ReadTimeoutError
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.auth import ForbiddenError
from chassis.policy import PolicyError
from notifications.clients.pace import Pace
from notifications.clients.sms import Account, SmsGateway
from notifications.clients.sms import outcome_of as sms_outcome
from notifications.clients.smtp_dialogue import outcome_of as mail_outcome
from notifications.domain.delivery import (
    Absent,
    Accepted,
    Answer,
    Found,
    NoAnswer,
    Outcome,
    Postponed,
    Refused,
    Unclear,
    Untried,
)
from notifications.domain.messages import Message
from notifications.domain.reasons import Reason
from notifications.domain.suppressions import Wish
from notifications.entrypoints.webhooks import SignatureCheck, twiml
from notifications.repository.policies import DistrictPolicies

ACCOUNT = Account(
    url="http://sms.example",
    sid="AC1",
    auth_token="secret",
    number="+15025550100",
    status_url="https://school.example/webhooks/sms/status",
)


@pytest.mark.parametrize(
    ("code", "text", "about_address", "outcome"),
    [
        (451, b"4.3.0 Try again later", True, Postponed(Reason.PROVIDER_BUSY)),
        (421, b"closing", False, Postponed(Reason.PROVIDER_BUSY)),
        (452, b"4.2.2 Mailbox full", True, Postponed(Reason.PROVIDER_BUSY)),
        (550, b"5.1.1 No such user", True, Refused(Reason.ADDRESS_REFUSED, suppress=True)),
        (550, b"No such user", True, Refused(Reason.ADDRESS_REFUSED, suppress=True)),
        (550, b"5.7.1 Blocked by policy", True, Refused(Reason.CARRIER_FILTERED)),
        (554, b"No", True, Refused(Reason.CARRIER_FILTERED)),
        (552, b"5.3.4 Too big", False, Refused(Reason.CONTENT_REFUSED)),
        (250, b"What?", False, Postponed(Reason.PROVIDER_FAILED)),
    ],
)
def test_case_6_a_relay_s_code_decides(code: int, text: bytes, about_address: bool, outcome: Outcome) -> None:
    assert mail_outcome(code, text, about_address=about_address) == outcome


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (201, {}, {"sid": "SM1"}, Accepted("SM1")),
        (201, {}, {}, Unclear(Reason.ANSWER_LOST)),
        (429, {"Retry-After": "7"}, {"code": 20429}, Postponed(Reason.PROVIDER_BUSY, 7.0)),
        (429, {"Retry-After": "tomorrow"}, {}, Postponed(Reason.PROVIDER_BUSY)),
        (429, {"Retry-After": "999999"}, {}, Postponed(Reason.PROVIDER_BUSY, 3600.0)),
        (503, {}, {}, Postponed(Reason.PROVIDER_BUSY)),
        (500, {}, {}, Unclear(Reason.ANSWER_LOST)),
        (502, {}, {}, Unclear(Reason.ANSWER_LOST)),
        (401, {}, {"code": 20003}, Postponed(Reason.PROVIDER_REFUSES_US)),
        (400, {}, {"code": 21610}, Refused(Reason.OPTED_OUT, suppress=True)),
        (400, {}, {"code": 21211}, Refused(Reason.ADDRESS_REFUSED, suppress=True)),
        (400, {}, {"code": 21611}, Postponed(Reason.PROVIDER_BUSY)),
        (400, {}, {"code": 99999}, Refused(Reason.PROVIDER_FAILED)),
        (400, {}, {"code": "odd"}, Refused(Reason.PROVIDER_FAILED)),
    ],
)
def test_case_4_and_14_the_sms_provider_s_answer_is_understood(
    status: int, headers: dict[str, str], body: dict[str, Any], outcome: Outcome
) -> None:
    assert sms_outcome(status, headers, body) == outcome


class ScriptedHttp:
    """The provider's HTTP, in place of a pool of connections: one answer or error for every call."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.forms: list[dict[str, str]] = []

    def request(self, method: str, url: str, *, fields: dict[str, str], **_: Any) -> HTTPResponse:
        self.forms.append(fields)
        if isinstance(self.answer, Exception):
            raise self.answer
        response: HTTPResponse = self.answer
        return response


def response(status: int, text: str) -> HTTPResponse:
    return HTTPResponse(text.encode(), status=status)


def gateway(http: ScriptedHttp) -> SmsGateway:
    made = SmsGateway(ACCOUNT, pace=Pace(1000))
    made._http = http  # type: ignore[assignment]  # one of a pool's methods is enough
    return made


def sent(http: ScriptedHttp, *messages: Message, may_go_on: bool = True) -> list[Outcome]:
    found = gateway(http).send_all(messages, rules=RULES, may_go_on=lambda: may_go_on)
    return [outcome for _, outcome in found]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectTimeoutError(), Postponed(Reason.PROVIDER_UNREACHABLE)),
        (NewConnectionError(None, "refused"), Postponed(Reason.PROVIDER_UNREACHABLE)),  # type: ignore[arg-type]  # unused
        (ProtocolError("cut"), Unclear(Reason.ANSWER_LOST)),
        (ReadTimeoutError(None, "/", "mute"), Unclear(Reason.ANSWER_LOST)),  # type: ignore[arg-type]  # unused
    ],
)
def test_case_3_only_a_call_that_never_arrived_may_be_repeated_unasked(
    make: Examples, error: Exception, outcome: Outcome
) -> None:
    assert sent(ScriptedHttp(error), make.sending()) == [outcome]


def test_case_4_a_provider_out_of_reach_is_tried_once_a_batch(make: Examples) -> None:
    http = ScriptedHttp(ConnectTimeoutError())

    outcomes = sent(http, make.sending(), make.sending(message_id="m-2"))

    assert outcomes == [Postponed(Reason.PROVIDER_UNREACHABLE)] * 2
    assert len(http.forms) == 1


def test_what_no_longer_fits_into_the_lease_is_given_back(make: Examples) -> None:
    http = ScriptedHttp(response(201, '{"sid": "SM1"}'))

    assert sent(http, make.sending(), may_go_on=False) == [Untried()]
    assert http.forms == []


def test_a_text_goes_out_with_its_deadline_and_our_reference(make: Examples) -> None:
    http = ScriptedHttp(response(201, '{"sid": "SM1"}'))

    sent(http, make.sending(), make.sending(deadline=NOW + timedelta(seconds=90)))

    assert http.forms[0] == {
        "To": "+15025550101",
        "From": "+15025550100",
        "Body": "Hello",
        "ValidityPeriod": "36000",
        "StatusCallback": "https://school.example/webhooks/sms/status?district=jcps&message=m-1",
    }
    assert http.forms[1]["ValidityPeriod"] == "90"


@pytest.mark.parametrize("text", ["not JSON", "[]"])
def test_an_answer_that_is_no_object_is_no_answer(make: Examples, text: str) -> None:
    assert sent(ScriptedHttp(response(201, text)), make.sending()) == [Unclear(Reason.ANSWER_LOST)]


def row(sid: str, body: str = "Hello", at: str = "Fri, 20 Nov 2026 15:00:01 +0000") -> str:
    return f'{{"sid": "{sid}", "body": "{body}", "date_created": "{at}"}}'


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([], Absent()),
        ([row("SM1")], Found("SM1")),
        ([row("SM2"), row("SM1")], Found("SM1")),
        ([row("SM1", body="Something else")], Absent()),
        ([row("SM1", at="Fri, 20 Nov 2026 14:50:00 +0000")], Absent()),
        ([row("theirs")], Absent()),
        ([row(f"SM{n}", body="Something else") for n in range(200)], NoAnswer()),
    ],
)
def test_case_2_the_provider_s_list_says_whether_it_took_a_text(
    make: Examples, rows: list[str], answer: Answer
) -> None:
    http = ScriptedHttp(response(200, f'{{"messages": [{",".join(rows)}]}}'))

    assert gateway(http).ask(make.unknown(), others=lambda ids: {"theirs"} & set(ids)) == answer


@pytest.mark.parametrize(
    "broken", [ProtocolError("cut"), response(500, ""), response(200, "{}"), response(200, "no")]
)
def test_a_provider_that_cannot_say_has_not_answered(make: Examples, broken: Any) -> None:
    assert gateway(ScriptedHttp(broken)).ask(make.unknown(), others=lambda ids: ()) == NoAnswer()


def test_a_pace_lets_callers_through_evenly() -> None:
    now, slept = [100.0], list[float]()
    pace = Pace(4, clock=lambda: now[0], sleep=slept.append)

    for _ in range(3):
        pace.wait()
    now[0] = 200.0
    pace.wait()

    assert slept == [0.25, 0.5]


def request(url: str, form: dict[str, str], signature: str) -> Request:
    builder = EnvironBuilder(
        path="/webhooks/sms/status?message=m-1",
        base_url=url,
        method="POST",
        data=form,
        headers=[("X-Twilio-Signature", signature)],
    )
    return Request(builder.get_environ())


CHECK = SignatureCheck(auth_token="secret", public_url="https://school.example/")
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered"}
SIGNATURE = CHECK.sign("https://school.example/webhooks/sms/status?message=m-1", FORM)


def test_the_signature_is_the_one_of_twilio_s_documentation() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    check = SignatureCheck(auth_token="12345", public_url="")

    # twilio.com/docs/usage/security, the worked example.
    signed = check.sign("https://mycompany.com/myapp.php?foo=1&bar=2", form)

    assert signed == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_case_13_a_signed_webhook_passes_behind_a_proxy_that_changes_scheme_and_port() -> None:
    assert CHECK.form(request("http://10.0.0.7:8004", FORM, SIGNATURE)) == FORM


@pytest.mark.parametrize(
    ("form", "signature"),
    [(FORM, ""), (FORM, "Zm9yZ2Vk"), (FORM, "é"), ({**FORM, "MessageStatus": "failed"}, SIGNATURE)],
)
def test_case_13_a_forged_or_changed_webhook_is_refused(form: dict[str, str], signature: str) -> None:
    with pytest.raises(ForbiddenError):
        CHECK.form(request("http://10.0.0.7:8004", form, signature))


def test_an_answer_to_the_provider_is_twiml() -> None:
    assert twiml().get_data(as_text=True) == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    assert "<Message>A &amp; B</Message>" in twiml("A & B").get_data(as_text=True)


def test_the_packaged_policies_are_valid_and_honest_about_who_has_read_the_texts() -> None:
    policies = DistrictPolicies("")

    rules = policies.rules("jcps", on=date(2026, 11, 22))
    keywords = policies.keywords("jcps", on=date(2026, 11, 22))

    assert rules.district == "jcps"
    assert list(rules.languages.known) == ["en", "es", "ar", "so", "sw", "rw", "ne"]
    assert rules.languages.reviews == ()
    assert set(keywords.answers) == set(Wish)
    assert all(set(said) == set(rules.languages.known) for said in keywords.answers.values())
    with pytest.raises(PolicyError):
        policies.rules("jcps", on=date(2020, 1, 1))


def test_a_district_whose_language_nobody_can_write_dates_in_stops_the_start(tmp_path: Path) -> None:
    language = {"tag": "hmn", "locale": "hmn", "direction": "ltr"}
    version = {
        "version": "1",
        "effective": "2026-01-01",
        "texts_version": "2026-11",
        "fallback": "hmn",
        "send_unreviewed": True,
        "known": [language],
    }
    (tmp_path / "jcps").mkdir()
    (tmp_path / "jcps" / "languages.json").write_text(json.dumps([version]))

    with pytest.raises(PolicyError, match="locale"):
        DistrictPolicies(str(tmp_path))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"direction": "ltr"}, "is not that of the locale"), ({"tag": "fa"}, "is none of the known languages")],
)
def test_case_20_a_language_that_would_stand_the_wrong_way_round_stops_the_start(
    tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    language = {"tag": "prs", "locale": "fa_AF", "direction": "rtl", **wrong}
    version = {
        "version": "1",
        "effective": "2026-01-01",
        "texts_version": "2026-11",
        "fallback": "prs",
        "send_unreviewed": True,
        "known": [language],
    }
    (tmp_path / "jcps").mkdir()
    (tmp_path / "jcps" / "languages.json").write_text(json.dumps([version]))

    with pytest.raises(PolicyError, match=said):
        DistrictPolicies(str(tmp_path))
