"""Settings of the scoring service: what every service needs, and nothing else yet."""

from __future__ import annotations

from chassis.settings import ChassisSettings, ChassisSettingsSchema


class ScoringSettings(ChassisSettings):
    """The environment of the scoring service."""


class ScoringSettingsSchema(ChassisSettingsSchema):
    """The environment variables behind ScoringSettings."""

    settings = ScoringSettings
