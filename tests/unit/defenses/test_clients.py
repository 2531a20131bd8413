"""The solver's process: bounded, never trusted, and gone when we are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.defenses.defenses_examples import (
    POLICY,
    availability,
    panelist,
    room,
    season,
    student,
)

from defenses.clients import SolverProcess
from defenses.domain.runs import Progress
from defenses.domain.scheduling.checking import faults
from defenses.domain.scheduling.exchange import instance_to_wire
from defenses.domain.scheduling.instance import Solution
from defenses.domain.scheduling.limits import MIB
from defenses.use_cases.searching import Beat, SearchFailedError

KINDS = (("t", "teacher"), ("x", "outside"))
INSTANCE = season(student("s-1"), student("s-2")).instance()


def python(code: str) -> SolverProcess:
    return SolverProcess((sys.executable, "-c", code), grace_s=0.0)


def ours(_: Progress | None) -> bool:
    """Nobody else plans, and nobody ends the search."""
    return True


def test_the_real_solver_answers() -> None:
    found = SolverProcess().solve(INSTANCE, POLICY, ours)

    assert faults(INSTANCE, found) == ()
    assert len(found.assignments) == 2


def test_what_is_asked_and_answered_is_written_and_read_aside() -> None:
    done: list[object] = []

    def aside(work: Callable[[], Any], _: Beat) -> Any:
        done.append(work())
        return done[-1]

    found = SolverProcess(aside=aside).solve(INSTANCE, POLICY, ours)

    assert [type(each) for each in done] == [bytes, Solution]
    assert done[1] is found


def test_a_solver_that_fails_is_quoted_by_its_last_words() -> None:
    with pytest.raises(SearchFailedError, match="the solver ended with 3: out of memory"):
        python("import sys; print('out of memory', file=sys.stderr); sys.exit(3)").solve(
            INSTANCE, replace(POLICY, seconds=60.0), ours
        )


def test_a_solver_that_is_killed_is_said_to_be() -> None:
    with pytest.raises(SearchFailedError, match="was killed, as happens when memory runs out"):
        python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").solve(
            INSTANCE, replace(POLICY, seconds=60.0), ours
        )


def test_when_memory_runs_out_the_search_goes_before_the_service() -> None:
    wait = "import pathlib, sys, time; own = pathlib.Path('/proc/self/oom_score_adj')\n"
    until = "while own.read_text().strip() != '1000': time.sleep(0.01)\n"
    with pytest.raises(SearchFailedError, match="the solver ended with 7"):
        python(f"{wait}{until}sys.exit(7)").solve(INSTANCE, replace(POLICY, seconds=30.0), ours)


def test_a_search_that_grows_beyond_its_limit_of_memory_is_said_to() -> None:
    with pytest.raises(
        SearchFailedError, match=r"ran out of memory: memory: \d+ MiB are more than the limit of 32"
    ):
        SolverProcess(memory_bytes=32 * MIB).solve(INSTANCE, replace(POLICY, seconds=60.0), ours)


@pytest.mark.parametrize("said", ["", "hello", "{}"])
def test_a_solver_that_says_something_else_is_not_believed(said: str) -> None:
    with pytest.raises(SearchFailedError, match="something else than a solution"):
        python(f"print({said!r})").solve(INSTANCE, replace(POLICY, seconds=60.0), ours)


def test_a_solver_that_hangs_is_ended() -> None:
    with pytest.raises(SearchFailedError, match=r"has not ended within 0\.3 s"):
        python("import time; time.sleep(600)").solve(INSTANCE, replace(POLICY, seconds=0.3), ours)


def test_a_solver_is_ended_when_its_search_is_not_wanted_any_more() -> None:
    class NotOursError(Exception):
        pass

    def lost(_: Progress | None) -> bool:
        raise NotOursError

    with pytest.raises(NotOursError):
        python("import time; time.sleep(600)").solve(INSTANCE, replace(POLICY, seconds=60.0), lost)


#: Tells how far it is, waits to be terminated, and answers with a schedule that leaves everybody out.
OBEDIENT = """
import json, signal, sys
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
told = {"students": 2, "unscheduled": 2, "cost": 2000, "seconds": 1.5}
print("x" * 5000)
print(json.dumps({"progress": told}), flush=True)
while not ended:
    signal.pause()
left = [{"student": each, "reasons": []} for each in ("s-1", "s-2")]
print(json.dumps({"assignments": [], "unscheduled": left, "cost": 2000, "lower_bound": None, "seconds": 2.0}))
"""


def test_a_search_that_is_not_to_go_on_answers_with_the_best_so_far() -> None:
    heard: list[Progress | None] = []

    def enough(progress: Progress | None) -> bool:
        heard.append(progress)
        return False

    found = python(OBEDIENT).solve(INSTANCE, replace(POLICY, seconds=60.0), enough)

    assert [each.student for each in found.unscheduled] == ["s-1", "s-2"]
    assert heard[-1] == Progress(students=2, unscheduled=2, cost=2000, seconds=1.5)


def test_the_real_solver_tells_how_far_it_is_and_ends_when_told_to() -> None:
    people = [panelist(f"{kind}-{n}", role) for n in range(9) for kind, role in KINDS]
    offer = availability(panelists=tuple(people), rooms=tuple(room(f"r-{n}") for n in range(9)))
    large = season(*(student(f"s-{n}") for n in range(61)), availability=offer).instance()
    heard: list[Progress] = []

    def until_told(progress: Progress | None) -> bool:
        heard.extend([] if progress is None else [progress])
        return not heard

    found = SolverProcess().solve(large, replace(POLICY, seconds=600.0, gap=0.0), until_told)

    assert heard[0].students == 61
    assert faults(large, found) == ()
    assert found.seconds < 600


def test_a_solver_does_not_outlive_the_one_who_started_it(tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text(
        json.dumps(
            {
                "instance": instance_to_wire(INSTANCE),
                "seconds": 60.0,
                "workers": 1,
                "gap": 0.0,
                "memory_bytes": 2**31,
            }
        )
    )
    parent = textwrap.dedent(
        f"""
        import os, subprocess, sys
        child = subprocess.Popen(
            [sys.executable, "-c",
             "import defenses.solver.__main__ as m, time; "
             "m.solve = lambda *_, **__: time.sleep(60); m.main()",
             str(os.getpid())],
            stdin=open({str(request)!r}),
        )
        print(child.pid, flush=True)
        sys.stdin.read()
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert _runs(child)

        process.kill()

    _wait_until_ended(child)
    assert not _runs(child)


def _wait_until_ended(pid: int) -> None:
    deadline = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended but has not been reaped does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
