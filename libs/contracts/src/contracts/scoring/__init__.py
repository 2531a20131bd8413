"""Events of the scoring service, which alone may change this package; a module an area."""

from contracts.scoring import reads, scores, workflow
from contracts.scoring.reads import (
    PURPOSES,
    READ_GIVEN,
    SCORER_PAUSED,
    STAGES,
    ReadGiven,
    ReadLevel,
    ScorerPaused,
)
from contracts.scoring.scores import (
    ARTIFACT_SCORED,
    REVIEW_DECIDED,
    SCORE_QUARANTINED,
    ArtifactScored,
    CriterionScore,
    ReviewDecided,
    ScoreQuarantined,
)
from contracts.scoring.workflow import (
    ARTIFACT_RETURNED,
    ARTIFACT_UNSCORABLE,
    DEADLINE_PASSED,
    LEASE_WARNED,
    SAFEGUARDING_RAISED,
    SCORER_SUSPENDED,
    STEPS,
    ArtifactReturned,
    ArtifactUnscorable,
    DeadlinePassed,
    LeaseWarned,
    SafeguardingRaised,
    ScorerSuspended,
)

CONTRACTS = (*scores.CONTRACTS, *reads.CONTRACTS, *workflow.CONTRACTS)

__all__ = [
    "ARTIFACT_RETURNED",
    "ARTIFACT_SCORED",
    "ARTIFACT_UNSCORABLE",
    "CONTRACTS",
    "DEADLINE_PASSED",
    "LEASE_WARNED",
    "PURPOSES",
    "READ_GIVEN",
    "REVIEW_DECIDED",
    "SAFEGUARDING_RAISED",
    "SCORER_PAUSED",
    "SCORER_SUSPENDED",
    "SCORE_QUARANTINED",
    "STAGES",
    "STEPS",
    "ArtifactReturned",
    "ArtifactScored",
    "ArtifactUnscorable",
    "CriterionScore",
    "DeadlinePassed",
    "LeaseWarned",
    "ReadGiven",
    "ReadLevel",
    "ReviewDecided",
    "SafeguardingRaised",
    "ScoreQuarantined",
    "ScorerPaused",
    "ScorerSuspended",
]
