"""Who knows one service knows them all: the same files, the same words, the same way to start."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from chassis.policy import _packaged
from chassis.service import Service
from chassis.settings import ChassisSettingsSchema

LAYERS = ("entrypoints", "use_cases", "domain", "repository", "documents")
OPTIONAL = ("settings", "clients", "commands", "solver")
#: Data beside the code.
DATA = {"policy", "templates"}
STATUSES_OF_CALLERS = range(400, 500)


def _class_name(service_name: str) -> str:
    return f"{service_name.capitalize()}Service"


def _project(root: Path, service_name: str) -> dict[str, Any]:
    with (root / "services" / service_name / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def _plain_calls(module: ast.Module) -> list[str]:
    """Return a module's statements as source, without its docstring."""
    return [ast.unparse(node) for node in module.body if not _is_docstring(node)]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _anonymous(text: str) -> str:
    """Take the names off the variables of paths, which may be werkzeug's or OpenAPI's."""
    return re.sub(r"<\w+>|\{\w+\}", "<>", text)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_service_has_every_layer(sources: Path, layer: str) -> None:
    assert (sources / f"{layer}.py").is_file() or (sources / layer / "__init__.py").is_file()


def test_a_service_has_nothing_beside_its_layers(sources: Path) -> None:
    found = {path.stem for path in sources.iterdir() if path.suffix == ".py" or path.is_dir()}

    assert found - {"__pycache__", "__init__", "__main__"} <= {*LAYERS, *OPTIONAL, *DATA}


def test_a_service_is_typed(sources: Path) -> None:
    assert (sources / "py.typed").is_file()


def test_a_service_is_found_by_its_name(service_name: str, service: type[Service], root: Path) -> None:
    registered = _project(root, service_name)["project"]["entry-points"]["backpack.services"]

    assert registered == {service_name: f"{service_name}.entrypoints:{_class_name(service_name)}"}
    assert (service.__name__, service.name) == (_class_name(service_name), service_name)
    assert service.title


def test_a_service_is_patched_before_all_else_and_run_by_the_chassis(
    service_name: str, sources: Path
) -> None:
    statements = _plain_calls(ast.parse((sources / "__main__.py").read_text()))

    assert statements[:2] == ["import eventlet", "eventlet.monkey_patch()"]
    assert "from chassis.runner import run" in statements
    assert statements[-1] == f"if __name__ == '__main__':\n    run({_class_name(service_name)})"


def test_a_services_settings_are_those_of_the_chassis_and_its_own(
    service_name: str, service: type[Service]
) -> None:
    schema = service.settings_schema

    assert issubclass(schema, ChassisSettingsSchema)
    assert schema.__module__ in {"chassis.settings", f"{service_name}.settings"}


def test_a_service_maps_its_errors_to_faults_of_the_caller(service: type[Service]) -> None:
    wrong = {
        error.__name__: int(status)
        for error, status in service.problems.items()
        if int(status) not in STATUSES_OF_CALLERS or not issubclass(error, Exception)
    }

    assert wrong == {}


def test_a_services_readme_names_its_events_routes_and_settings(
    service_name: str, service: type[Service], root: Path
) -> None:
    readme = _anonymous((root / "services" / service_name / "README.md").read_text())
    own_settings = set(service.settings_schema().fields) - set(ChassisSettingsSchema().fields)
    expected = [
        *(contract.name for contract, _ in service.handlers()),
        *(_anonymous(route.path) for method, route in service.routes() if not hasattr(Service, method)),
        *(name.upper() for name in own_settings),
    ]

    assert [each for each in expected if each not in readme] == []
    assert readme.startswith(f"# {service_name}\n")


def test_a_services_policies_load_and_each_file_is_read(
    service: type[Service], sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def packaged(package: str, name: str) -> str:
        read.append(name)
        return _packaged(package, name)

    monkeypatch.setattr("chassis.policy._packaged", packaged)

    service.policies.build(_NoPolicyFolder)  # type: ignore[attr-defined]  # every service declares them

    assert sorted(read) == sorted(path.stem for path in (sources / "policy").glob("*.json"))


class _NoPolicyFolder:
    """The only setting that policies are built from."""

    policy_dir = ""
