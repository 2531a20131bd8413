from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chassis import topology
from chassis.topology import Binding, QueueSpec, Topology, definitions, differences, of_service
from contracts import ALL_CONTRACTS
from contracts.artifacts import ARTIFACT_UPLOADED, STUDENT_ENROLLED

HANDLERS: list[tuple[Any, str]] = [
    (ARTIFACT_UPLOADED, "on_artifact_uploaded"),
    (STUDENT_ENROLLED, "on_student_enrolled"),
]
SCORING = of_service("scoring", HANDLERS, [5, 30])
UPLOADED_QUEUE = "evt-artifacts-artifacts.artifact.uploaded.v1--scoring.on_artifact_uploaded"
ENROLLED_QUEUE = "evt-artifacts-artifacts.student.enrolled.v1--scoring.on_student_enrolled"

PARKING_ARGUMENTS = {"x-delivery-limit": 1_000_000, "x-queue-type": "quorum"}

#: Arguments that mean the same on RabbitMQ 3.10 and 4.x.
KNOWN_ARGUMENTS = {
    "x-queue-type",
    "x-dead-letter-strategy",
    "x-overflow",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-delivery-limit",
    "x-message-ttl",
}


def _queue(name: str) -> QueueSpec:
    [found] = [queue for queue in SCORING.queues if queue.name == name]
    return found


def test_a_service_has_its_parking_its_ladder_and_a_queue_a_handler() -> None:
    assert [queue.name for queue in SCORING.queues] == [
        "scoring.parking",
        "scoring.retry.5s",
        "scoring.retry.30s",
        UPLOADED_QUEUE,
        ENROLLED_QUEUE,
    ]
    assert SCORING.exchanges == {
        "scoring.events": "topic",
        "artifacts.events": "topic",
        "scoring.retry.5s": "fanout",
        "scoring.retry.30s": "fanout",
    }
    assert SCORING.bindings == (
        Binding("scoring.retry.5s", "scoring.retry.5s", ""),
        Binding("scoring.retry.30s", "scoring.retry.30s", ""),
        Binding("artifacts.events", UPLOADED_QUEUE, "artifacts.artifact.uploaded.v1"),
        Binding("artifacts.events", ENROLLED_QUEUE, "artifacts.student.enrolled.v1"),
    )


def test_a_handlers_queue_survives_and_dead_letters_into_parking() -> None:
    assert _queue(UPLOADED_QUEUE).arguments == {
        "x-queue-type": "quorum",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "scoring.parking",
        "x-delivery-limit": 20,
    }


def test_a_step_of_the_ladder_returns_messages_to_the_queue_that_is_their_routing_key() -> None:
    step = _queue("scoring.retry.30s").arguments

    assert step["x-message-ttl"] == 30_000
    assert step["x-dead-letter-exchange"] == ""
    assert "x-dead-letter-routing-key" not in step


def test_parking_keeps_what_is_put_there_however_often_it_is_looked_at() -> None:
    assert _queue("scoring.parking").arguments == PARKING_ARGUMENTS


def test_no_argument_means_different_things_to_different_brokers() -> None:
    used = {name for queue in SCORING.queues for name in queue.arguments}

    assert used <= KNOWN_ARGUMENTS
    assert "x-queue-mode" not in used
    assert all(queue.arguments.get("x-delivery-limit", 20) > 0 for queue in SCORING.queues)
    assert all(queue.arguments["x-queue-type"] == "quorum" for queue in SCORING.queues)


def test_every_producer_has_its_exchange_before_anybody_listens() -> None:
    assert topology.producers() == Topology({contract.exchange: "topic" for contract in ALL_CONTRACTS})


def test_topologies_add_up_without_doubling() -> None:
    other = of_service("defenses", HANDLERS[:1], [5])

    both = SCORING | other | SCORING

    assert len(both.queues) == len(SCORING.queues) + len(other.queues)
    assert len(both.bindings) == len(SCORING.bindings) + len(other.bindings)
    assert both.exchanges == {**SCORING.exchanges, **other.exchanges}


