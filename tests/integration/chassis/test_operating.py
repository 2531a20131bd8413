"""The operators' tool on a real broker: looking loses nothing, and a replay may be killed and repeated."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.cli import main
from chassis.parked import ParkingLot, Selection
from probe import PARKING, QUEUE, Probe, eventually
from stack.testing import ServiceAddress


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


@pytest.mark.timeout(240)
def test_a_replay_that_is_killed_and_repeated_loses_and_doubles_nothing(
    ledger: ServiceAddress, amqp_url: str, probe: Probe, thing: str, tmp_path: Path
) -> None:
    probe.channel.queue_purge(PARKING)
    things = [f"{thing}-{number}" for number in range(3000)]
    headers = {"x-backpack-queue": QUEUE, "x-backpack-reason": "retries_exhausted"}
    for each in things:
        probe.park(probe.envelope(each), headers)
    audit_log = tmp_path / "audit.jsonl"
    environment = {**os.environ, "AMQP_URL": amqp_url, "AUDIT_LOG": str(audit_log)}
    command = [".venv/bin/backpack", "parked", "replay", "ledger"]

    for left in (2000, 1000):
        killed = subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        assert eventually(partial(_fewer_than, probe, left), timeout_s=60)
        killed.send_signal(signal.SIGKILL)
        assert killed.wait(10) == -signal.SIGKILL
    assert eventually(lambda: probe.depth(PARKING) > 0)
    subprocess.run(command, env=environment, check=True, capture_output=True)

    assert eventually(lambda: all(probe.effect(each) for each in things), timeout_s=90)
    assert eventually(lambda: probe.depth() == 0)
    assert {probe.effect(each) for each in things} == {1}
    assert probe.depth(PARKING) == 0
    audited = [json.loads(line)["action"] for line in audit_log.read_text().splitlines()]
    assert audited == ["replay begins", "replay begins", "replay begins", "replay"]


def test_two_who_share_an_id_never_stand_in_for_each_other(
    ledger: ServiceAddress, amqp_url: str, probe: Probe, thing: str
) -> None:
    probe.channel.queue_purge(PARKING)
    event = probe.envelope(thing)
    for queue in (QUEUE, "evt-gone--ledger.on_gone"):
        probe.park(event, {"x-backpack-queue": queue, "x-backpack-reason": "handler_error"})

    result = run(amqp_url, "parked", "replay", "ledger", "--json")

    # The broker names what it returns by its id only; so neither counts as gone, and one is handled twice.
    replayed = json.loads(result.stdout)
    assert (result.exit_code, replayed["replayed"], replayed["stayed"]) == (3, 0, 2)
    assert eventually(lambda: probe.effect(thing) == 1)
    assert eventually(lambda: probe.depth(PARKING) == 2)


def test_by_age_and_by_handler(amqp_url: str, probe: Probe, three_parked: list[str]) -> None:
    def listed(*arguments: str) -> int:
        assert eventually(lambda: probe.depth(PARKING) == 3)
        return len(json.loads(run(amqp_url, "parked", "list", "ledger", "--json", *arguments).stdout))

    assert listed("--older-than", "1h") == 0
    assert listed("--newer-than", "1h") == 3
    assert listed("--queue", "ledger.on_thing_happened") == 3
    assert listed("--queue", "happened") == 0
    assert listed("--type", "probe.thing.happened.v1") == 2
    assert listed("--newer-than", "1h", "--limit", "2") == 2


def _fewer_than(probe: Probe, left: int) -> bool:
    return probe.depth(PARKING) < left


def test_nothing_is_done_that_cannot_be_audited(
    amqp_url: str, probe: Probe, three_parked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_LOG", str(tmp_path / "missing" / "audit.jsonl"))

    for command in (["show"], ["replay"], ["discard", "--yes"]):
        result = run(amqp_url, "parked", command[0], "ledger", *command[1:])
        assert result.exit_code == 1
        assert "the audit log: No such file or directory" in result.stderr
        assert eventually(lambda: probe.depth(PARKING) == 3)


def test_discards_only_what_is_meant_and_only_when_told_yes(
    amqp_url: str, probe: Probe, three_parked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    one = ["parked", "discard", "ledger", "--id", three_parked[0]]

    asked = run(amqp_url, *one, input="n\n")
    kept = eventually(lambda: probe.depth(PARKING) == 3)
    done = run(amqp_url, *one, "--yes", "--json")
    gone = eventually(lambda: probe.depth(PARKING) == 2)
    again = run(amqp_url, *one, "--yes")

    assert (asked.exit_code, kept, done.exit_code, gone) == (1, True, 0, True)
    assert json.loads(done.stdout) == {"discarded": 1}
    assert (again.exit_code, again.stderr) == (1, "Error: nothing is parked that fits\n")
    audited = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [line["action"] for line in audited] == ["discard begins", "discard one", "discard"]
    assert (audited[1]["event_id"], audited[1]["queue"]) == (three_parked[0], QUEUE)


def test_an_unknown_service_and_a_broker_out_of_reach_are_one_line(amqp_url: str) -> None:
    unknown = run(amqp_url, "parked", "list", "nobody")
    away = run("amqp://x:x@127.0.0.1:1/", "parked", "list", "ledger")

    assert (unknown.exit_code, unknown.stderr) == (1, "Error: the broker has no queue nobody.parking\n")
    assert (away.exit_code, away.stderr) == (1, "Error: the broker: AMQPConnectionError\n")
