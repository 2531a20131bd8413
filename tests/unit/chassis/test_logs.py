from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from chassis import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Put logging back as it was: it belongs to the process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    named = {
        name: logging.getLogger(name).level for name in ("nameko.containers", "nameko.web.server", "pika")
    }
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in named.items():
        logging.getLogger(name).setLevel(was)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_line_is_one_json_object_with_service_level_and_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("scoring", log_format="json", level="INFO")

    structlog.get_logger("chassis.test").info("event_parked", reason="contract_violation", attempt=2)

    [line] = _lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "event_parked",
        "service": "scoring",
        "level": "info",
        "logger": "chassis.test",
        "reason": "contract_violation",
        "attempt": 2,
    }


def test_a_librarys_record_has_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("scoring", log_format="json", level="INFO")

    logging.getLogger("amqp").warning("connection to %s lost", "rabbit")

    [line] = _lines(capsys)
    assert (line["event"], line["service"], line["level"], line["logger"]) == (
        "connection to rabbit lost",
        "scoring",
        "warning",
        "amqp",
    )


def test_what_is_bound_to_the_work_at_hand_is_on_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("scoring", log_format="json", level="INFO")
    structlog.contextvars.bind_contextvars(cause="e-1")

    structlog.get_logger("chassis.test").info("one")
    logging.getLogger("amqp").warning("two")

    assert [line["cause"] for line in _lines(capsys)] == ["e-1", "e-1"]


def test_what_is_below_the_level_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("scoring", log_format="json", level="WARNING")

    structlog.get_logger("chassis.test").info("service_started")
    logging.getLogger("amqp").info("connected")

    assert _lines(capsys) == []


def test_nameko_does_not_show_the_arguments_of_a_failed_handler(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("scoring", log_format="json", level="DEBUG")

    logging.getLogger("nameko.containers").error("error handling %s", "Nayeli Figueroa")

    assert _lines(capsys) == []


def test_a_console_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("scoring", log_format="console", level="INFO")

    structlog.get_logger("chassis.test").info("service_started", address="127.0.0.1:8001")

    shown = capsys.readouterr().out
    assert "service_started" in shown
    with pytest.raises(json.JSONDecodeError):
        json.loads(shown)


def test_an_errors_origin_is_its_type_and_place_and_never_its_text() -> None:
    with pytest.raises(ValueError, match="Nayeli") as caught:
        int("Nayeli Figueroa")

    found = logs.origin(caught.value)

    assert found["error"] == "ValueError"
    assert found["raised_at"].startswith("test_logs.py:")
    assert "Nayeli" not in str(found)


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert logs.origin(ValueError("Nayeli")) == {"error": "ValueError", "raised_at": ""}
