from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from chassis import topology
from chassis.cli import main


def test_the_definitions_in_the_repository_are_what_the_services_need(root: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "definitions.json"

    result = CliRunner().invoke(main, ["topology", "write", str(fresh)])

    assert result.exit_code == 0, result.output
    written = root / "deploy" / "rabbitmq" / "definitions.json"
    assert written.read_text() == fresh.read_text(), (
        "run `backpack topology write deploy/rabbitmq/definitions.json`"
    )


def test_every_queue_is_a_quorum_queue_and_every_binding_has_both_its_ends() -> None:
    needed = topology.installed()
    queues = {queue.name for queue in needed.queues}

    assert {queue.arguments["x-queue-type"] for queue in needed.queues} == {"quorum"}
    assert {binding.queue for binding in needed.bindings} <= queues
    assert {binding.exchange for binding in needed.bindings} <= set(needed.exchanges)


def test_whatever_dead_letters_by_name_names_a_queue_that_exists() -> None:
    needed = topology.installed()
    queues = {queue.name for queue in needed.queues}
    named = {queue.arguments.get("x-dead-letter-routing-key") for queue in needed.queues} - {None}

    assert named <= queues
