"""Changes of what is planned, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from defenses.domain.repairing.disturbances import NEEDS, Disturbance
from defenses.entrypoints.schemas.scheduling import RunSchema, SeatSchema, UnplacedSchema

_ID = validate.Length(1, 200)
_REASON = validate.Length(1, 500)
_MOST_SEATS = 20


class OrderBodySchema(Schema):
    """What every change says: the edition that its author has seen, and why; `override` for the protected."""

    edition = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    reason = fields.String(required=True, validate=_REASON)
    override = fields.Boolean(load_default=False)


class MoveBodySchema(OrderBodySchema):
    """Where a defense is to go; what is left out stays."""

    starts_at = fields.AwareDateTime(load_default=None)
    room_id = fields.String(load_default=None, validate=_ID)
    panelist_ids = fields.List(
        fields.String(validate=_ID), load_default=None, validate=validate.Length(1, _MOST_SEATS)
    )


class ReplacementBodySchema(OrderBodySchema):
    """Who leaves a panel, and who joins it; without a name it is the least busy of those who can."""

    leaving = fields.String(required=True, validate=_ID)
    joining = fields.String(load_default=None, validate=_ID)


class LockBodySchema(OrderBodySchema):
    """Whether the defense is to be locked."""

    locked = fields.Boolean(required=True)


class CancellationBodySchema(OrderBodySchema):
    """Whether the next run is to find the student another place."""

    reschedule = fields.Boolean(required=True)


class SwappedSchema(Schema):
    """One of two defenses that trade their places."""

    defense_id = fields.String(required=True, validate=_ID)
    edition = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class SwapBodySchema(Schema):
    """Two defenses that trade their places."""

    first = fields.Nested(SwappedSchema, required=True)
    second = fields.Nested(SwappedSchema, required=True)
    reason = fields.String(required=True, validate=_REASON)
    override = fields.Boolean(load_default=False)

    @validates_schema
    def check(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse one defense twice."""
        if values["first"]["defense_id"] == values["second"]["defense_id"]:
            raise ValidationError("It is the first one.", "second.defense_id")


class DisturbanceSchema(Schema):
    """What happened; which fields it needs follows from its kind."""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(NEEDS)))
    school_id = fields.String(load_default="", validate=validate.Length(max=200))
    panelist_id = fields.String(load_default="", validate=validate.Length(max=200))
    room_id = fields.String(load_default="", validate=validate.Length(max=200))
    student_id = fields.String(load_default="", validate=validate.Length(max=200))
    day = fields.Date(load_default=None, allow_none=True)

    @validates_schema
    def check(self, values: dict[str, Any], **_: Any) -> None:
        """Ask for what the kind needs."""
        missing = [name for name in NEEDS[values["kind"]] if not values[name]]
        if missing:
            reason = f"It is needed for {values['kind']}."
            raise ValidationError({name: [reason] for name in missing})

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Disturbance:
        """Build it."""
        return Disturbance(**values)


class RepairBodySchema(Schema):
    """What happened, and whether to show only what would be done."""

    disturbance = fields.Nested(DisturbanceSchema, required=True)
    reason = fields.String(required=True, validate=_REASON)
    preview = fields.Boolean(load_default=True)
    publish = fields.Boolean(load_default=True)


class PlaceSchema(Schema):
    """When, where and before whom."""

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    room_id = fields.String(required=True)
    room = fields.String(required=True)
    panel = fields.List(fields.Nested(SeatSchema), required=True)


class StepSchema(Schema):
    """What happens to one defense; a place is null where there is none."""

    defense_id = fields.String(required=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    state = fields.String(required=True)
    before = fields.Nested(PlaceSchema, required=True, allow_none=True)
    after = fields.Nested(PlaceSchema, required=True, allow_none=True)


class ToldSchema(Schema):
    """Who hears what: `who` is a student's family, or a panelist."""

    kind = fields.String(required=True)
    who = fields.String(required=True)
    defense_id = fields.String(required=True)
    what = fields.String(required=True)


class NoteSchema(Schema):
    """Why, by whom and when."""

    cause = fields.String(required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class RepairSchema(Schema):
    """A set of changes, and who is told what once it is applied."""

    repair_id = fields.String(required=True)
    state = fields.String(required=True)
    school_year = fields.String(required=True)
    note = fields.Nested(NoteSchema, required=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    unplaced = fields.List(fields.Nested(UnplacedSchema), required=True)
    told = fields.List(fields.Nested(ToldSchema), required=True)
    applied_at = fields.AwareDateTime(required=True, allow_none=True)


class ChangeSchema(Schema):
    """One thing that happened to a defense; `revision` is that of afterwards."""

    kind = fields.String(required=True)
    note = fields.Nested(NoteSchema, required=True)
    revision = fields.Integer(required=True)
    before = fields.Nested(PlaceSchema, required=True)


class HistorySchema(Schema):
    """Everything that happened to a defense, oldest first."""

    defense_id = fields.String(required=True)
    edition = fields.Integer(required=True)
    history = fields.List(fields.Nested(ChangeSchema), required=True)


class ObstacleSchema(Schema):
    """Why a defense cannot take place as it is."""

    field = fields.String(required=True)
    reason = fields.String(required=True)


class WithheldSchema(Schema):
    """A draft that was not published."""

    defense_id = fields.String(required=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)


class PublicationBodySchema(Schema):
    """Why a run is published, and of which schools; of all if none is named."""

    reason = fields.String(load_default="The schedule is ready.", validate=_REASON)
    school_ids = fields.List(
        fields.String(validate=_ID), load_default=list, validate=validate.Length(max=1_000)
    )


class PublicationSchema(Schema):
    """What came of publishing a run."""

    run = fields.Nested(RunSchema, required=True)
    published = fields.Integer(required=True)
    withheld = fields.List(fields.Nested(WithheldSchema), required=True)


class SeenBodySchema(Schema):
    """Which edition of a defense a family has seen."""

    edition = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class ChoiceBodySchema(SeenBodySchema):
    """Which of the offered times a family chooses."""

    starts_at = fields.AwareDateTime(required=True)


class OfferSchema(Schema):
    """A time that a family may choose; the panel is the school's to know."""

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    room = fields.String(required=True)


class OffersSchema(Schema):
    """The other times that a family may choose now."""

    offers = fields.List(fields.Nested(OfferSchema), required=True)


class FairnessQuerySchema(Schema):
    """Which school's report."""

    school_id = fields.String(required=True, validate=_ID)


class PanelistLoadSchema(Schema):
    """What one panelist does in a season; `journeys` are changes of school within a day."""

    panelist_id = fields.String(required=True)
    role = fields.String(required=True)
    here = fields.Integer(required=True)
    elsewhere = fields.Integer(required=True)
    days = fields.Integer(required=True)
    evening_share = fields.Float(required=True)
    journeys = fields.Integer(required=True)


class RoleSpreadSchema(Schema):
    """How evenly those of one role share the school's defenses."""

    role = fields.String(required=True)
    panelists = fields.Integer(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)
    mean = fields.Float(required=True)


class FairnessSchema(Schema):
    """How a school's season burdens its people."""

    school_id = fields.String(required=True)
    defenses = fields.Integer(required=True)
    evening_share = fields.Float(required=True)
    roles = fields.List(fields.Nested(RoleSpreadSchema), required=True)
    panelists = fields.List(fields.Nested(PanelistLoadSchema), required=True)
