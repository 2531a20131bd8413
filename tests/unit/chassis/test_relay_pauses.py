"""The relay while the broker is away: it asks less and less often, shows it, and stops when told."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis import relay as relays
from chassis.delivery import PublishError
from chassis.relay import Relay, RelayLimits, outage_pause_s

LIMITS = RelayLimits(batch=1, lease_s=1, idle_s=0.01)


class Publisher:
    """What a relay closes at its end."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_pauses_double_up_to_ten_seconds_and_are_never_the_same_for_all() -> None:
    longest = [0.5, 1, 2, 4, 8, 10, 10]

    for failures, longest_s in enumerate(longest, start=1):
        drawn = [outage_pause_s(failures) for _ in range(100)]
        assert longest_s / 2 <= min(drawn) < max(drawn) <= longest_s
    assert outage_pause_s(100_000) <= 10


def test_a_relay_waits_longer_each_time_and_goes_on_at_once_when_the_broker_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relays, "outage_pause_s", lambda failures: failures / 1000)
    relay = Relay([], Publisher(), LIMITS)  # type: ignore[arg-type]  # no broker is needed
    shown: list[float | None] = []
    failed = _failed_steps()

    def step() -> int:
        shown.append(REGISTRY.get_sample_value("relay_pause_seconds"))
        if len(shown) <= 3:
            raise PublishError("away")
        if len(shown) == 5:
            relay.stop()
        return 0

    monkeypatch.setattr(relay, "step", step)
    relay.run()

    assert shown[1:] == [0.001, 0.002, 0.003, 0]
    assert _failed_steps() - failed == 3


def test_a_relay_that_pauses_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = Publisher()
    relay = Relay([], publisher, LIMITS)  # type: ignore[arg-type]  # as above
    pausing = threading.Event()

    def fail() -> Any:
        pausing.set()
        raise PublishError("away")

    monkeypatch.setattr(relays, "outage_pause_s", lambda _: 60.0)
    monkeypatch.setattr(relay, "step", fail)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    def terminate() -> None:
        pausing.wait(10)
        # The main thread, which waits, must be the one that is interrupted; the kernel would ask any.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    threading.Thread(target=terminate).start()
    started = time.monotonic()
    try:
        relays.run(relay)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

    assert time.monotonic() - started < 5
    assert publisher.closed


def _failed_steps() -> float:
    return REGISTRY.get_sample_value("relay_failed_steps_total", {"error": "PublishError"}) or 0
