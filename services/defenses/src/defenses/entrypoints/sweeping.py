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
    """Decides again when a rule comes into force or is edited, months pass or exceptions end."""

    @every(_LOOK_INTERVAL_S)
    def sweep_readiness(self) -> None:
        """Sweep each district that has not been swept today by these rules, and that nobody else sweeps."""
        for district in districts_with_schools():
            work = self.work_for(district, "readiness-sweep")
            last, rules = ReadinessSweeps(work).find(_sweep_id(district)), self.rules_for(work).fingerprint
            if last is None or not last.covers(work.now.date(), rules):
                self._sweep_candidates_leased(district, rules)

    def _sweep_candidates_leased(self, district: str, rules: str) -> None:
        leases = DistrictLeases(uuid4().hex, _LEASE)
        # The plans of a district have the lease of its own name.
        leased = f"readiness-sweep:{district}"
        if not leases.claim(leased):
            return
        try:
            self._sweep_candidates(district, rules, still_ours=lambda: leases.renew(leased))
        except LeaseLostError:
            log.warning("readiness_sweep_lost", district=district)
        finally:
            leases.release(leased)

    def _sweep_candidates(self, district: str, rules: str, *, still_ours: Callable[[], None]) -> None:
        today = self.work_for(district, "readiness-sweep").now.date()
        # The rules are part of the cause: another version may come into force in the middle of a day.
        work = self.work_for(district, f"readiness-sweep:{today}:{rules[:16]}")
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
