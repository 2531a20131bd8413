"""A year of scoring in the real store: its nights, and many scorers who claim and read.

Run `python bench/scoring/year.py --share 0.1`. With `--store FOLDER` the year is loaded there once and
stays; a second run measures on it without loading. The first night finds nothing that one before it has kept;
then a day happens, and the second night reads what changed on it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from claims import measure_claims
from day import let_a_day_happen
from load import DISTRICT, Year, load
from nightly_report import request_for
from pymongo import MongoClient

from scoring.domain.monitoring.asking import request_to_wire
from stack import broker as brokers
from stack import testing

_DATABASE = "bench_scoring"
_KIB_PER_MIB = 2**10
PARTS = ("first", "day", "second", "claims")


def main() -> int:
    """Load, measure and judge; return 1 if anything was opened twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=0.1, help="of a year's 480,000 artifacts")
    parser.add_argument("--waiting", type=int, default=10_000, help="artifacts that wait to be read, besides")
    parser.add_argument("--scorers", type=int, default=200, help="at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="of claiming")
    parser.add_argument("--processes", type=int, default=1, help="of the service")
    parser.add_argument("--reads", type=int, default=3_600, help="of the day between the nights")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="leave the others out")
    parser.add_argument("--store", help="folder to load into, or that holds the year already")
    wanted = parser.parse_args()
    year = Year.share(wanted.share, wanted.waiting)
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start; {year}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        directory = Path(folder)
        kept = Path(wanted.store).resolve() if wanted.store else directory / "store"
        store = stack.enter_context(testing.running_store(kept))
        _load_once(kept, store.mongo_url, year)
        if "first" in wanted.parts:
            _forget_nights(store.mongo_url)
            _measure_night("first", store)
        if "day" in wanted.parts:
            began = time.monotonic()
            reads = let_a_day_happen(store.mongo_url, _DATABASE, wanted.reads)
            print(f"day: {reads:,} opened and read in {time.monotonic() - began:.1f} s", flush=True)
        if "second" in wanted.parts:
            _measure_night("second", store)
        if "claims" not in wanted.parts:
            return 0
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
        right = measure_claims(services, store, _DATABASE, scorers=wanted.scorers, seconds=wanted.seconds)
    return 0 if right else 1


def _load_once(kept: Path, mongo_url: str, year: Year) -> None:
    """Load the year unless the folder holds it; one that was begun and not finished fails in the store."""
    mark = kept / "loaded.json"
    if mark.exists():
        print(f"loaded before: {mark.read_text()}")
        return
    began = time.monotonic()
    made = load(mongo_url, _DATABASE, year)
    took = time.monotonic() - began
    told = f"{made:,} documents in {took:.0f} s = {made / took:,.0f}/s"
    mark.write_text(json.dumps({"year": str(year), "loaded": told}))
    print(told, flush=True)


def _forget_nights(mongo_url: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        client[_DATABASE]["night_buckets"].drop()


def _measure_night(name: str, store: testing.StoreAddress) -> None:
    """Run the command of the night as the service does, with the store on both sides of it."""
    command = [sys.executable, "-m", "scoring.commands.nightly", str(os.getpid())]
    environment = {
        **os.environ,
        "MONGO_URL": store.mongo_url,
        "MONGO_DATABASE": _DATABASE,
        # What the settings ask for, and the night does not use.
        "AMQP_URL": "amqp://nobody@localhost/none",
        "HTTP_ADDRESS": "localhost:0",
        "JWT_ISSUER": "nobody",
    }
    server = psutil.Process(store.process.pid)
    before, began = sum(server.cpu_times()[:2]), time.monotonic()
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        request = replace(request_for(DISTRICT, datetime.now(UTC)), report_id=uuid4().hex)
        asked.write(json.dumps(request_to_wire(request)).encode())
        asked.seek(0)
        process = subprocess.Popen(command, stdin=asked, stdout=said, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - began
        said.seek(0)
        report = json.loads(said.read()) if status == 0 else {}
    print(
        f"{name} night: status {status}, {report.get('reads', 0):,} reads; {took:.1f} s wall, "
        f"{usage.ru_utime + usage.ru_stime:.1f} s processor and {usage.ru_maxrss / _KIB_PER_MIB:,.0f} MiB at "
        f"most of the command, {sum(server.cpu_times()[:2]) - before:.1f} s processor and "
        f"{server.memory_info().rss / _KIB_PER_MIB**2:,.0f} MiB of the store; load "
        f"{os.getloadavg()[0]:.1f}; flags {report.get('flags')}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
