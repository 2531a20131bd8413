"""Decide whether a student is ready for a transition, and say why."""

from defenses.domain.readiness.decisions import (
    INSUFFICIENT_EVIDENCE,
    MAY_DEFEND,
    NOT_YET,
    READY,
    STATUSES,
    WAIVED,
    Clause,
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
from defenses.domain.readiness.rules import (
    Cohort,
    Compensation,
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
    "OpportunitySeason",
    "ReadinessException",
    "ReadinessRule",
    "Recency",
    "Snapshot",
    "decide",
    "in_scope",
    "months_before",
]
