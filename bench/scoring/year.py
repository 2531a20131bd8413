"""A year of scoring in the real store: the nightly report on it, then many scorers who claim and read.

Run `python bench/scoring/year.py --share 0.1`. With `--store FOLDER` the year is loaded there once and
stays; a second run measures on it without loading.
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
from datetime import UTC, datetime
from pathlib import Path

from claims import measure_claims
from load import DISTRICT, Year, load
from nightly_report import request_for

from scoring.domain.monitoring.asking import request_to_wire
from stack import broker as brokers
from stack import testing

_DATABASE = "bench_scoring"
_KIB_PER_MIB = 2**10


def main() -> int:
    """Load, measure and judge; return 1 if anything was opened twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=0.1, help="of a year's 480,000 artifacts")
    parser.add_argument("--waiting", type=int, default=10_000, help="artifacts that wait to be read, besides")
    parser.add_argument("--scorers", type=int, default=200, help="at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="of claiming; 0 for none")
    parser.add_argument("--processes", type=int, default=1, help="of the service")
    parser.add_argument("--no-night", action="store_true", help="leave the report out")
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
        if not wanted.no_night:
            _measure_night(services[0])
        if not wanted.seconds:
            return 0
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


def _measure_night(service: testing.ServiceAddress) -> None:
    """Run the command of the night as the service does, with the store on both sides of it."""
    command = [sys.executable, "-m", "scoring.commands.nightly", str(os.getpid())]
    began = time.monotonic()
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.write(json.dumps(request_to_wire(request_for(DISTRICT, datetime.now(UTC)))).encode())
        asked.seek(0)
        process = subprocess.Popen(command, stdin=asked, stdout=said, env=service.environment)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - began
        said.seek(0)
        report = json.loads(said.read()) if status == 0 else {}
    print(
        f"night: status {status}, {report.get('reads', 0):,} reads, {took:.1f} s wall "
        f"({report.get('seconds')} s by its own clock), {usage.ru_utime + usage.ru_stime:.1f} s processor, "
        f"{usage.ru_maxrss / _KIB_PER_MIB:,.0f} MiB at most; flags {report.get('flags')}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
