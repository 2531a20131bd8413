from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from marshmallow import fields

from chassis.settings import (
    ChassisSettings,
    ChassisSettingsSchema,
    EnvironmentSchema,
    RelaySettings,
    RelaySettingsSchema,
    SettingsError,
    read,
)

NEEDED = {
    "AMQP_URL": "amqp://backpack:secret@rabbit:5672/backpack",
    "MONGO_URL": "mongodb://store:27017/?w=majority&journal=true",
    "MONGO_DATABASE": "backpack_scoring",
    "HTTP_ADDRESS": "127.0.0.1:8001",
    "JWT_ISSUER": "https://id.example.org",
}


def test_the_needed_variables_are_enough() -> None:
    assert read(ChassisSettingsSchema, NEEDED) == ChassisSettings(
        backpack_environment="production",
        amqp_url="amqp://backpack:secret@rabbit:5672/backpack",
        mongo_url="mongodb://store:27017/?w=majority&journal=true",
        mongo_database="backpack_scoring",
        http_address="127.0.0.1:8001",
        jwks_file="",
        jwks_url="",
        jwt_issuer="https://id.example.org",
        jwt_audience="backpack",
        policy_dir="",
        log_format="json",
        log_level="INFO",
        max_workers=64,
        prefetch=16,
        retry_delays_s=(5, 30, 300, 1800),
        confirm_timeout_s=10.0,
        drain_timeout_s=25.0,
        replay_horizon_days=30,
        outbox_limit_s=120.0,
    )


def test_everything_missing_is_named_together() -> None:
    with pytest.raises(SettingsError) as caught:
        read(ChassisSettingsSchema, {"PATH": "/usr/bin"})

    needed = ("AMQP_URL", "HTTP_ADDRESS", "JWT_ISSUER", "MONGO_DATABASE", "MONGO_URL")
    assert str(caught.value) == "; ".join(f"{name}: Missing data for required field." for name in needed)


def test_everything_wrong_is_named_together_and_no_value_is_told() -> None:
    wrong = {
        "AMQP_URL": "http://backpack:hunter2@rabbit",
        "MONGO_URL": "hunter2",
        "HTTP_ADDRESS": "hunter2",
        "LOG_FORMAT": "hunter2",
        "PREFETCH": "hunter2",
        "MAX_WORKERS": "0",
        "RETRY_DELAYS_S": "5,hunter2",
    }

    with pytest.raises(SettingsError) as caught:
        read(ChassisSettingsSchema, {**NEEDED, **wrong})

    assert [part.partition(":")[0] for part in str(caught.value).split("; ")] == sorted(wrong)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_wrong_member_of_a_list_is_told_with_its_reason() -> None:
    with pytest.raises(SettingsError, match=r"RETRY_DELAYS_S: .*Not a valid integer"):
        read(ChassisSettingsSchema, {**NEEDED, "RETRY_DELAYS_S": "5,soon"})


@pytest.mark.parametrize(
    ("text", "delays_s"), [("7", (7,)), ("1,2,3", (1, 2, 3)), ("1, 2", (1, 2)), ("", (5, 30, 300, 1800))]
)
def test_a_list_is_separated_by_commas_and_an_empty_variable_is_none(
    text: str, delays_s: tuple[int, ...]
) -> None:
    assert read(ChassisSettingsSchema, {**NEEDED, "RETRY_DELAYS_S": text}).retry_delays_s == delays_s


def test_an_empty_needed_variable_is_missing() -> None:
    with pytest.raises(SettingsError, match=r"^JWT_ISSUER: Missing data for required field\.$"):
        read(ChassisSettingsSchema, {**NEEDED, "JWT_ISSUER": ""})


def test_a_service_adds_its_own_variables() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Settings(ChassisSettings):
        public_url: str

    class SettingsSchema(ChassisSettingsSchema):
        settings = Settings
        public_url = fields.Url(required=True)

    own = read(SettingsSchema, {**NEEDED, "PUBLIC_URL": "https://backpack.example.org"})

    assert isinstance(own, Settings)
    assert own.public_url == "https://backpack.example.org"


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    class Greeting(EnvironmentSchema):
        settings: type[Any] = dict
        backpack_greeting = fields.String(required=True)

    monkeypatch.setenv("BACKPACK_GREETING", "good morning")

    assert read(Greeting) == {"backpack_greeting": "good morning"}


def test_a_relay_reads_the_environment_of_its_service() -> None:
    assert read(RelaySettingsSchema, NEEDED) == RelaySettings(
        amqp_url=NEEDED["AMQP_URL"],
        mongo_url=NEEDED["MONGO_URL"],
        mongo_database="backpack_scoring",
        log_format="json",
        log_level="INFO",
        confirm_timeout_s=10.0,
        relay_metrics_address="",
        relay_batch=200,
        relay_lease_s=30.0,
        relay_idle_s=0.5,
    )
