"""Settings of the artifacts service, and of its import, which needs the store alone."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import fields, validate

from chassis.settings import ChassisSettings, ChassisSettingsSchema, EnvironmentSchema


@dataclass(frozen=True, kw_only=True)
class ArtifactsSettings(ChassisSettings):
    """The environment of the artifacts service.

    Attributes:
        artifact_store_dir: the folder of the artifacts' bytes.
    """

    artifact_store_dir: str


class ArtifactsSettingsSchema(ChassisSettingsSchema):
    """The environment variables behind ArtifactsSettings."""

    settings = ArtifactsSettings
    artifact_store_dir = fields.String(required=True)


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """What `backpack roster import` needs to know; the service's environment has all of it."""

    mongo_url: str
    mongo_database: str
    policy_dir: str
    replay_horizon_days: int


class ImportSettingsSchema(EnvironmentSchema):
    """The environment variables behind ImportSettings."""

    settings = ImportSettings
    mongo_url = fields.String(required=True, validate=validate.Regexp(r"^mongodb(\+srv)?://"))
    mongo_database = fields.String(required=True)
    policy_dir = fields.String(load_default="")
    replay_horizon_days = fields.Integer(load_default=30, validate=validate.Range(min=1))
