"""The operators' tool on a real broker: looking loses nothing, and a replay may be killed and repeated."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.cli import main
from chassis.parked import ParkingLot, Selection
from probe import PARKING, QUEUE, Probe, eventually
from stack import broker as brokers
from stack.testing import BrokerAddress, ServiceAddress


def run(amqp_url: str, *arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(main, [*arguments, "--amqp-url", amqp_url], **options)


@pytest.fixture
def three_parked(ledger: ServiceAddress, probe: Probe, thing: str) -> list[str]:
    """Park two faults and one broken message; return the ids of the events."""
    probe.channel.queue_purge(PARKING)
    events = [probe.tell(f"{thing}-{number}", "broken") for number in range(2)]
    probe.tell_raw(b"{", message_id="no-event")
    assert eventually(lambda: probe.depth(PARKING) == 3)
    return [event.id for event in events]


def test_lists_by_reason_and_leaves_everything_where_it_is(
    amqp_url: str, probe: Probe, three_parked: list[str]
) -> None:
    result = run(amqp_url, "parked", "list", "ledger", "--reason", "handler_error", "--json")

    listed = json.loads(result.stdout)
    assert sorted(row["event_id"] for row in listed) == sorted(three_parked)
    assert {(row["queue"], row["exception"], row["attempts"]) for row in listed} == {
        (QUEUE, "RuntimeError", 1)
    }
    assert eventually(lambda: probe.depth(PARKING) == 3)
    assert "RuntimeError" in run(amqp_url, "parked", "list", "ledger").stdout


def test_looking_a_hundred_times_loses_nothing(amqp_url: str, probe: Probe, three_parked: list[str]) -> None:
    lot = ParkingLot(amqp_url, PARKING)

    for _ in range(100):
        # What was looked at goes back when the broker hears that the connection is closed.
        assert eventually(lambda: len(lot.look(Selection(), limit=10)) == 3)


def test_shows_one_whole_and_writes_who_looked(
    amqp_url: str, three_parked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_LOG", str(tmp_path / "audit.jsonl"))

    result = run(amqp_url, "parked", "show", "ledger", "--id", three_parked[0])

    shown = json.loads(result.stdout)
    assert json.loads(shown["body"])["id"] == three_parked[0]
    [line] = (tmp_path / "audit.jsonl").read_text().splitlines()
    audited = json.loads(line)
    assert (audited["action"], audited["service"], audited["event_id"]) == ("show", "ledger", three_parked[0])


def test_replays_to_the_failing_queue_with_the_same_id_and_once_a_run(
    amqp_url: str, probe: Probe, three_parked: list[str]
) -> None:
    result = run(amqp_url, "parked", "replay", "ledger", "--queue", "on_thing_happened")

    # Broken as they are, all three fail again and are parked again, which one run must not chase.
    assert (result.exit_code, result.stdout) == (0, "3 replayed, 0 stayed\n")
    assert eventually(lambda: probe.depth(PARKING) == 3)
    again = ParkingLot(amqp_url, PARKING).look(Selection(reason="handler_error"), limit=10)
    assert sorted(message.event_id for message in again) == sorted(three_parked)
    assert {(m.attempts, m.properties.headers["x-backpack-replays"]) for m in again} == {(1, 1)}


def test_what_has_no_queue_to_go_back_to_stays(amqp_url: str, probe: Probe, three_parked: list[str]) -> None:
    probe.channel.queue_purge(PARKING)
    probe.channel.basic_publish("", PARKING, b"lost", mandatory=True)

    result = run(amqp_url, "parked", "replay", "ledger")

    assert (result.exit_code, result.stdout) == (3, "0 replayed, 1 stayed\n")
    assert eventually(lambda: probe.depth(PARKING) == 1)


def test_a_replay_that_is_killed_and_repeated_loses_and_doubles_nothing(
    start_ledger: Any, ledger: ServiceAddress, amqp_url: str, probe: Probe, thing: str
) -> None:
    probe.channel.queue_purge(PARKING)
    things = [f"{thing}-{number}" for number in range(300)]
    headers = {"x-backpack-queue": QUEUE, "x-backpack-reason": "retries_exhausted"}
    for each in things:
        probe.park(probe.envelope(each), headers)
    environment = {**os.environ, "AMQP_URL": amqp_url}
    command = [".venv/bin/backpack", "parked", "replay", "ledger"]

    first = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert eventually(lambda: probe.depth(PARKING) < 300)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert subprocess.run(command, env=environment, check=True, capture_output=True).returncode == 0

    assert eventually(lambda: all(probe.effect(each) for each in things))
    assert {probe.effect(each) for each in things} == {1}
    assert probe.depth(PARKING) == 0


def test_discards_only_what_is_meant_and_only_when_told_yes(
    amqp_url: str, probe: Probe, three_parked: list[str]
) -> None:
    asked = run(amqp_url, "parked", "discard", "ledger", "--id", three_parked[0], input="n\n")
    kept = eventually(lambda: probe.depth(PARKING) == 3)
    done = run(amqp_url, "parked", "discard", "ledger", "--id", three_parked[0], "--yes")

    assert (asked.exit_code, kept, done.exit_code) == (1, True, 0)
    assert eventually(lambda: probe.depth(PARKING) == 2)


def test_an_unknown_service_and_a_broker_out_of_reach_are_one_line(amqp_url: str) -> None:
    unknown = run(amqp_url, "parked", "list", "nobody")
    away = run("amqp://x:x@127.0.0.1:1/", "parked", "list", "ledger")

    assert (unknown.exit_code, unknown.stderr) == (1, "Error: the broker has no queue nobody.parking\n")
    assert (away.exit_code, away.stderr) == (1, "Error: the broker: AMQPConnectionError\n")


def test_the_topology_is_applied_checked_and_watched(broker: BrokerAddress) -> None:
    url = brokers.add_vhost(broker.node, "operators")
    try:
        check = ["topology", "check", "--management-url", broker.management_url, "--vhost", "operators"]
        before = CliRunner().invoke(main, check)
        applied = run(url, "topology", "apply")
        after = CliRunner().invoke(main, check)
        watched = run(url, "queues", "--json")
    finally:
        brokers.remove_vhost(broker.node, "operators")

    assert (before.exit_code, applied.exit_code) == (3, 0)
    assert "queue scoring.parking is missing" in before.stdout
    assert (after.exit_code, after.stdout) == (0, "the broker has everything\n")
    # Nobody consumes there, which is what the exit status says.
    assert watched.exit_code == 3
    assert {row["kind"] for row in json.loads(watched.stdout)} == {"handler", "retry", "parking"}
