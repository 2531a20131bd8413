"""Many scorers at once, over HTTP: each claims, reads, and claims again.

Afterwards the store says whether anything was opened twice.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psutil
import requests
from load import DISTRICT, scorer_id
from pymongo import MongoClient

from stack import testing

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


def measure_claims(
    services: Sequence[testing.ServiceAddress],
    store: testing.StoreAddress,
    database: str,
    *,
    scorers: int,
    seconds: float,
) -> bool:
    """Let scorers work for a while, and print what they saw.

    Returns:
        Whether nobody got what somebody else had, by the store's own word.
    """
    until = time.monotonic() + seconds
    threads = [
        Scorer(
            services[number % len(services)].url,
            services[0].token(scorer_id(number), "scorer", None, DISTRICT),
            until,
        )
        for number in range(scorers)
    ]
    parts = {"service": [each.process.pid for each in services], "store": [store.process.pid]}
    before, began, began_at = _processor_s(parts), time.monotonic(), datetime.now(UTC)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, after = time.monotonic() - began, _processor_s(parts)
    seen = [each.seen for each in threads]
    for name in ("claims", "reads"):
        times = sorted(second for each in seen for second in getattr(each, name))
        if len(times) > 1:
            cuts = statistics.quantiles(times, n=100)
            print(
                f"{name}: {len(times):,} in {took:.1f} s = {len(times) / took:.0f}/s, "
                f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"
            )
    pairs = max(1, sum(len(each.reads) for each in seen))
    spent = ", ".join(f"{name} {(after[name] - before[name]) / pairs * 1000:.1f} ms" for name in parts)
    memory = sum(psutil.Process(each.process.pid).memory_info().rss for each in services)
    other = sum((each.other for each in seen), Counter())
    print(
        f"processor time of a claim and its read: {spent}\n"
        f"memory of the service: {memory / 2**20:.0f} MiB; other answers by status: {dict(other)}"
    )
    given = Counter((task, number) for number, each in enumerate(seen) for task in each.tasks)
    return _is_right(given, store.mongo_url, database, began_at)


def _processor_s(parts: Mapping[str, Sequence[int]]) -> dict[str, float]:
    return {
        name: sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids) for name, pids in parts.items()
    }


def _is_right(given: Counter[tuple[str, int]], mongo_url: str, database: str, since: datetime) -> bool:
    """Compare what scorers were given with what the store holds."""
    twice = [task for (task, _), times in given.items() if times > 1]
    with MongoClient[dict[str, Any]](mongo_url, tz_aware=True) as client:
        found = {
            raw["_id"]: [each for each in raw["history"] if each["what"] == "leased" and each["at"] > since]
            for raw in client[database]["tasks"].find(
                {"_id": {"$in": [task for task, _ in given]}}, {"history": 1}
            )
        }
    # A task may be opened again for its second read, by somebody else: as often as it was given, never more.
    times = Counter(task for task, _ in given)
    wrong = [task for task, leases in found.items() if len(leases) != times[str(task)]]
    print(f"opened twice by one scorer: {len(twice)}; given otherwise than the store says: {len(wrong)}")
    return not twice and not wrong
