"""The yearly milestone of the grades between the defenses: mini-defense, conference or exhibition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marshmallow import Schema, fields, validate

from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)
_GRADE = validate.Length(1, 10)
_YEAR = validate.Regexp(r"^[0-9]{4}-[0-9]{2}$")
_PLACE = validate.Length(1, 200)
_WORD = validate.Length(1, 50)
_REASON = validate.Length(max=500)


@dataclass(frozen=True, kw_only=True)
class FormName:
    """What the district calls a form in one language, a BCP 47 tag."""

    language: str
    name: str


class FormNameSchema(EventSchema[FormName]):
    """Wire form of a name."""

    event = FormName
    language = fields.String(required=True, validate=validate.Length(1, 50))
    name = fields.String(required=True, validate=validate.Length(1, 200))


@dataclass(frozen=True, kw_only=True)
class MilestonePlanned:
    """A student's milestone has its time and place.

    Attributes:
        revision: rises with each change that a family must hear of; 1 for the first.
        school_year: such as `2026-27`; a student has one milestone in it.
        event_id: the school's event at which it is held, together with other students.
        form: the district's id of mini-defense, student-led conference, exhibition …
        form_names: what the district calls the form, in the languages it has a name for.
        starts_at, ends_at: aware; the wall time of `time_zone` is what families are told.
        place: as people at the school know it.
    """

    milestone_id: str
    revision: int
    student_id: str
    school_id: str
    grade: str
    school_year: str
    event_id: str
    form: str
    form_names: tuple[FormName, ...]
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str


class _PlannedFields(Schema):
    """What every event says of a milestone that was planned."""

    milestone_id = fields.String(required=True, validate=_ID)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    grade = fields.String(required=True, validate=_GRADE)
    school_year = fields.String(required=True, validate=_YEAR)
    event_id = fields.String(required=True, validate=_ID)
    form = fields.String(required=True, validate=_ID)
    form_names = fields.List(fields.Nested(FormNameSchema), required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True, validate=validate.Length(1, 100))
    place = fields.String(required=True, validate=_PLACE)


class MilestonePlannedSchema(EventSchema[MilestonePlanned], _PlannedFields):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MilestonePlanned


@dataclass(frozen=True, kw_only=True)
class MilestoneMoved(MilestonePlanned):
    """A planned milestone has another time or place.

    Attributes:
        previous_starts_at, previous_place: what the family was told before.
        reason: why, in the words of who moved it, for staff; it may be in any language.
    """

    previous_starts_at: datetime
    previous_place: str
    reason: str


class MilestoneMovedSchema(EventSchema[MilestoneMoved], _PlannedFields):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MilestoneMoved
    previous_starts_at = fields.AwareDateTime(required=True)
    previous_place = fields.String(required=True, validate=_PLACE)
    reason = fields.String(required=True, validate=_REASON)


@dataclass(frozen=True, kw_only=True)
class MilestoneMissed(MilestonePlanned):
    """The milestone's event took place without the student; another `milestone.planned` is to be expected."""


class MilestoneMissedSchema(EventSchema[MilestoneMissed], _PlannedFields):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MilestoneMissed


@dataclass(frozen=True, kw_only=True)
class MilestoneCancelled(MilestonePlanned):
    """A planned milestone does not take place then and there.

    Attributes:
        cause: a stable word: `event_cancelled`, `school_changed` or `withdrawn`.
        reason: as in MilestoneMoved; empty where nobody gave one.
    """

    cause: str
    reason: str


class MilestoneCancelledSchema(EventSchema[MilestoneCancelled], _PlannedFields):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MilestoneCancelled
    cause = fields.String(required=True, validate=_WORD)
    reason = fields.String(required=True, validate=_REASON)


@dataclass(frozen=True, kw_only=True)
class SkillLevel:
    """The level that a milestone showed of one skill."""

    skill_id: str
    level: float


class SkillLevelSchema(EventSchema[SkillLevel]):
    """Wire form of a level."""

    event = SkillLevel
    skill_id = fields.String(required=True, validate=_ID)
    level = fields.Float(required=True)


@dataclass(frozen=True, kw_only=True)
class MilestoneRecorded(MilestonePlanned):
    """A milestone is on record, with the student's reflection, which is read from the service only.

    Attributes:
        record: counts the records of this milestone; a higher one supersedes those before.
        levels: by skill; empty where the form has none.
    """

    record: int
    levels: tuple[SkillLevel, ...]
    recorded_at: datetime


class MilestoneRecordedSchema(EventSchema[MilestoneRecorded], _PlannedFields):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MilestoneRecorded
    record = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    levels = fields.List(fields.Nested(SkillLevelSchema), required=True)
    recorded_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class MilestoneLapsed:
    """A milestone's last day has passed without a record; this is for the school and not for the family.

    Attributes:
        state: how far it is: due (nothing was planned), planned, held, missed or cancelled.
    """

    milestone_id: str
    student_id: str
    school_id: str
    grade: str
    school_year: str
    due_on: date
    state: str


class MilestoneLapsedSchema(EventSchema[MilestoneLapsed]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MilestoneLapsed
    milestone_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    grade = fields.String(required=True, validate=_GRADE)
    school_year = fields.String(required=True, validate=_YEAR)
    due_on = fields.Date(required=True)
    state = fields.String(required=True, validate=_WORD)


MILESTONE_PLANNED = Contract("defenses", "milestone.planned", 1, MilestonePlannedSchema)
MILESTONE_MOVED = Contract("defenses", "milestone.moved", 1, MilestoneMovedSchema)
MILESTONE_MISSED = Contract("defenses", "milestone.missed", 1, MilestoneMissedSchema)
MILESTONE_CANCELLED = Contract("defenses", "milestone.cancelled", 1, MilestoneCancelledSchema)
MILESTONE_RECORDED = Contract("defenses", "milestone.recorded", 1, MilestoneRecordedSchema, outward=True)
MILESTONE_LAPSED = Contract("defenses", "milestone.lapsed", 1, MilestoneLapsedSchema, outward=True)

CONTRACTS = (
    MILESTONE_PLANNED,
    MILESTONE_MOVED,
    MILESTONE_MISSED,
    MILESTONE_CANCELLED,
    MILESTONE_RECORDED,
    MILESTONE_LAPSED,
)
