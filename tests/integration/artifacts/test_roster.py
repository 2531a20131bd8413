"""Imports into the real store, and what others hear of them."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mongoengine
import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient

from artifacts.commands import roster
from artifacts.domain.problems import Problem
from artifacts.repository import ConcurrentImportError, RosterImages
from chassis import mongo
from chassis.outbox import UnitOfWork
from contracts import BY_TYPE
from contracts.envelope import parse

COLLECTIONS = ("schools", "staff", "guardians", "students")


@pytest.fixture
def kept(mongo_url: str, database: str) -> Any:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        yield client[f"{database}_artifacts"]


def state(kept: Any) -> dict[str, list[Any]]:
    """Return every aggregate, whole, and the chunks of the image."""
    return {
        name: sorted(kept[name].find(), key=lambda raw: str(raw["_id"]))
        for name in (*COLLECTIONS, "roster_images", "roster_image_chunks")
    }


def announced(kept: Any) -> Counter[str]:
    """Return how often each event is in the outboxes; every one of them keeps its contract."""
    said: Counter[str] = Counter()
    for name in COLLECTIONS:
        for raw in kept[name].find():
            for entry in raw["handled"]:
                for event in entry["events"]:
                    envelope = parse(event["body"].encode())
                    BY_TYPE[envelope.type].load(envelope.data)
                    said[BY_TYPE[envelope.type].name] += 1
    return said


def test_an_import_writes_and_announces_everybody_once_and_again_changes_nothing(
    roster_import: Callable[..., Result], demo_bundle: Path, kept: Any, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"

    first = roster_import(demo_bundle, "--report", report)

    assert first.exit_code == 0, first.output
    before = state(kept)
    assert {name: len(before[name]) for name in COLLECTIONS} == {
        "schools": 3,
        "staff": 33,
        "guardians": 177,
        "students": 200,
    }
    assert announced(kept) == Counter(
        {"school.updated": 3, "staff.updated": 33, "guardian.updated": 177, "student.enrolled": 200}
    )
    assert all(raw["pending"] for name in COLLECTIONS for raw in before[name])
    assert roster_import(demo_bundle).exit_code == 0
    assert state(kept) == before
    with report.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == set(Problem.__dataclass_fields__)
    assert {row["sourced_id"] for row in rows} == {"bad-1", "bad-2", "role-bad-3", "bad-4", "g-000000"}


def test_only_what_changed_is_written(
    roster_import: Callable[..., Result], demo_bundle: Path, kept: Any, tmp_path: Path
) -> None:
    roster_import(demo_bundle)
    changed = shutil.copytree(demo_bundle, tmp_path / "changed")
    orgs = (changed / "orgs.csv").read_text()
    (changed / "orgs.csv").write_text(orgs.replace("Shelby Park Elementary", "Shelby Park Academy"))
    archive = shutil.make_archive(str(tmp_path / "changed"), "zip", changed)

    assert roster_import(archive).exit_code == 0
    assert roster_import(demo_bundle).exit_code == 0
    assert roster_import(archive).exit_code == 0

    versions = {raw["name"]: raw["version"] for raw in kept["schools"].find()}
    assert versions == {"Shelby Park Academy": 4, "Río Salado Middle": 1, "Beargrass High": 1}
    assert {raw["version"] for name in ("staff", "guardians", "students") for raw in kept[name].find()} == {1}


def test_a_dry_run_writes_nothing(roster_import: Callable[..., Result], demo_bundle: Path, kept: Any) -> None:
    result = roster_import(demo_bundle, "--dry-run")

    assert (result.exit_code, "Dry run" in result.output) == (0, True)
    assert not any(state(kept).values())


def test_the_exit_status_says_how_it_went(
    roster_import: Callable[..., Result], demo_bundle: Path, kept: Any, tmp_path: Path
) -> None:
    assert roster_import(demo_bundle, "--strict").exit_code == 3
    before = state(kept)
    half = shutil.copytree(demo_bundle, tmp_path / "half")
    users = (half / "users.csv").read_text().splitlines(keepends=True)
    (half / "users.csv").write_text("".join(users[: len(users) // 2]))
    shrunk = roster_import(half)
    assert (shrunk.exit_code, "--allow-shrink" in shrunk.output) == (5, True)
    (half / "manifest.csv").unlink()
    refused = roster_import(half)
    assert (refused.exit_code, "manifest.csv: is missing" in refused.output) == (4, True)
    assert state(kept) == before


def test_districts_do_not_touch_each_other(
    roster_import: Callable[..., Result], demo_bundle: Path, kept: Any
) -> None:
    roster_import(demo_bundle)
    before = state(kept)

    assert roster_import(demo_bundle, district="fayette").exit_code == 0

    after = state(kept)
    assert len(after["students"]) == 400
    for name in COLLECTIONS:
        assert [raw for raw in after[name] if raw["district"] == "jcps"] == before[name]


def test_a_store_out_of_reach_says_so(demo_bundle: Path, roster_import: Callable[..., Result]) -> None:

    runner = CliRunner(env={"MONGO_URL": "mongodb://127.0.0.1:9/", "MONGO_DATABASE": "none"})
    result = runner.invoke(roster, ["import", str(demo_bundle), "--district", "jcps"])
    assert (result.exit_code, "can be done again" in result.output) == (6, True)


def test_an_image_comes_back_as_it_was_and_two_imports_do_not_overwrite_each_other(
    mongo_url: str, database: str
) -> None:
    mongo.connect(mongo_url, database)
    lines = [f'["users","s-{number}"]\n'.encode() for number in range(200_000)]
    first, second = (RosterImages(UnitOfWork(district="jcps", cause=cause)) for cause in ("a", "b"))
    assert (list(first.load()), list(second.load())) == ([], [])

    first.save(lines)

    with pytest.raises(ConcurrentImportError):
        second.save(lines[:10])
    third = RosterImages(UnitOfWork(district="jcps", cause="c"))
    assert [line + b"\n" for line in third.load()] == lines
    fourth = RosterImages(UnitOfWork(district="jcps", cause="d"))
    list(fourth.load())
    third.save(lines[:10])
    with pytest.raises(ConcurrentImportError):
        fourth.save(lines[:20])
    assert [line + b"\n" for line in RosterImages(UnitOfWork(district="jcps", cause="e")).load()] == lines[
        :10
    ]
    chunks = mongoengine.get_db()["roster_image_chunks"]
    assert chunks.count_documents({}) == 1
