"""The settings of the defenses service."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import fields, validate

from chassis.settings import ChassisSettings, ChassisSettingsSchema


@dataclass(frozen=True, kw_only=True)
class DefensesSettings(ChassisSettings):
    """What the defenses service needs besides the chassis' settings.

    Attributes:
        planner_lease_s: how long a district waits for another process after its planner died.
        solver_memory_mib: a search that has more, with all of its processes, ends as failed.
    """

    planner_lease_s: float
    solver_memory_mib: int


class DefensesSettingsSchema(ChassisSettingsSchema):
    """The environment variables behind DefensesSettings."""

    settings = DefensesSettings

    planner_lease_s = fields.Float(load_default=15.0, validate=validate.Range(min=1))
    solver_memory_mib = fields.Integer(load_default=2048, validate=validate.Range(min=1))
