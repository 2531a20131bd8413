"""Measure claims and reads per second with many scorers at once, over HTTP, on a store that holds a year.

Run `python bench/scoring/claims.py --share 0.02`. Each scorer claims, reads, and claims again. Afterwards the
store says whether anything was opened or read twice.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import requests
from load import DISTRICT, LOADED_READS_AT, Year, load, scorer_id
from pymongo import MongoClient

from stack import broker as brokers
from stack import testing

_DATABASE = "bench_scoring"
_TIMEOUT_S = 120.0


@dataclass
class Seen:
    """What the scorers saw."""

    claims: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    other: Counter[int] = field(default_factory=Counter)


class Scorer(threading.Thread):
    """Claims and reads until the time is over."""

    def __init__(self, url: str, token: str, until: float) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._until = until
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.seen = Seen()

    def run(self) -> None:
        """Work."""
        while time.monotonic() < self._until:
            began = time.monotonic()
            answer = self._post("/v1/scoring/claims", {})
            if answer.status_code != requests.codes.ok:
                self.seen.other[answer.status_code] += 1
                continue
            task = answer.json()["task"]
            if task is None:
                return
            self.seen.claims.append(time.monotonic() - began)
            self.seen.tasks.append(task["task_id"])
            self._read(task)

    def _read(self, task: dict[str, Any]) -> None:
        rubric: dict[str, list[dict[str, str]]] = task["rubric"]
        levels = [
            {"criterion_id": each["criterion_id"], "level": 3, "feedback": "Clear."}
            for each in rubric["criteria"]
        ]
        began = time.monotonic()
        answer = self._post(f"/v1/scoring/tasks/{task['task_id']}/reads", {"levels": levels})
        if answer.status_code == requests.codes.created:
            self.seen.reads.append(time.monotonic() - began)
        else:
            self.seen.other[answer.status_code] += 1

    def _post(self, path: str, body: dict[str, object]) -> requests.Response:
        headers = {"Idempotency-Key": uuid4().hex}
        return self._session.post(self._url + path, json=body, headers=headers, timeout=_TIMEOUT_S)


def main() -> int:
    """Load, measure and judge; return 1 if anything was opened twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=0.02, help="of a year's 480,000 artifacts")
    parser.add_argument("--waiting", type=int, default=4_000, help="artifacts that wait to be read")
    parser.add_argument("--scorers", type=int, default=200, help="at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="of measuring")
    parser.add_argument("--processes", type=int, default=1, help="of the service")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        directory = Path(folder)
        store = stack.enter_context(testing.running_store(directory / "store"))
        year = Year.share(wanted.share, wanted.waiting)
        took = load(store.mongo_url, _DATABASE, year)
        print(f"{platform.machine()}, {os.cpu_count()} cores; {year}")
        print(f"loaded in {took:.0f} s: {year.artifacts / took:.0f} artifacts/s")
        broker = stack.enter_context(testing.running_broker(directory / "broker"))
        vhost = brokers.add_vhost(broker.node, "bench")
        services = [
            stack.enter_context(
                testing.running_service(
                    "scoring",
                    directory / "service",
                    amqp_url=vhost,
                    mongo_url=store.mongo_url,
                    database=_DATABASE,
                )
            )
            for _ in range(wanted.processes)
        ]
        return _measure(services, wanted.scorers, wanted.seconds, store.mongo_url)


def _measure(services: list[testing.ServiceAddress], scorers: int, seconds: float, mongo_url: str) -> int:
    until = time.monotonic() + seconds
    threads = [
        Scorer(
            services[number % len(services)].url,
            services[0].token(scorer_id(number), "scorer", None, DISTRICT),
            until,
        )
        for number in range(scorers)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    seen = [each.seen for each in threads]
    for name in ("claims", "reads"):
        times = sorted(second for each in seen for second in getattr(each, name))
        if len(times) > 1:
            cuts = statistics.quantiles(times, n=100)
            print(
                f"{name}: {len(times):,} in {took:.1f} s = {len(times) / took:.0f}/s, "
                f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"
            )
    memory = sum(psutil.Process(each.process.pid).memory_info().rss for each in services)
    other = sum((each.other for each in seen), Counter())
    print(f"memory of the service: {memory / 2**20:.0f} MiB; other answers by status: {dict(other)}")
    given = Counter((task, number) for number, each in enumerate(seen) for task in each.tasks)
    return _judge(given, mongo_url)


def _judge(given: Counter[tuple[str, int]], mongo_url: str) -> int:
    """Compare what scorers were given with what the store holds."""
    twice = [task for (task, _), times in given.items() if times > 1]
    with MongoClient[dict[str, Any]](mongo_url, tz_aware=True) as client:
        found = {
            raw["_id"]: [
                each for each in raw["history"] if each["what"] == "leased" and each["at"] > LOADED_READS_AT
            ]
            for raw in client[_DATABASE]["tasks"].find(
                {"_id": {"$in": [task for task, _ in given]}}, {"history": 1}
            )
        }
    # A task may be opened again for its second read, by somebody else: as often as it was given, never more.
    times = Counter(task for task, _ in given)
    wrong = [task for task, leases in found.items() if len(leases) != times[str(task)]]
    print(f"opened twice by one scorer: {len(twice)}; given otherwise than the store says: {len(wrong)}")
    return 1 if twice or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
