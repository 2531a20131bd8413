"""What is written on a message that goes round the retry ladder or into parking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ATTEMPT = "x-backpack-attempt"
QUEUE = "x-backpack-queue"
REASON = "x-backpack-reason"
EXCEPTION = "x-backpack-exception"
DETAIL = "x-backpack-detail"
FIRST_FAILED_AT = "x-backpack-first-failed-at"
LAST_FAILED_AT = "x-backpack-last-failed-at"

#: The broker's own notes of redeliveries and dead-letterings, those of RabbitMQ 4 as well; a copy must not
#: carry them into its new life.
_BROKERS_OWN = ("x-delivery-count", "x-acquired-count", "x-death", "x-first-death-", "x-last-death-")

#: What a message leaves behind when it is replayed: the broker's notes and ours.
LIFE_PREFIXES = ("x-backpack-", *_BROKERS_OWN)


@dataclass(frozen=True)
class Failure:
    """Why a message was not handled, in words that hold no personal data.

    Attributes:
        queue: the handler's queue, to which a replay goes.
        reason: a constant such as `contract_violation`; a metric's label.
        exception: the exception's type.
        detail: its text when it is one of ours, which name fields and ids only; else empty.
    """

    queue: str
    reason: str
    exception: str
    detail: str


def attempts_before(headers: Mapping[str, Any] | None) -> int:
    """Return how many attempts a message has behind it; a forged or broken header counts as none."""
    attempt = (headers or {}).get(ATTEMPT, 0)
    return attempt if isinstance(attempt, int) and attempt >= 0 else 0


def failed(headers: Mapping[str, Any] | None, failure: Failure, *, now: datetime) -> dict[str, Any]:
    """Return the headers of a message's copy after one more failure; the original ones are kept."""
    kept = {name: value for name, value in (headers or {}).items() if not name.startswith(_BROKERS_OWN)}
    return {
        **kept,
        ATTEMPT: attempts_before(headers) + 1,
        QUEUE: failure.queue,
        REASON: failure.reason,
        EXCEPTION: failure.exception,
        DETAIL: failure.detail[:500],
        FIRST_FAILED_AT: kept.get(FIRST_FAILED_AT, now.isoformat()),
        LAST_FAILED_AT: now.isoformat(),
    }
