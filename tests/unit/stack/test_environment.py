"""What services find in their environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis import settings
from stack import environment, keys


@pytest.fixture
def around(tmp_path: Path) -> environment.Surroundings:
    return environment.Surroundings(
        amqp_url="amqp://u:p@127.0.0.1:1/backpack",
        mongo_url="mongodb://127.0.0.1:2/?w=majority&journal=true",
        management_url="http://u:p@127.0.0.1:3",
        keys=keys.Keys(tmp_path / "jwks.json", tmp_path / "signing.json", tmp_path / "rsa.json"),
        files=tmp_path / "files",
        smtp_url="smtp://127.0.0.1:4",
        email_trace_url="http://127.0.0.1:5/api/trace",
        sms_url="http://127.0.0.1:6",
        sms_auth_token="secret",
        calendar_key="another secret",
        public_url="http://127.0.0.1:7",
    )


def test_is_what_every_service_needs(around: environment.Surroundings) -> None:
    for name in environment.SERVICES:
        variables = environment.of_service(name, around, http_address="127.0.0.1:8")

        read = settings.read(settings.ChassisSettingsSchema, variables)

        assert read.mongo_database == f"backpack_{name}"
        assert read.backpack_environment == "development"


def test_gives_the_providers_secrets_to_nobody_else(around: environment.Surroundings) -> None:
    knowing = [
        name
        for name in environment.SERVICES
        if "SMS_AUTH_TOKEN" in environment.of_service(name, around, http_address="127.0.0.1:8")
    ]

    assert knowing == ["notifications"]


def test_hands_no_proxy_settings_down(
    around: environment.Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    assert "HTTPS_PROXY" not in environment.of_service("scoring", around, http_address="127.0.0.1:8")
