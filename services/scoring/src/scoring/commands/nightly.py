"""`python -m scoring.commands.nightly <parent>`: read what is asked from stdin, write a report to stdout.

The rows of the report go to the document store, where nobody sees them before the service has taken the
report. The process ends as soon as the one whose id is its argument is gone, so that a killed service leaves
no work behind.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time

from chassis import mongo, settings
from chassis.outbox import UnitOfWork
from scoring.domain.monitoring.asking import report_to_wire, request_from_wire
from scoring.repository import EquityRows, QualityRows
from scoring.repository.buckets import BucketStore
from scoring.repository.season import SeasonStore
from scoring.settings import ScoringSettingsSchema
from scoring.use_cases.nightly import make_report

#: The service must keep answering meanwhile.
_NICENESS = 10
_WATCH_INTERVAL_S = 1.0


def main() -> None:
    """Make one district's report."""
    # Asked for by its id, because it may have gone while we were being loaded.
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.nice(_NICENESS)
    # Millions of tuples are made, none of which is in a cycle: looking for cycles would double their cost.
    gc.disable()
    request = request_from_wire(json.load(sys.stdin))
    read = settings.read(ScoringSettingsSchema)
    mongo.connect(read.mongo_url, read.mongo_database)
    work = UnitOfWork(district=request.district, cause=f"nightly:{request.report_id}", repeats=False)
    report = make_report(
        request,
        seasons=SeasonStore(request.district),
        buckets=BucketStore(request.district),
        quality=QualityRows(work),
        equity=EquityRows(work),
        clock=time.monotonic,
    )
    json.dump(report_to_wire(report), sys.stdout)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_INTERVAL_S)
    os._exit(1)


if __name__ == "__main__":
    main()
