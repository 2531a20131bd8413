"""What a golden stands for, and the people and places that all goldens tell of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

SCHOOL = "8a3c2f0e-51b7-5d0e-a7a4-0f6f0c1d2e01"
STUDENT = "c1f5b7a2-9d64-5a3b-8f2e-6b0d4e7a1c02"
GUARDIAN = "5e9d8c7b-1a2f-5c4d-9e8f-7a6b5c4d3e03"
TEACHER = "2b4d6f8a-3c5e-57a9-bcde-f01234567804"
OUTSIDER = "7f6e5d4c-2b1a-5f0e-8d9c-8b7a69584705"
ARTIFACT = "d0c1b2a3-4f5e-56d7-98c8-b7a697887906"
DEFENSE = "fe1d2c3b-4a59-5687-a796-85746352410a"
EASTERN = timezone(timedelta(hours=-4))


@dataclass(frozen=True)
class Promise:
    """What the golden of one event version stands for: its data, its aggregate and when it happened."""

    data: Any
    subject: tuple[str, int]
    time: datetime
    traceparent: str | None = None
