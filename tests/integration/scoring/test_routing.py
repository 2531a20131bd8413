"""An artifact finds its scorer, in whatever order the events arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.scoring.scoring_district import Caller, District, eventually

Office = Callable[..., Caller]


def test_gives_an_artifact_to_the_staff_of_another_school(district: District, caller: Office) -> None:
    district.student("s-1", "east", "t-own")
    district.staff("t-east", "east")
    district.staff("t-own", "west")
    district.staff("t-west", "west")
    district.artifact("a-1", "s-1", "east", times=3)
    office = caller("office", "coordinator")

    [task] = eventually(lambda: office.tasks(state="assigned"))

    assert task["opened_at"] == task["assigned_at"] or task["opened_at"] < task["assigned_at"]
    assert {name: value for name, value in task.items() if not name.endswith("_at")} == {
        "task_id": task["task_id"],
        "artifact_id": district.id("a-1"),
        "content_url": f"/v1/artifacts/{district.id('a-1')}/content",
        "skill_id": "effective-communicator",
        "grade": "5",
        "title": "Letter to the city",
        "reflection": "I rewrote the opening.",
        "media_type": "text/plain",
        "state": "assigned",
        "scorer_id": district.id("t-west"),
        "rubric_id": "effective-communicator-k-5",
        "rubric_version": "2026.1",
    }


def test_a_task_waits_until_the_copies_of_student_and_staff_are_there(
    district: District, caller: Office
) -> None:
    office = caller("office", "coordinator")

    district.artifact("a-1", "s-1", "east")
    assert _states(office, "queued") == [district.id("a-1")]
    district.staff("t-west", "west")
    district.student("s-1", "east")

    assert _states(office, "assigned") == [district.id("a-1")]
    assert office.tasks(state="queued") == []


def test_nobody_reads_for_a_student_who_has_left_until_they_come_back(
    district: District, caller: Office
) -> None:
    office = caller("office", "coordinator")
    district.staff("t-west", "west")
    district.withdrawal("s-1", "east", version=2)
    # Older than the withdrawal, and late.
    district.student("s-1", "east", version=1)
    district.artifact("a-1", "s-1", "east")
    assert _states(office, "queued") == [district.id("a-1")]

    district.student("s-1", "east", version=3)

    assert _states(office, "assigned") == [district.id("a-1")]


def _states(office: Caller, state: str) -> list[Any]:
    return [task["artifact_id"] for task in eventually(lambda: office.tasks(state=state))]
