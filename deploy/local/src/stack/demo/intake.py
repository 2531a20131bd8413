"""The first half of a season: roster, calendars and artifacts go in."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from stack.demo import availability, oneroster
from stack.demo.context import Season
from stack.demo.evidence import Evidence
from stack.demo.portal import concurrently, few, wait_for
from stack.demo.rows import bad

#: A person whom two schools have on their books has a second row with this at the end of its sourcedId.
SECOND_ROW = "-b"


def import_roster(season: Season) -> None:
    """Write the district as a OneRoster bundle and import it; bad rows are reported and left out."""
    bundle = season.folder / "bundle"
    with season.teller.step("Write the roster of a small district") as remark:
        students = oneroster.write_bundle(bundle, season.expected.district)
        remark(f"{students} students in {len(season.schools)} schools, OneRoster 1.2 in {bundle}")
    season.roster_import(bundle)
    with season.teller.step("Import the roster") as remark:
        problems = [each for report in season.folder.glob("roster-report.*") for each in problems_of(report)]
        remark(f"{len(problems)} problems, of which {sum(1 for _ in bad())} are bad rows on purpose")
        if problems:
            remark(f"for instance {problems[0]}")


def await_roster(season: Season) -> None:
    """Wait until every school, staff member and student is there, and learn our ids of them."""
    shape = season.expected.district.shape
    wanted = {
        "schools": ({each.sourced_id for each in shape.schools}, "school_id", season.school_ids),
        "staff": ({each.sourced_id for each in season.expected.district.staff}, "staff_id", season.staff_ids),
        "students": (set(season.expected.students), "student_id", season.student_ids),
    }

    def missing() -> str:
        lacking = []
        for kind, (sourced_ids, name, ours) in wanted.items():
            found = season.portal.items(f"/v1/{kind}")
            ours.update(_by_sourced_id(found, name))
            lacking.append(few(sourced_ids - set(ours)) and f"{kind} {few(sourced_ids - set(ours))}")
        return "; ".join(filter(None, lacking))

    with season.teller.step("Wait for the roster over HTTP") as remark:
        wait_for("the roster", missing, timeout_s=season.patience.roster)
        remark(f"{len(season.student_ids)} students, {len(season.staff_ids)} staff")


def publish_calendars(season: Season) -> None:
    """Publish when each school has rooms and panelists, and when some families can come."""
    with season.teller.step("Publish availability and family windows") as remark:
        families = 0
        for school in season.schools:
            staff = [
                (season.staff_ids[each.sourced_id], each)
                for each in season.expected.district.staff
                # Somebody whom two schools share sits on panels of their first school.
                if each.schools[0] == school
            ]
            body = availability.school_availability(school, staff, season.days)
            path = f"/v1/availability/{season.school_ids[school.sourced_id]}"
            season.portal.put(path, body, key=_key("availability", school.sourced_id, body))
            ready = season.expected.ready_at(school)
            for sourced_id, windows in availability.family_windows(ready, season.days, season.seed).items():
                path = f"/v1/family-windows/{season.student_ids[sourced_id]}"
                season.portal.put(path, windows, key=_key("windows", sourced_id, windows))
                families += 1
        remark(f"{len(season.schools)} schools, {families} families, from {season.days[0]} on")


def upload_artifacts(season: Season) -> None:
    """Upload every artifact as its student would; one that is there already stays as it is."""

    def upload(item: Evidence) -> tuple[str, Evidence]:
        form = {
            "student_id": season.student_ids[item.student.sourced_id],
            "skill_id": item.skill_id,
            "title": item.title,
            "reflection": item.reflection,
        }
        file = (item.filename, item.content(), item.media_type)
        answer = season.portal.upload("/v1/artifacts", form, file, key=item.key)
        return answer["artifact_id"], item

    with season.teller.bar("Upload artifacts", len(season.expected.evidence)) as advance:

        def remember(uploaded: tuple[str, Evidence]) -> None:
            artifact_id, item = uploaded
            season.artifacts[artifact_id] = item
            advance(1)

        concurrently(upload, season.expected.evidence, done=remember)


def problems_of(report: Path) -> list[str]:
    """Return each problem in the import's report, as one line."""
    with report.open(encoding="utf-8", newline="") as file:
        return [_described(row) for row in csv.DictReader(file)]


def _described(row: Mapping[str, str]) -> str:
    line = f", line {row['line']}" if row["line"] else ""
    column = f", column {row['column']}" if row["column"] else ""
    return f"{row['file']}{line}{column}: {row['reason']}"


def _by_sourced_id(items: Iterable[dict[str, Any]], name: str) -> dict[str, str]:
    """Return our ids by sourcedId; whichever row of a person the platform kept, they are one person."""
    return {each["source_id"].removesuffix(SECOND_ROW): each[name] for each in items}


def _key(kind: str, sourced_id: str, body: object) -> str:
    """Return the key of a write: another body is another write."""
    digest = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]
    return f"demo:{kind}:{sourced_id}:{digest}"
