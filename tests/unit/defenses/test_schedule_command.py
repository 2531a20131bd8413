"""`backpack schedule solve`: a checked solution, or an error that names the place and no file at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.scheduling import generate
from click.testing import CliRunner, Result
from tests.unit.defenses.season_instances import as_json, independent, small, wish

from defenses.commands import schedule
from defenses.solver import search, solving

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    path = tmp_path / "instance.json"
    path.write_text(json.dumps(as_json(small(wish(0), wish(1), wish(2, tiers={})))))
    return path


def solve(instance: Path, *options: str) -> tuple[Result, Path]:
    out = instance.with_name("solution.json")
    arguments = ["solve", str(instance), "--out", str(out), *options]
    return CliRunner().invoke(schedule, arguments), out


def test_a_solution_that_the_judge_accepts_is_written(instance: Path) -> None:
    ended, out = solve(instance, "--moves", "100", "--time-limit", "30", "--seed", "3")

    solution = json.loads(out.read_text())
    parts, faults = independent().check(json.loads(instance.read_text()), solution)
    assert (ended.exit_code, faults) == (0, [])
    assert parts["cost"] == solution["cost"]
    assert solution["unscheduled"] == [
        {
            "student": "s2",
            "reasons": [
                "impossible: no schedule has a place for this student",
                "windows: the family has none in the season",
            ],
        }
    ]


def test_the_two_gaps_are_told_apart(instance: Path) -> None:
    ended, out = solve(instance, "--moves", "100")

    summary = json.loads(ended.stdout.splitlines()[-1])
    assert summary["unscheduled"] == summary["unscheduled_at_least"] == 1
    assert summary["coverage_gap"] == 0
    assert 0 <= summary["soft_gap"] < 1
    assert summary["lower_bound"] == pytest.approx(1000 + summary["soft_at_least"], abs=0.01)
    assert json.loads(out.read_text())["lower_bound"] == pytest.approx(summary["lower_bound"])


def test_progress_is_a_line_of_json_each(instance: Path) -> None:
    ended, _ = solve(instance, "--moves", "100")

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert lines
    assert all(set(line) == {"seconds", "cost", "unscheduled"} for line in lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"version": 1}', "days: it is missing"),
        (json.dumps(as_json(small(wish(0, school="Z")))), "students[0].school of s0: there is no school Z"),
    ],
)
def test_a_bad_file_ends_with_the_place_and_writes_nothing(instance: Path, content: str, said: str) -> None:
    instance.write_text(content)

    ended, out = solve(instance, "--moves", "1")

    assert (ended.exit_code, out.exists()) == (2, False)
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_limit_must_be_given(instance: Path) -> None:
    ended, out = solve(instance)

    assert (ended.exit_code, out.exists()) == (2, False)
    assert "--time-limit, --moves or both" in ended.stderr


def test_a_schedule_that_breaks_a_rule_is_not_written(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: Any) -> Any:
        found = search.search(small(wish(0)), search.Limits(seconds=None, moves=1))
        return (*found, *found)

    monkeypatch.setattr(solving, "search", faulty)

    ended, out = solve(instance, "--moves", "1")

    assert (ended.exit_code, out.exists()) == (1, False)
    assert "the schedule breaks" in ended.stderr


def test_a_search_that_outgrows_its_memory_writes_nothing_and_says_why(instance: Path) -> None:
    out = instance.with_name("solution.json")
    program = "from defenses.commands import schedule; schedule()"
    command = [sys.executable, "-c", program, "solve", str(instance), "--out", str(out), "--time-limit", "60"]

    ended = subprocess.run(
        [*command, "--memory-limit", "32"], capture_output=True, text=True, check=False, timeout=120
    )

    assert (ended.returncode, out.exists()) == (4, False)
    assert "are more than the limit of 32 MiB" in ended.stderr


def test_a_terminated_search_writes_the_best_so_far(tmp_path: Path) -> None:
    wire = generate.cluster(1, (60,))
    instance, out = tmp_path / "instance.json", tmp_path / "solution.json"
    instance.write_text(json.dumps(wire))
    program = "from defenses.commands import schedule; schedule()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "solve", instance, "--out", out, "--time-limit", "3600"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "unscheduled" in process.stderr.readline()

        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert process.returncode == 0
    assert independent().check(wire, json.loads(out.read_text()))[1] == []
