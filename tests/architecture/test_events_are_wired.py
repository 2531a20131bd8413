"""Every event is said by its producer, heard by somebody, and nobody speaks for another."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis import topology
from chassis.service import Service
from contracts import ALL_CONTRACTS, artifacts, defenses, notifications, scoring
from contracts.base import Contract

CONSTANTS = {
    name: value
    for module in (artifacts, scoring, defenses, notifications)
    for name, value in vars(module).items()
    if isinstance(value, Contract)
}
_LONGEST_QUEUE_NAME = 255


def _said(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (layer, constant) for each `SOME_CONTRACT.says(...)` under a service's package."""
    for path in folder.rglob("*.py"):
        layer = path.relative_to(folder).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "says":
                name = ast.unparse(node.value).rpartition(".")[2]
                if name in CONSTANTS:
                    yield layer, name


@pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)
def test_an_event_is_said_by_a_use_case_of_its_producer(contract: Contract[object], root: Path) -> None:
    said = {
        CONSTANTS[name].type
        for _, name in _said(root / "services" / contract.producer / "src" / contract.producer)
    }

    assert contract.type in said


def test_a_service_says_its_own_events_only_and_in_its_use_cases_only(
    service_name: str, sources: Path
) -> None:
    said = set(_said(sources))

    assert {layer for layer, _ in said} <= {"use_cases"}
    assert {CONSTANTS[name].producer for _, name in said} <= {service_name}


@pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)
def test_an_event_is_heard_by_some_service_or_said_for_those_outside(
    contract: Contract[object], service_names: list[str], load_service: Callable[[str], type[Service]]
) -> None:
    hearing = [
        name for name in service_names if contract in [heard for heard, _ in load_service(name).handlers()]
    ]

    # Its producer may hear it too: that is how one aggregate learns of another within a service.
    assert hearing or contract.outward


def test_the_table_of_events_says_who_is_told(
    root: Path, service_names: list[str], load_service: Callable[[str], type[Service]]
) -> None:
    told: dict[str, list[str]] = {contract.type: [] for contract in ALL_CONTRACTS}
    for name in service_names:
        for contract, _ in load_service(name).handlers():
            told[contract.type].append(name)
    lines = (root / "libs" / "contracts" / "README.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| `")]

    assert {row[0].strip("`"): row[2] for row in rows} == {
        kind: ", ".join(names) or "those outside" for kind, names in told.items()
    }


def test_a_service_hears_known_events_once_each_in_a_method_of_their_name(service: type[Service]) -> None:
    handlers = service.handlers()

    assert [contract.type for contract, _ in handlers if contract not in ALL_CONTRACTS] == []
    assert [
        kind for kind, times in Counter(contract.type for contract, _ in handlers).items() if times > 1
    ] == []
    assert [method for _, method in handlers] == [
        f"on_{contract.name.replace('.', '_')}" for contract, _ in handlers
    ]


def test_a_handlers_queue_has_a_name_that_the_broker_takes(service: type[Service]) -> None:
    for contract, method in service.handlers():
        assert len(topology.handler_queue(contract, service.name, method)) <= _LONGEST_QUEUE_NAME


def test_every_contract_has_a_constant_of_its_name() -> None:
    # The first version has the plain name, so that its consumers need not change when another one comes.
    assert {
        name: contract.name.replace(".", "_").upper()
        + (f"_V{contract.version}" if contract.version > 1 else "")
        for name, contract in CONSTANTS.items()
    } == {name: name for name in CONSTANTS}
    assert sorted(contract.type for contract in CONSTANTS.values()) == sorted(
        contract.type for contract in ALL_CONTRACTS
    )