def test_definitions_hold_everything_durable_and_no_user() -> None:
    written = definitions(SCORING, "backpack")

    assert set(written) == {"vhosts", "exchanges", "queues", "bindings"}
    assert written["vhosts"] == [{"name": "backpack"}]
    assert [exchange["name"] for exchange in written["exchanges"]] == sorted(SCORING.exchanges)
    assert [queue["name"] for queue in written["queues"]] == sorted(queue.name for queue in SCORING.queues)
    assert len(written["bindings"]) == len(SCORING.bindings)
    for each in (*written["exchanges"], *written["queues"]):
        assert (each["vhost"], each["durable"], each["auto_delete"]) == ("backpack", True, False)
    assert written["bindings"][0] == {
        "source": "artifacts.events",
        "vhost": "backpack",
        "destination": UPLOADED_QUEUE,
        "destination_type": "queue",
        "routing_key": "artifacts.artifact.uploaded.v1",
        "arguments": {},
    }


@pytest.mark.parametrize("reverse", [False, True])
def test_definitions_do_not_depend_on_the_order_of_services(*, reverse: bool) -> None:
    other = of_service("defenses", HANDLERS[:1], [5])
    both = other | SCORING if reverse else SCORING | other

    assert definitions(both, "backpack") == definitions(SCORING | other, "backpack")


class EntryPoint:
    """An installed service."""

    @staticmethod
    def load() -> Any:
        return SimpleNamespace(name="scoring", handlers=lambda: HANDLERS)


def test_the_installed_topology_is_that_of_all_services_with_the_default_ladder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        topology, "entry_points", lambda group: [EntryPoint] if group == "backpack.services" else []
    )

    assert topology.installed() == topology.producers() | of_service("scoring", HANDLERS, (5, 30, 300, 1800))


def test_a_broker_that_has_everything_and_more_differs_in_nothing() -> None:
    actual = definitions(SCORING | of_service("defenses", HANDLERS, [5]), "backpack")

    assert differences(definitions(SCORING, "backpack"), actual) == []


def test_what_a_broker_lacks_or_has_otherwise_is_told_line_by_line() -> None:
    actual = definitions(SCORING, "backpack")
    actual["exchanges"] = [each for each in actual["exchanges"] if each["name"] != "artifacts.events"]
    actual["bindings"] = [each for each in actual["bindings"] if each["destination"] != UPLOADED_QUEUE]
    [parking] = [each for each in actual["queues"] if each["name"] == "scoring.parking"]
    parking["arguments"] = {"x-queue-type": "classic", "x-max-length": 10}

    assert differences(definitions(SCORING, "backpack"), actual) == [
        "exchange artifacts.events is missing",
        "queue scoring.parking: argument x-delivery-limit is missing, it should be 1000000",
        "queue scoring.parking: argument x-max-length is 10 and should not be there",
        "queue scoring.parking: argument x-queue-type is 'classic' instead of 'quorum'",
        f"binding artifacts.events → {UPLOADED_QUEUE} → artifacts.artifact.uploaded.v1 is missing",
    ]


def test_what_would_double_or_swallow_events_is_told() -> None:
    actual = definitions(SCORING, "backpack")
    extra = {**actual["bindings"][0], "routing_key": "#"}
    orphan = "evt-artifacts-artifacts.student.enrolled.v1--scoring.on_nothing"
    actual["bindings"].append(extra)
    actual["queues"] += [{"name": orphan, "durable": True, "arguments": {}}, {"name": "somebody.elses"}]

    assert differences(definitions(SCORING, "backpack"), actual) == [
        f"binding artifacts.events → {UPLOADED_QUEUE} → # is extra",
        f"queue {orphan} has no handler any more",
    ]


def test_an_exchange_of_another_type_is_told() -> None:
    actual = definitions(SCORING, "backpack")
    [exchange] = [each for each in actual["exchanges"] if each["name"] == "scoring.events"]
    exchange["type"] = "direct"

    assert differences(definitions(SCORING, "backpack"), actual) == [
        "exchange scoring.events: type is 'direct' instead of 'topic'"
    ]


def test_an_empty_broker_lacks_everything() -> None:
    wanted = definitions(SCORING, "backpack")

    assert len(differences(wanted, {})) == sum(
        len(wanted[kind]) for kind in ("exchanges", "queues", "bindings")
    )
