"""A small season as the store holds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

OPENED = datetime.now(UTC) - timedelta(days=10)
SKILL = "effective-communicator"


def stored_task(number: int, district: str) -> dict[str, Any]:
    """Return a released artifact as the store holds it: ann reads 3 and 2, and bob one level less."""
    first = OPENED + timedelta(days=1)
    reads = [
        {
            "scorer_id": scorer_id,
            "stage": stage,
            "levels": [
                {"criterion_id": "message", "level": 3 - place, "feedback": "Clear."},
                {"criterion_id": "craft", "level": 2 + number % 2 - place, "feedback": ""},
            ],
            "lease_id": f"l-{number}-{place}",
            "leased_at": first + timedelta(days=place),
            "given_at": first + timedelta(days=place, hours=1),
            "void": None,
        }
        for place, (scorer_id, stage) in enumerate((("ann", "first"), ("bob", "second")))
    ]
    return {
        "_id": f"{district}-t-{number:04}",
        "district": district,
        "artifact_id": f"a-{number}",
        "student_id": f"{district}-s-{number}",
        "school_id": "east",
        "grade": "5",
        "skill_id": SKILL,
        "rubric_id": f"{SKILL}-k-5",
        "rubric_version": "2026.1",
        "band": "K-5",
        "title": "Letter",
        "media_type": "text/plain",
        "purpose": "artifact",
        "state": "released",
        "opened_at": OPENED,
        "reads": reads,
        "history": [{"what": "read", "by": "ann", "at": OPENED, "why": "", "state": "read1"}],
        "score": {"mean_level": 2.25, "released_at": OPENED + timedelta(days=3)},
        "scored": True,
        "changed_at": OPENED,
        "version": 1,
    }


def stored_seed(number: int, district: str) -> dict[str, Any]:
    """Return a seed that ann has read."""
    task = stored_task(number, district)
    paper = {name: value for name, value in task.items() if name not in {"student_id", "school_id", "score"}}
    return {**paper, "purpose": "seed", "state": "filed", "readers": ["ann"], "reads": task["reads"][:1]}


def stored_student(number: int, district: str) -> dict[str, Any]:
    language = "es" if number % 10 == 0 else "en"
    return {
        "_id": f"{district}-s-{number}",
        "district": district,
        "source_version": 1,
        "school_id": "east",
        "grade": "5",
        "home_language": language,
        "teacher_ids": [],
        "enrolled": True,
    }
