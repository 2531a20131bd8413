"""Decide whether a student is ready for a transition, and say why."""

from defenses.domain.readiness.clauses import Clause
from defenses.domain.readiness.decisions import (
    INSUFFICIENT_EVIDENCE,
    MAY_DEFEND,
    NOT_YET,
    READY,
    STATUSES,
    WAIVED,
    Decision,
    decide,
    in_scope,
)
from defenses.domain.readiness.evidence import (
    EXCEPTION_KINDS,
    REDUCED_COUNTS,
    WAIVER,
    Evidence,
    ReadinessException,
    Snapshot,
    months_before,
)
from defenses.domain.readiness.history import PastDecision, to_remember
from defenses.domain.readiness.rules import (
    Cohort,
    Compensation,
    Nomination,
    OpportunitySeason,
    ReadinessRule,
    Recency,
)

__all__ = [
    "EXCEPTION_KINDS",
    "INSUFFICIENT_EVIDENCE",
    "MAY_DEFEND",
    "NOT_YET",
    "READY",
    "REDUCED_COUNTS",
    "STATUSES",
    "WAIVED",
    "WAIVER",
    "Clause",
    "Cohort",
    "Compensation",
    "Decision",
    "Evidence",
    "Nomination",
    "OpportunitySeason",
    "PastDecision",
    "ReadinessException",
    "ReadinessRule",
    "Recency",
    "Snapshot",
    "decide",
    "in_scope",
    "months_before",
    "to_remember",
]
