"""Case 29: clocks jump, texts are edited, keys are replaced; and still everything is told once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.notifications.notification_examples import NOW, RULES, Examples, World
from tests.unit.notifications.notification_letters import SENDER
from tests.unit.notifications.notification_service import Service
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from chassis.auth import ForbiddenError
from chassis.settings import read
from notifications.clients.phrases import Phrasebook
from notifications.clients.rendering import JinjaRenderer
from notifications.domain.addresses import AddressRefusedError, normalised
from notifications.domain.delivery import Absent, Found, learn
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Purpose, State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.entrypoints.webhooks import SignatureCheck, signature_check
from notifications.settings import NotificationsSettings, NotificationsSettingsSchema
from notifications.use_cases.telling import tell_families

HOUR_S = 3600.0
ENVIRONMENT = {
    "AMQP_URL": "amqp://u:p@h/v",
    "MONGO_URL": "mongodb://h",
    "MONGO_DATABASE": "d",
    "HTTP_ADDRESS": "h:1",
    "JWKS_FILE": "keys.json",
    "JWT_ISSUER": "i",
    "SMTP_URL": "smtp://user:mail-secret@h",
    "EMAIL_FROM": "a@b.example",
    "SMS_URL": "https://sms.example",
    "SMS_ACCOUNT_SID": "AC1",
    "SMS_AUTH_TOKEN": "token-now",
    "SMS_AUTH_TOKEN_BEFORE": "token-before",
    "SMS_FROM": "+15025550100",
    "PUBLIC_URL": "https://school.example",
    "CALENDAR_KEYS": f"{'new-key' * 5},{'old-key' * 5}",
    "UNSUBSCRIBE_KEYS": "link-key" * 4,
}


@pytest.fixture
def service(make: Examples) -> Service:
    running = Service(make)
    running.hear(make.event())
    return running


def test_case_29_a_message_that_was_being_sent_when_the_clock_jumped_ahead_is_asked_about(
    service: Service,
) -> None:
    service.passed_s = 1
    service.tell()
    [ours] = service.claim(Channel.SMS)
    service.passed_s += 26 * HOUR_S
    service.deliver(Channel.SMS)
    assert service.unsent(Channel.SMS) == []

    service.gateway.answers[ours.message_id] = Found("SM-1")
    service.passed_s += 60
    service.ask()
    service.round()

    assert service.sent(Channel.SMS) == [(1, Purpose.DEFENSE_SCHEDULED)]
    assert ours.message_id not in service.gateway.sent


def test_case_29_what_was_sent_before_the_clock_jumped_back_is_not_sent_again(service: Service) -> None:
    service.passed_s = HOUR_S
    service.round()
    sent = list(service.gateway.sent)

    service.passed_s = 0
    for _ in range(5):
        service.round(after_s=600)

    assert service.gateway.sent == sent
    assert len(sent) == len(set(sent)) == 2


def test_case_29_what_waited_when_the_clock_jumped_back_waits_until_it_is_time_again(
    service: Service,
) -> None:
    service.passed_s = HOUR_S
    service.tell()
    service.passed_s = 0
    service.deliver()
    assert service.gateway.sent == []

    service.passed_s = HOUR_S
    service.round()
    assert len(service.gateway.sent) == 2


def test_case_29_a_lease_given_before_the_clock_jumped_back_still_ends_what_it_began(
    service: Service,
) -> None:
    service.passed_s = HOUR_S
    service.tell()
    ours = service.claim()
    service.passed_s = 0
    assert service.claim() == []

    service.settle(ours)

    assert service.sent() == service.sent(Channel.SMS) == [(1, Purpose.DEFENSE_SCHEDULED)]


def test_case_29_that_a_provider_knows_nothing_proves_nothing_by_a_clock_that_jumped_back(
    make: Examples,
) -> None:
    doubted = make.unknown()
    before = make.after(-HOUR_S)

    after = learn(doubted, Absent(), now=before, jitter=0.5, rules=make.delivery)

    assert after is not None
    assert (after.state, after.due_at) == (
        State.UNKNOWN,
        before + timedelta(seconds=make.delivery.ask_every_s),
    )


def test_case_29_a_text_that_is_edited_while_a_message_waits_changes_nothing(
    make: Examples, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(make)
    service.hear(make.event())
    renderer = JinjaRenderer(SENDER)
    tell_families(["d-1"], service.world.desk(make.after(1), RULES, renderer))
    before = {name: each.content for name, each in service.world.messages.values.items()}

    def edited(self: Phrasebook, *path: str, values: Any) -> str:
        return "edited"

    monkeypatch.setattr(Phrasebook, "line", edited)
    service.rules = replace(RULES, languages=replace(RULES.languages, texts_version="2027-01"))
    service.round()

    after = service.world.messages.values
    assert {name: each.content for name, each in after.items()} == before
    assert {each.state for each in after.values()} == {State.SENT}
    assert {each.content.template_version for each in after.values() if each.content} == {"2026-11"}


def test_case_29_while_the_provider_s_token_is_replaced_both_are_accepted_and_then_one() -> None:
    both = signature_check(read(NotificationsSettingsSchema, ENVIRONMENT))
    url, form = "https://school.example/webhooks/sms/status?a=b", {"MessageSid": "SM1"}

    def accepts(check: SignatureCheck, token: str) -> bool:
        signed = SignatureCheck(auth_token=token, public_url="").sign(url, form)
        headers = Headers({"X-Twilio-Signature": signed})
        builder = EnvironBuilder(
            "/webhooks/sms/status", query_string="a=b", method="POST", data=form, headers=headers
        )
        try:
            return dict(check.form(builder.get_request())) == form
        except ForbiddenError:
            return False

    assert [accepts(both, token) for token in ("token-now", "token-before", "token")] == [True, True, False]
    now_only = read(
        NotificationsSettingsSchema,
        {name: value for name, value in ENVIRONMENT.items() if name != "SMS_AUTH_TOKEN_BEFORE"},
    )
    check = signature_check(now_only)
    assert [accepts(check, token) for token in ("token-now", "token-before", "")] == [True, False, False]
    # What we sign ourselves is signed with the token of now.
    assert both.sign(url, form) == check.sign(url, form)


def test_case_29_settings_say_no_secret_when_they_are_printed() -> None:
    settings: NotificationsSettings = read(NotificationsSettingsSchema, ENVIRONMENT)

    printed = repr(settings)

    assert [each for each in ("mail-secret", "token-", "-key") if each in printed] == []


@pytest.mark.parametrize("key", ["", "short", ","])
def test_a_key_that_could_be_guessed_stops_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="CALENDAR_KEYS"):
        read(NotificationsSettingsSchema, {**ENVIRONMENT, "CALENDAR_KEYS": key})


def test_case_29_what_is_refused_is_said_without_anybody_s_words(make: Examples) -> None:
    said: list[str] = []
    for channel, written in ((Channel.EMAIL, "ana@ nowhere"), (Channel.SMS, "call 502 555 0101")):
        with pytest.raises(AddressRefusedError) as address:
            normalised(channel, written)
        said.append(str(address.value))
    wrong = replace(RULES, languages=replace(RULES.languages, texts_version="none"))
    with pytest.raises(TextRefusedError) as text:
        JinjaRenderer(SENDER).render(make.letter(), rules=wrong)
    said.append(str(text.value) + str(text.value.__cause__))

    for words in ("ana", "nowhere", "502", "Maya", "García", "Lincoln"):
        assert not [each for each in said if words in each]


def test_a_jump_of_the_clock_does_not_move_the_end_of_what_can_be_told(
    make: Examples, service: Service
) -> None:
    service.passed_s = (make.starts_at - NOW + timedelta(hours=1)).total_seconds()
    service.round()

    assert service.gateway.sent == []
    assert {reason for _, _, reason in service.unsent()} <= {Reason.DEADLINE_PASSED}
