"""A night's report from real tasks in the real store, made in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from tests.integration.scoring.scoring_district import Caller, eventually
from tests.integration.scoring.scoring_season import SKILL, stored_student, stored_task

from stack import testing

#: Beyond what a busy machine needs for numpy's import and a look of the timer.
PATIENCE_S = 60.0


@pytest.fixture
def address(
    service: Callable[..., testing.ServiceAddress], mongo_url: str, database: str
) -> tuple[testing.ServiceAddress, str]:
    """Start the service on a district of sixty students, of whom forty have an artifact."""
    district = f"d{uuid4().hex[:8]}"
    with MongoClient[dict[str, Any]](mongo_url, tz_aware=True) as client:
        store = client[f"{database}_scoring"]
        store["tasks"].insert_many([stored_task(number, district) for number in range(40)])
        store["students"].insert_many([stored_student(number, district) for number in range(60)])
        store["staff"].insert_one(
            {"_id": "ann", "district": district, "source_version": 1, "posts": [], "active": True}
        )
    return service("scoring"), district


def _caller(address: tuple[testing.ServiceAddress, str], subject: str, role: str) -> Caller:
    service, district = address
    return Caller(service.url, service.token(subject, role, None, district))


def _made(office: Caller) -> dict[str, Any] | None:
    answer = office.get("/v1/scoring/quality", kind="scorer")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found if found["report"] else None


def test_a_report_that_is_asked_for_is_made_and_shown_to_those_it_is_for(
    address: tuple[testing.ServiceAddress, str],
) -> None:
    office, admin = _caller(address, "office", "coordinator"), _caller(address, "chief", "district_admin")
    assert _made(office) is None
    assert office.post("/v1/scoring/reports", {}).status_code == 202

    made = eventually(lambda: _made(office), timeout_s=PATIENCE_S)

    assert made["failure"] is None
    assert made["report"]["reads"] == 80
    by_scorer = {row["subject"]: row for row in made["items"]}
    assert by_scorer["ann"]["figures"]["exact"]["value"] == 0.0
    assert by_scorer["ann"]["figures"]["smd"]["value"] == -by_scorer["bob"]["figures"]["smd"]["value"]
    assert by_scorer["ann"]["figures"]["drift"]["shortage"] == "too_few"
    assert "exact" in by_scorer["bob"]["flags"]

    _scorers_see_their_own(address)
    _small_cells_are_hidden(office, admin, address[1])


def _scorers_see_their_own(address: tuple[testing.ServiceAddress, str]) -> None:
    ann = _caller(address, "ann", "scorer")
    shown = ann.get("/v1/scoring/quality").json()

    assert [row["subject"] for row in shown["items"]] == ["ann"]
    assert shown["report"] is None
    assert not {"drift", "dsm"} & set(shown["items"][0]["figures"])
    assert ann.get("/v1/scoring/quality", subject="bob").status_code == 403
    assert ann.get("/v1/scoring/quality", kind="school").status_code == 403
    assert ann.get("/v1/scoring/equity").status_code == 403


def _small_cells_are_hidden(office: Caller, admin: Caller, district: str) -> None:
    query = {"skill_id": SKILL, "grouping_id": "home_language", "school_id": "east"}
    shown = office.get("/v1/scoring/equity", **query).json()
    cells = {row["group_id"]: row for row in shown["items"]}

    # Six of another home language are few, and the others' number would tell them.
    assert cells["other"]["published"]["students"] is None
    assert cells["english"]["published"]["students"] is None
    assert cells["other"]["internal"] is None
    assert office.get("/v1/scoring/equity", view="internal", **query).status_code == 403
    internal = admin.get("/v1/scoring/equity", view="internal", **query).json()
    whole = {row["group_id"]: row for row in internal["items"]}
    assert whole["other"]["internal"]["students"] == 6
    [disclosure] = admin.items(f"/v1/scoring/students/{district}-s-10/disclosures")
    assert (disclosure["seen_by"], disclosure["what"]) == ("chief", "equity")
    assert admin.items(f"/v1/scoring/students/{district}-s-11/disclosures") == []
    by_grade = office.get("/v1/scoring/equity", grouping_id="grade_band", school_id="east").json()["items"]
    assert [row["published"]["students"] for row in by_grade] == [60, 60]


def test_a_run_that_takes_too_long_is_killed_and_said_to_have_failed(
    service: Callable[..., testing.ServiceAddress], mongo_url: str, database: str, tmp_path: Path
) -> None:
    district = f"d{uuid4().hex[:8]}"
    [version] = json.loads((files("scoring") / "policy" / "monitoring.json").read_text())
    version["night"] |= {"limit_minutes": 0.001, "pause_minutes": 600}
    folder = tmp_path / "policies" / district
    folder.mkdir(parents=True)
    (folder / "monitoring.json").write_text(json.dumps([version]))
    with MongoClient[dict[str, Any]](mongo_url) as client:
        client[f"{database}_scoring"]["staff"].insert_one(
            {"_id": "ann", "district": district, "source_version": 1, "posts": [], "active": True}
        )
    address = service("scoring", POLICY_DIR=str(folder.parent)), district
    office = _caller(address, "office", "coordinator")
    assert office.post("/v1/scoring/reports", {}).status_code == 202

    failure = eventually(lambda: office.get("/v1/scoring/quality").json()["failure"], timeout_s=PATIENCE_S)

    assert "has not ended within" in failure["reason"]
