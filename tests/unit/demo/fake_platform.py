"""The platform in memory, as far as the demo can see it: same addresses, same answers, no time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean, median
from threading import Lock
from typing import Any

from stack.demo.evidence import SKILLS
from stack.demo.expected import CHANNELS, Expected
from stack.demo.people import TRANSITION_GRADES
from stack.demo.portal import Caller

CRITERIA = ("one", "two", "three", "four")


class FakePlatform:
    """Plays artifacts, scoring, defenses and notifications behind a portal's methods.

    Attributes:
        loses: emails are not sent to these addresses.
        doubles: emails are sent twice to these addresses.
        forgets: artifacts of these titles get no task.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._lock = Lock()
        self._answers: dict[str, Any] = {}
        self._artifacts: dict[str, dict[str, Any]] = {}
        self._contents: dict[str, bytes] = {}
        self._tasks: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, dict[str, Any]] = {}
        self._defenses: dict[str, dict[str, Any]] = {}
        self._windows: dict[str, Any] = {}
        self.imported: list[Path] = []
        self.calendars: dict[str, Any] = {}
        self.sent: dict[str, list[dict[str, Any]]] = {channel: [] for channel in CHANNELS}
        self.loses: set[str] = set()
        self.doubles: set[str] = set()
        self.forgets: set[str] = set()

    def get(self, path: str, *, who: Caller | None = None, **query: str) -> Any:
        if path == "/v1/messages/summary":
            return {"states": {"delivered": sum(map(len, self.sent.values()))}}
        if path.startswith("/v1/schedule-runs/"):
            return self._runs[path.rpartition("/")[2]]
        return {"rubric": {"criteria": [{"criterion_id": each} for each in CRITERIA]}}

    def items(self, path: str, *, who: Caller | None = None, **query: str) -> list[dict[str, Any]]:
        district = self._expected.district
        if path == "/v1/schools":
            return [_known("school_id", each.sourced_id) for each in district.shape.schools]
        if path == "/v1/staff":
            return [_known("staff_id", each.sourced_id) for each in district.staff]
        if path == "/v1/students":
            return [_known("student_id", each) for each in self._expected.students]
        if path == "/v1/scoring/tasks":
            own = who.subject if who is not None and who.role == "scorer" else None
            return [
                each
                for each in self._tasks.values()
                if each["state"] == query["state"] and own in (None, each["holder"])
            ]
        if path == "/v1/readiness":
            return [each for each in self._readiness() if each["school_id"] == query["school_id"]]
        assert path == "/v1/defenses"
        return [each for each in self._defenses.values() if each["school_id"] == query["school_id"]]

    def content(self, path: str, *, who: Caller) -> bytes:
        return self._contents[path]

    def put(self, path: str, body: Mapping[str, Any], *, key: str) -> None:
        if path.startswith("/v1/family-windows/"):
            self._windows[path.rpartition("/")[2]] = body
        else:
            self.calendars[path] = body

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        key: str,
        who: Caller | None = None,
        wait_for: int = 0,
    ) -> Any:
        with self._lock:
            if path == "/v1/scoring/claims":
                assert who is not None
                return {"task": self._claim(who)}
            if key not in self._answers:
                scheduling = path == "/v1/schedule-runs"
                self._answers[key] = (
                    self._schedule(body["school_id"], key) if scheduling else self._score(path, body, who)
                )
            return self._answers[key]

    def upload(self, path: str, form: Mapping[str, str], file: tuple[str, bytes, str], *, key: str) -> Any:
        assert path == "/v1/artifacts"
        assert file[1]
        with self._lock:
            self._contents.setdefault(f"/content/{key}", file[1])
            if form["title"] not in self.forgets:
                self._artifacts.setdefault(key, {**form, "levels": {}})
                self._tasks.setdefault(
                    key,
                    {
                        "content_url": f"/content/{key}",
                        "task_id": f"task/{key}".replace("/", "-"),
                        "artifact_id": key,
                        "holder": None,
                        "state": "queued",
                        "rubric_id": form["skill_id"],
                        "rubric_version": "1",
                    },
                )
        return {"artifact_id": key}

    def mails(self) -> list[dict[str, Any]]:
        return self.sent["email"][::-1]

    def texts(self) -> list[dict[str, Any]]:
        return self.sent["sms"][::-1]

    def _claim(self, who: Caller) -> dict[str, Any] | None:
        for task in self._tasks.values():
            if task["state"] == "queued":
                task.update(state="open", holder=who.subject)
                return task
        return None

    def _score(self, path: str, body: Mapping[str, Any], who: Caller | None) -> dict[str, Any]:
        task_id = path.split("/")[-2]
        [(artifact_id, task)] = [each for each in self._tasks.items() if each[1]["task_id"] == task_id]
        assert who == Caller(task["holder"], "scorer")
        assert [each["criterion_id"] for each in body["levels"]] == list(CRITERIA)
        task["state"] = "released"
        self._artifacts[artifact_id]["levels"] = [each["level"] for each in body["levels"]]
        return task

    def _readiness(self) -> list[dict[str, Any]]:
        levels: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
        for each in self._artifacts.values():
            if each["levels"]:
                levels[each["student_id"], each["skill_id"]].append(each["levels"])
        return [
            {
                "student_id": f"id-{student.sourced_id}",
                "school_id": f"id-{student.school.sourced_id}",
                "status": _decide([levels[f"id-{student.sourced_id}", each.skill_id] for each in SKILLS]),
            }
            for student in self._expected.students.values()
            if student.grade in TRANSITION_GRADES
        ]

    def _schedule(self, school_id: str, run_id: str) -> dict[str, Any]:
        ready = [
            each["student_id"]
            for each in self._readiness()
            if each["school_id"] == school_id and each["status"] == "READY_TO_DEFEND"
        ]
        unplaced = [each for each in ready if len(self._windows.get(each, {}).get("windows", "three")) == 1]
        for number, student_id in enumerate(each for each in ready if each not in unplaced):
            self._defenses[student_id] = {
                "student_id": student_id,
                "school_id": school_id,
                "starts_at": f"2027-01-{number:03}",
                "room": "Library",
                "panel": [{"panelist_id": f"teacher of {school_id}", "role": "teacher"}],
            }
            self._tell(student_id.removeprefix("id-"))
        listed = [{"student_id": each, "reason": "no_family_time", "detail": ""} for each in unplaced]
        self._runs[run_id] = {"run_id": run_id, "state": "applied", "unplaced": listed}
        return {"run_id": run_id, "state": "queued"}

    def _tell(self, sourced_id: str) -> None:
        for guardian in self._expected.told(sourced_id, "email"):
            mail = {
                "number": len(self.sent["email"]) + 1,
                "recipients": [guardian.email],
                "subject": "A defense",
                "text": "Dear family [in brackets]",
                "html": "<p>",
                "calendar": "BEGIN:VCALENDAR",
            }
            times = 0 if guardian.email in self.loses else 2 if guardian.email in self.doubles else 1
            self.sent["email"].extend([mail] * times)
        for guardian in self._expected.told(sourced_id, "sms"):
            text = {"to": guardian.phone, "direction": "outbound-api", "status": "delivered"}
            self.sent["sms"].append({**text, "body": "A defense", "segments": 1})


def _known(name: str, sourced_id: str) -> dict[str, Any]:
    return {name: f"id-{sourced_id}", "source_id": sourced_id}


def _decide(skills: list[list[list[int]]]) -> str:
    """Decide as the default rule does: two artifacts, 2.5 on average, no criterion's median below 2."""
    if any(len(each) < 2 for each in skills):
        return "INSUFFICIENT_EVIDENCE"
    good = all(
        fmean(fmean(levels) for levels in skill) >= 2.5
        and min(median(given) for given in zip(*skill, strict=True)) >= 2
        for skill in skills
    )
    return "READY_TO_DEFEND" if good else "NOT_YET"
