"""Reads: what a scorer said, and when a scorer is stopped. Both stay within the scoring service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)
_TEXT = validate.Length(1, 50)

#: Why something was read; a scorer cannot tell these apart.
PURPOSES = ("artifact", "seed", "practice", "qualification")
#: Which read of a task it was.
STAGES = ("first", "second", "adjudication", "review")


@dataclass(frozen=True, kw_only=True)
class ReadLevel:
    """The level that a read gave for one criterion."""

    criterion_id: str
    level: int


class ReadLevelSchema(EventSchema[ReadLevel]):
    """Wire form of one criterion's level."""

    event = ReadLevel
    criterion_id = fields.String(required=True, validate=_ID)
    level = fields.Integer(required=True, strict=True)


@dataclass(frozen=True, kw_only=True)
class ReadGiven:
    """A scorer has read something, in the queue or in training.

    Attributes:
        artifact_id: of the artifact, or of the paper that looks like one.
        school_id: where the artifact was made; None for papers of no student.
        purpose: one of PURPOSES.
        stage: one of STAGES.
        band: the rubric's grade band.
        levels: in the rubric's order; none of a paper that was found unscorable.
        leased_at, given_at: when it was opened and when it was read.
        unscorable: the code by which a paper was found unscorable, which it is not; None if it was read.
    """

    task_id: str
    artifact_id: str
    purpose: str
    stage: str
    scorer_id: str
    school_id: str | None
    skill_id: str
    band: str
    rubric_id: str
    rubric_version: str
    levels: tuple[ReadLevel, ...]
    lease_id: str
    leased_at: datetime
    given_at: datetime
    unscorable: str | None = None


class ReadGivenSchema(EventSchema[ReadGiven]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ReadGiven
    unsaid = {"unscorable": None}
    task_id = fields.String(required=True, validate=_ID)
    artifact_id = fields.String(required=True, validate=_ID)
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    scorer_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, allow_none=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    band = fields.String(required=True, validate=_TEXT)
    rubric_id = fields.String(required=True, validate=_ID)
    rubric_version = fields.String(required=True, validate=_TEXT)
    levels = fields.List(fields.Nested(ReadLevelSchema), required=True)
    lease_id = fields.String(required=True, validate=_ID)
    leased_at = fields.AwareDateTime(required=True)
    given_at = fields.AwareDateTime(required=True)
    unscorable = fields.String(load_default=None, validate=_TEXT)

    @validates_schema
    def check_levels(self, wire: dict[str, Any], **_: Any) -> None:
        """Refuse a read without levels, unless it is of what was found unscorable."""
        if bool(wire["levels"]) is (wire["unscorable"] is not None):
            raise ValidationError("either levels or a code of the unscorable", "levels")


@dataclass(frozen=True, kw_only=True)
class ScorerPaused:
    """A scorer is stopped in one skill and band; what they read since their last good seed is in doubt.

    Attributes:
        reads_since: reads given at or after this time do not count.
        reason: a stable word.
    """

    scorer_id: str
    skill_id: str
    band: str
    reads_since: datetime
    reason: str
    paused_at: datetime


class ScorerPausedSchema(EventSchema[ScorerPaused]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ScorerPaused
    scorer_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    band = fields.String(required=True, validate=_TEXT)
    reads_since = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 100))
    paused_at = fields.AwareDateTime(required=True)


READ_GIVEN = Contract("scoring", "read.given", 1, ReadGivenSchema)
SCORER_PAUSED = Contract("scoring", "scorer.paused", 1, ScorerPausedSchema)

CONTRACTS = (READ_GIVEN, SCORER_PAUSED)
