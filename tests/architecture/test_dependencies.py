"""Who imports whom: between layers by import-linter, outside by each project's own dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = {
    path.parent.name: path
    for path in (*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml"))
} | {"stack": ROOT / "deploy" / "local" / "pyproject.toml"}
#: What a project may use because the project under it brings it along.
BELOW = {"chassis": ("contracts",), "contracts": ()}
ON_TOP_OF_ALL = ("chassis", "contracts")

each_project = pytest.mark.parametrize("project", sorted(PROJECTS))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(project: str) -> set[str]:
    with PROJECTS[project].open("rb") as file:
        dependencies = tomllib.load(file)["project"]["dependencies"]
    return {_normal(re.split(r"[\[<>=~! ;]", each, maxsplit=1)[0]) for each in dependencies}


def _imported(project: str) -> Iterator[str]:
    """Yield the top-level name of each module that a project imports, wherever it does."""
    for path in PROJECTS[project].parent.glob("src/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield str(node.module).partition(".")[0]


def _used(project: str) -> dict[str, set[str]]:
    """Return the distributions behind a project's imports, by module; its own and Python's left out."""
    providing = dict(packages_distributions())
    modules = set(_imported(project)) - set(sys.stdlib_module_names) - {project}
    # The workspace's own packages are installed as links, which the metadata does not list by module.
    providing |= {name: [name] for name in PROJECTS}
    return {module: {_normal(name) for name in providing.get(module, ())} for module in modules}


def test_the_layers_import_in_one_direction() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout[-4_000:]


@each_project
def test_a_projects_own_dependencies_suffice(project: str) -> None:
    allowed = _declared(project).union(*map(_declared, BELOW.get(project, ON_TOP_OF_ALL)))

    assert {module: names for module, names in _used(project).items() if not names & allowed} == {}


@pytest.mark.parametrize("project", sorted(set(PROJECTS) - {"stack"}))
def test_a_project_depends_on_nothing_that_it_does_not_import(project: str) -> None:
    used = set().union(*_used(project).values())

    assert _declared(project) - used == set()
