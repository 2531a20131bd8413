"""What was decided and said about a student over the years, so that any of it can be made again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from defenses.domain.readiness.decisions import Decision, in_scope
from defenses.domain.readiness.evidence import Snapshot
from defenses.domain.readiness.rules import ReadinessRule


@dataclass(frozen=True, kw_only=True)
class PastDecision:
    """One decision that was said, with what it was made from.

    Attributes:
        snapshot: what the rule read, as JSON of `Snapshot.to_tree`: few of them are ever read again.
    """

    transition: str
    status: str
    rule_version: str
    input_hash: str
    as_of: date
    decided_at: datetime
    snapshot: str

    def read(self) -> Snapshot:
        """Return what the decision was made from."""
        return Snapshot.from_tree(json.loads(self.snapshot))


def to_remember(decision: Decision, whole: Snapshot, rule: ReadinessRule, *, now: datetime) -> PastDecision:
    """Return a decision as it is kept.

    Args:
        decision: just made.
        whole: what is known of the student, as of the day of the decision.
        rule: by which it was made; what it does not read is left out.
        now: the time of the decision.
    """
    return PastDecision(
        transition=decision.transition,
        status=decision.status,
        rule_version=decision.rule_version,
        input_hash=decision.input_hash,
        as_of=decision.as_of,
        decided_at=now,
        snapshot=json.dumps(in_scope(whole, rule).to_tree(), separators=(",", ":")),
    )
