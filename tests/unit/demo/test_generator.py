"""The generated district: always the same, consistent in itself, and with the outcomes it plans."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from statistics import fmean

import pytest

from defenses.domain import readiness
from defenses.entrypoints.policy_schemas.readiness import ReadinessRuleSchema
from stack.demo import availability, media, oneroster
from stack.demo.district import DEMO_SEED, demo_shape, generate
from stack.demo.evidence import Evidence, Outcome, plan
from stack.demo.expected import CHANNELS, Expected, expect

CRITERIA = ("one", "two", "three", "four")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def expected() -> Expected:
    return expect(demo_shape(), DEMO_SEED)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    assert oneroster.write_bundle(folder, generate(demo_shape())) == 200
    return folder


def test_the_same_seed_gives_the_same_bundle(bundle: Path, tmp_path: Path) -> None:
    oneroster.write_bundle(tmp_path, generate(demo_shape()))

    assert _contents(tmp_path) == _contents(bundle)


def test_another_seed_gives_other_people(tmp_path: Path, bundle: Path) -> None:
    oneroster.write_bundle(tmp_path, generate(demo_shape(), DEMO_SEED + 1))

    assert _contents(tmp_path)["users.csv"] != _contents(bundle)["users.csv"]


def test_every_reference_of_a_good_row_leads_somewhere(bundle: Path) -> None:
    users = {row["sourcedId"] for row in _rows(bundle, "users.csv")}
    classes = {row["sourcedId"] for row in _rows(bundle, "classes.csv")}
    orgs = {row["sourcedId"] for row in _rows(bundle, "orgs.csv")}

    lost = [
        *(row for row in _rows(bundle, "roles.csv") if row["userSourcedId"] not in users),
        *(row for row in _rows(bundle, "roles.csv") if row["orgSourcedId"] not in orgs),
        *(row for row in _rows(bundle, "enrollments.csv") if row["classSourcedId"] not in classes),
        *(row for row in _rows(bundle, "enrollments.csv") if row["userSourcedId"] not in users),
        *(row for row in _rows(bundle, "supplement/guardians.csv") if row["studentSourcedId"] not in users),
        *(row for row in _rows(bundle, "supplement/consents.csv") if row["guardianSourcedId"] not in users),
        *(row for row in _rows(bundle, "supplement/languages.csv") if row["studentSourcedId"] not in users),
        *(row for row in _rows(bundle, "demographics.csv") if row["sourcedId"] not in users),
    ]

    assert {row.get("sourcedId") or row["studentSourcedId"] for row in lost} == {
        "role-bad-3",
        "bad-4",
        "s-nobody",
    }


def test_ids_are_unique_in_each_file(bundle: Path) -> None:
    for name in ("users", "roles", "enrollments", "classes", "orgs", "demographics"):
        ids = Counter(row["sourcedId"] for row in _rows(bundle, f"{name}.csv"))
        assert [each for each, count in ids.items() if count > 1] == [], name


def test_the_district_is_as_large_as_the_demo_says(expected: Expected) -> None:
    grades = Counter(student.grade for student in expected.students.values())

    assert len(expected.students) == 200
    assert set(grades) == {"4", "5", "8", "12"}
    assert min(grades.values()) > 40
    assert {each.media_type for each in expected.evidence} == set(media.MAKERS)
    assert set(expected.outcomes.values()) == set(Outcome)


def test_some_families_hear_nothing_by_a_channel_and_siblings_share_guardians(expected: Expected) -> None:
    guardians = expected.guardians.values()

    assert any(not each.consents for each in guardians)
    assert all(any(channel not in each.reachable for each in guardians) for channel in CHANNELS)
    assert any(student.untold for student in expected.students.values())
    children = Counter(guardian for student in expected.students.values() for guardian in student.told)
    assert max(children.values()) > 1


def test_the_default_rule_decides_what_is_planned(expected: Expected) -> None:
    rule = _default_rule()

    decided = {
        sourced_id: readiness.decide(
            readiness.Snapshot(
                transition=student.grade,
                as_of=NOON.date(),
                evidence=tuple(_scored(item) for item in plan(student, DEMO_SEED)),
            ),
            rule,
        )
        for sourced_id, student in expected.students.items()
    }

    assert {
        sourced_id: each.status if each else Outcome.PRACTICE.value for sourced_id, each in decided.items()
    } == {sourced_id: each.value for sourced_id, each in expected.outcomes.items()}


def test_an_artifact_is_a_real_file_and_always_the_same_one(expected: Expected) -> None:
    begins = {
        "application/pdf": b"%PDF-",
        "image/png": b"\x89PNG\r\n\x1a\n",
        "video/mp4": b"\x00\x00\x00\x1cftypisom",
        "text/plain": b"",
    }
    one_of_each = {item.media_type: item for item in expected.evidence}

    for media_type, item in one_of_each.items():
        content = item.content()
        assert content.startswith(begins[media_type])
        assert content == item.content()


def test_no_two_artifacts_have_the_same_content_or_key(expected: Expected) -> None:
    few = expected.evidence[:60]

    assert len({item.content() for item in few}) == 60
    assert len({item.key for item in expected.evidence}) == len(expected.evidence)


def test_the_season_is_ten_school_days_from_a_monday_four_weeks_ahead() -> None:
    days = availability.season(date(2026, 9, 15))

    assert days[0] == date(2026, 10, 19)
    assert days[-1] == date(2026, 10, 30)
    assert [day.weekday() for day in days] == [0, 1, 2, 3, 4] * 2


def test_nobody_defends_in_the_winter_break() -> None:
    days = availability.season(date(2026, 11, 10))

    assert [day.isoformat() for day in days] == [
        *(f"2026-12-{day}" for day in (14, 15, 16, 17, 18)),
        *(f"2027-01-0{day}" for day in (4, 5, 6, 7, 8)),
    ]


def test_a_school_publishes_rooms_and_panelists_for_every_day(expected: Expected) -> None:
    school = expected.district.shape.schools[0]
    staff = [(f"id-{each.sourced_id}", each) for each in expected.district.staff if each.schools[0] == school]
    days = availability.season(date(2026, 11, 22))

    body = availability.school_availability(school, staff, days)

    assert [day["date"] for day in body["days"]] == [day.isoformat() for day in days]
    assert len(body["rooms"]) == 3
    roles = Counter(each["role"] for each in body["panelists"])
    assert roles == {"teacher": 8, "administrator": 2, "outside": 4}
    assert {len(each["available"]) for each in body["panelists"]} == {9}


def test_some_families_have_limits_and_two_a_school_cannot_come_at_all(expected: Expected) -> None:
    ready = expected.ready_at(expected.district.shape.schools[0])
    days = availability.season(date(2026, 11, 22))

    windows = availability.family_windows(ready, days, DEMO_SEED)

    assert windows == availability.family_windows(ready, days, DEMO_SEED)
    assert set(windows) <= set(ready)
    assert Counter(len(each["windows"]) for each in windows.values()) == {1: 2, 3: len(ready) // 4 - 2}


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _default_rule() -> readiness.ReadinessRule:
    [raw] = json.loads((files("defenses") / "policy" / "readiness.json").read_text())
    rule: readiness.ReadinessRule = ReadinessRuleSchema().load(raw)
    return rule


def _scored(item: Evidence) -> readiness.Evidence:
    levels = item.levels(CRITERIA)
    return readiness.Evidence(
        artifact_id=item.key,
        skill_id=item.skill_id,
        grade=item.student.grade,
        levels=tuple((criterion, float(level)) for criterion, level in levels.items()),
        mean_level=fmean(levels.values()),
        scored_at=NOON,
        version=1,
    )
