"""A second SMS provider is set wholly or not at all, and its webhooks have its own secret."""

import pytest
from marshmallow import ValidationError
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.auth import ForbiddenError
from notifications.entrypoints.sending import _sms_routes
from notifications.entrypoints.webhooks import SignatureCheck
from notifications.settings import NotificationsSettings, NotificationsSettingsSchema

ENVIRONMENT = {
    "amqp_url": "amqp://127.0.0.1/",
    "mongo_url": "mongodb://127.0.0.1/",
    "mongo_database": "notifications",
    "http_address": "127.0.0.1:8004",
    "jwks_file": "keys.json",
    "jwt_issuer": "issuer",
    "jwt_audience": "backpack",
    "smtp_url": "smtp://127.0.0.1:25",
    "email_from": "backpack@district.example",
    "sms_url": "https://api.first.example",
    "sms_account_sid": "AC1",
    "sms_auth_token": "first secret",
    "sms_from": "+15025550100",
    "public_url": "https://school.example",
    "unsubscribe_keys": "k" * 32,
    "calendar_keys": "c" * 32,
}
SECOND = {
    "sms_second_url": "https://api.second.example",
    "sms_second_account_sid": "AC2",
    "sms_second_auth_token": "second secret",
    "sms_second_from": "+15025550200",
}
CHECK = SignatureCheck(
    auth_token="first secret", public_url="https://school.example", others={"AC2": "second secret"}
)


def loaded(**changed: str) -> NotificationsSettings:
    found: NotificationsSettings = NotificationsSettingsSchema().load({**ENVIRONMENT, **changed})
    return found


def test_without_a_second_provider_there_is_one_route() -> None:
    assert _sms_routes(loaded()).names == ("first",)


def test_with_a_second_provider_there_are_two_routes_and_no_secret_is_shown() -> None:
    settings = loaded(**SECOND)

    assert _sms_routes(settings).names == ("first", "second")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("missing", SECOND)
def test_half_a_provider_is_refused_at_the_start(missing: str) -> None:
    with pytest.raises(ValidationError) as refused:
        loaded(**{**SECOND, missing: ""})

    assert refused.value.messages_dict == {missing: ["must be set, as the rest of the second route is"]}


def test_two_routes_of_one_account_are_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="first route"):
        loaded(**{**SECOND, "sms_second_account_sid": "AC1"})


def test_an_origin_that_is_no_pattern_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="regular expression"):
        loaded(email_events_origin="https://(")


def webhook(account: str, secret: str) -> Request:
    form = {"AccountSid": account, "MessageSid": "SM1", "MessageStatus": "sent"}
    signature = SignatureCheck(auth_token=secret, public_url="").sign(
        "https://school.example/webhooks/sms/status", form
    )
    builder = EnvironBuilder(
        path="/webhooks/sms/status",
        base_url="http://10.0.0.7:8004",
        method="POST",
        data=form,
        headers=[("X-Twilio-Signature", signature)],
    )
    return Request(builder.get_environ())


@pytest.mark.parametrize(("account", "secret"), [("AC1", "first secret"), ("AC2", "second secret")])
def test_case_13_each_provider_s_webhook_passes_with_its_own_secret(account: str, secret: str) -> None:
    assert CHECK.form(webhook(account, secret))["AccountSid"] == account


@pytest.mark.parametrize(
    ("account", "secret"), [("AC1", "second secret"), ("AC2", "first secret"), ("AC3", "second secret")]
)
def test_case_13_no_provider_s_secret_signs_for_another_account(account: str, secret: str) -> None:
    with pytest.raises(ForbiddenError):
        CHECK.form(webhook(account, secret))
