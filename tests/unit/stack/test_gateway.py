"""The gateway's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack import gateway
from stack.packages import SystemParts


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    parts = SystemParts(tmp_path / "rabbitmq-server", tmp_path / "erlang", tmp_path / "nginx")
    services = {"artifacts": 1001, "scoring": 1002, "defenses": 1003, "notifications": 1004}
    return gateway.configuration(
        gateway.Gateway(tmp_path, 1000, parts, services, {"Mails": "http://127.0.0.1:1005/"})
    )


@pytest.mark.parametrize(
    ("prefix", "service"),
    [
        ("/v1/artifacts", "artifacts"),
        ("/v1/students", "artifacts"),
        ("/v1/scoring", "scoring"),
        ("/v1/schedule-runs", "defenses"),
        ("/v1/messages", "notifications"),
        ("/webhooks/", "notifications"),
    ],
)
def test_sends_each_path_to_its_service(configuration: str, prefix: str, service: str) -> None:
    assert f"location {prefix} {{ proxy_pass http://{service}; }}" in configuration


def test_shows_what_every_service_has_under_its_name(configuration: str) -> None:
    assert "location = /scoring/metrics { proxy_pass http://scoring/metrics; }" in configuration


def test_passes_uploads_on_as_they_come(configuration: str) -> None:
    assert "proxy_request_buffering off;" in configuration
    assert "client_max_body_size 2g;" in configuration


def test_leaves_no_placeholder_and_listens_on_loopback_only(configuration: str) -> None:
    assert "$directory" not in configuration
    assert "listen 127.0.0.1:1000;" in configuration
    assert configuration.count("listen ") == 1


def test_does_not_write_down_the_secret_in_a_calendar_s_address(configuration: str) -> None:
    assert '"~^(?<calendars>/v1/(family-)?calendars/)" "${calendars}...";' in configuration
    assert '"path":"$logged_path"' in configuration
