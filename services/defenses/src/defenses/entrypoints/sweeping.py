"""The daily look at everybody, for what no event has told."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import structlog

from chassis.timers import every
from contracts.envelope import derived_id
from defenses.entrypoints.policies import PolicyReader
from defenses.repository import (
    Candidates,
    DistrictLeases,
    LeaseLostError,
    ReadinessSweeps,
    Schools,
    districts_with_schools,
)
from defenses.use_cases import readiness

log = structlog.get_logger()

#: How soon after midnight (UTC) a district's sweep begins, and how soon after a start.
_LOOK_INTERVAL_S = 5.0
#: Longer than one school takes; after a process died, another one goes on when this is over.
_LEASE = timedelta(minutes=1)


def give_way() -> None:
    """Let other handlers run: under eventlet, sleeping is how."""
    time.sleep(0)


class ReadinessSweeping(PolicyReader):
    """Decides again when a rule comes into force, months pass or exceptions end."""

    @every(_LOOK_INTERVAL_S)
    def sweep_readiness(self) -> None:
        """Sweep each district that has not been swept today and that nobody else sweeps."""
        for district in districts_with_schools():
            work = self.work_for(district, "readiness-sweep")
            if not readiness.is_swept(ReadinessSweeps(work).find(_sweep_id(district)), work.now):
                self._sweep_candidates_leased(district)

    def _sweep_candidates_leased(self, district: str) -> None:
        leases = DistrictLeases(uuid4().hex, _LEASE)
        # The plans of a district have the lease of its own name.
        leased = f"readiness-sweep:{district}"
        if not leases.claim(leased):
            return
        try:
            self._sweep_candidates(district, still_ours=lambda: leases.renew(leased))
        except LeaseLostError:
            log.warning("readiness_sweep_lost", district=district)
        finally:
            leases.release(leased)

    def _sweep_candidates(self, district: str, *, still_ours: Callable[[], None]) -> None:
        today = self.work_for(district, "readiness-sweep").now.date()
        work = self.work_for(district, f"readiness-sweep:{today}")
        count = readiness.sweep(
            _sweep_id(district),
            sweeps=ReadinessSweeps(work),
            schools=Schools(work),
            candidates=Candidates(work),
            rules=self.rules_for(work),
            pause=give_way,
            still_ours=still_ours,
            now=work.now,
        )
        log.info("readiness_swept", district=district, day=today.isoformat(), decided_again=count)


def _sweep_id(district: str) -> str:
    return derived_id("readiness-sweep", district)
