"""Logs: one JSON object a line, with the ids of the work at hand bound to each."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog


def configure(service: str, *, log_format: str, level: str) -> None:
    """Send structlog's and the libraries' records to standard output in one form.

    Args:
        service: the name put on every line.
        log_format: `json`, or `console` for people.
        level: the lowest level that is shown.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name(service),
    ]
    render: Any = (
        structlog.dev.ConsoleRenderer() if log_format == "console" else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                render,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # nameko logs a handler's exception with its arguments, which are personal data; we log outcomes.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)
    logging.getLogger("nameko.web.server").setLevel(logging.WARNING)
    # pika tells each step of a lost connection as an error; we log the outcome.
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def origin(error: BaseException) -> dict[str, str]:
    """Return an error's type and the line that raised it: its text may hold personal data, a place cannot."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "raised_at": place}


def _name(service: str) -> Any:
    def add(_logger: Any, _method: str, record: dict[str, Any]) -> dict[str, Any]:
        record["service"] = service
        return record

    return add
