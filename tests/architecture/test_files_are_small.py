"""Files that one reads in a sitting, under names that say what is in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("libs", "services", "deploy", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if ".venv" not in path.parts
)
MOST_LINES = 320
SAYING_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
#: A test may pause only between two looks at what it waits for.
WAITING = ("wait", "until", "eventually")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_source_file_is_longer_than_one_reads() -> None:
    long = {
        _shown(path): lines
        for path in SOURCES
        if "src" in path.parts and (lines := len(path.read_text().splitlines())) > MOST_LINES
    }

    assert long == {}


def test_no_module_or_package_has_a_name_that_says_nothing() -> None:
    names = [_shown(path) for path in SOURCES if SAYING_NOTHING & {path.stem, *path.relative_to(ROOT).parts}]

    assert names == []


def test_tests_wait_for_conditions_and_never_for_a_time() -> None:
    sleeping = {
        f"{_shown(path)}:{line}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "tests") and not _makes_faults(path)
        for line in _pauses(ast.parse(path.read_text()))
    }

    assert sleeping == set()


def _makes_faults(path: Path) -> bool:
    """Whether a file is of the fault suite's program, whose load and outages have lengths, and no test."""
    return path.is_relative_to(ROOT / "tests" / "faults") and not path.name.startswith("test_")


def _pauses(node: ast.AST) -> Iterator[int]:
    """Yield the lines of all calls of `time.sleep` that are in no waiting function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef) and child.name.lstrip("_").startswith(WAITING):
            continue
        if isinstance(child, ast.Call) and ast.unparse(child.func) == "time.sleep":
            yield child.lineno
        yield from _pauses(child)
