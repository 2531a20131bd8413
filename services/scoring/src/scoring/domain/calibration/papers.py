"""Papers: artifacts whose levels experts have settled, read in training and among all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scoring.domain.rubrics import CriterionLevel, Rubric, check_levels
from scoring.domain.tasks.states import Purpose
from scoring.domain.tasks.task import Submission

#: What a paper can be for; an artifact that waits for its score is none.
PURPOSES = (Purpose.PRACTICE, Purpose.QUALIFICATION, Purpose.SEED)


class NoPaperError(LookupError):
    """There is no such paper."""


class WrongPurposeError(ValueError):
    """A paper cannot be for that."""

    field = "purpose"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """An artifact with known levels, bound to one rubric version.

    Attributes:
        paper_id: the artifact's id: to its reader it is nothing else.
        known: the levels, in the rubric's order.
        rationale: why these; shown after practice only.
        active: False once it is given to nobody any more.
    """

    paper_id: str
    purpose: Purpose
    submission: Submission
    band: str
    rubric_id: str
    rubric_version: str
    known: tuple[CriterionLevel, ...]
    rationale: str
    active: bool
    set_by: str
    set_at: datetime

    @property
    def skill_id(self) -> str:
        """The skill that it shows."""
        return self.submission.skill_id


def set_paper(
    submission: Submission,
    rubric: Rubric,
    levels: Sequence[CriterionLevel],
    *,
    purpose: Purpose,
    rationale: str,
    by: str,
    at: datetime,
) -> Paper:
    """Make an artifact a paper.

    Raises:
        WrongPurposeError: if it is for none of PURPOSES.
        LevelsDoNotFitError: if the levels are not what the rubric asks for.
    """
    if purpose not in PURPOSES:
        raise WrongPurposeError(f"a paper is for one of {', '.join(PURPOSES)}")
    check_levels(rubric, levels)
    order = {each.criterion_id: place for place, each in enumerate(rubric.criteria)}
    return Paper(
        paper_id=submission.artifact_id,
        purpose=purpose,
        submission=submission,
        band=rubric.band,
        rubric_id=rubric.rubric_id,
        rubric_version=rubric.version,
        known=tuple(sorted(levels, key=lambda given: order[given.criterion_id])),
        rationale=rationale,
        active=True,
        set_by=by,
        set_at=at,
    )


def retire(paper: Paper) -> Paper:
    """Return the paper as one that is given to nobody any more; reads that are under way still count."""
    return replace(paper, active=False)
