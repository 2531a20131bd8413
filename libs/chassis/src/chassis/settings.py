"""Settings: the environment, read once at start into a frozen dataclass."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from chassis.topology import RETRY_DELAYS_S

_AMQP_URL = validate.Regexp(r"^amqps?://")
_MONGO_URL = validate.Regexp(r"^mongodb(\+srv)?://")


class SettingsError(ValueError):
    """Environment variables are missing or wrong; the text names all of them and none of their values."""


@dataclass(frozen=True, kw_only=True)
class ChassisSettings:
    """What every service needs to know.

    Attributes:
        backpack_environment: `development` or `production`; decides nothing but log colours.
        amqp_url: the broker and vhost, such as `amqp://user:password@host:5672/backpack`.
        mongo_url: the document store with its write concern.
        mongo_database: this service's own database.
        http_address: `host:port` to listen on.
        jwks_file, jwks_url: where the issuer's public keys are; exactly one is set.
        jwt_issuer, jwt_audience: what a token must carry.
        policy_dir: a folder of district policies over the packaged defaults; empty for none.
        max_workers: handlers and requests that run at once.
        prefetch: messages that a handler's queue may have unacknowledged here.
        retry_delays_s: the retry ladder, in seconds.
        confirm_timeout_s: how long a publish may wait for the broker's confirm.
        drain_timeout_s: how long a stopping process may finish what it has begun.
        replay_horizon_days: how long a cause is remembered; a parked message may be replayed within it.
        outbox_limit_s: age of the oldest unpublished event above which the service is not ready.
    """

    backpack_environment: str
    amqp_url: str
    mongo_url: str
    mongo_database: str
    http_address: str
    jwks_file: str
    jwks_url: str
    jwt_issuer: str
    jwt_audience: str
    policy_dir: str
    log_format: str
    log_level: str
    max_workers: int
    prefetch: int
    retry_delays_s: tuple[int, ...]
    confirm_timeout_s: float
    drain_timeout_s: float
    replay_horizon_days: int
    outbox_limit_s: float


class EnvironmentSchema(Schema):
    """Reads a frozen dataclass of settings from environment variables."""

    settings: type[Any]

    class Meta:
        """The environment holds much that is not ours."""

        unknown = EXCLUDE

    @pre_load
    def split_lists(self, environment: Mapping[str, str], **_: Any) -> dict[str, Any]:
        """An environment variable is one string; a list is comma-separated in it."""
        known: dict[str, Any] = {name: environment[name] for name in self.fields if environment.get(name)}
        for name, value in known.items():
            if isinstance(self.fields[name], fields.List):
                known[name] = value.split(",")
        return known

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Any:
        """Build the settings."""
        frozen: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return self.settings(**frozen)


class ChassisSettingsSchema(EnvironmentSchema):
    """The environment variables behind ChassisSettings; a service's schema subclasses this one."""

    settings: type[ChassisSettings] = ChassisSettings

    backpack_environment = fields.String(
        load_default="production", validate=validate.OneOf(["development", "production"])
    )
    amqp_url = fields.String(required=True, validate=_AMQP_URL)
    mongo_url = fields.String(required=True, validate=_MONGO_URL)
    mongo_database = fields.String(required=True)
    http_address = fields.String(required=True, validate=validate.Regexp(r"^[^:]+:\d+$"))
    jwks_file = fields.String(load_default="")
    jwks_url = fields.String(load_default="")
    jwt_issuer = fields.String(required=True)
    jwt_audience = fields.String(load_default="backpack")
    policy_dir = fields.String(load_default="")
    log_format = fields.String(load_default="json", validate=validate.OneOf(["json", "console"]))
    log_level = fields.String(load_default="INFO")
    max_workers = fields.Integer(load_default=64, validate=validate.Range(min=1))
    prefetch = fields.Integer(load_default=16, validate=validate.Range(min=1))
    retry_delays_s = fields.List(
        fields.Integer(validate=validate.Range(min=1)), load_default=list(RETRY_DELAYS_S)
    )
    confirm_timeout_s = fields.Float(load_default=10.0, validate=validate.Range(min=0.1))
    drain_timeout_s = fields.Float(load_default=25.0, validate=validate.Range(min=0.1))
    replay_horizon_days = fields.Integer(load_default=30, validate=validate.Range(min=1))
    outbox_limit_s = fields.Float(load_default=120.0, validate=validate.Range(min=1))


@dataclass(frozen=True, kw_only=True)
class RelaySettings:
    """What a relay needs to know; it reads the same environment as its service.

    Attributes:
        relay_metrics_address: `host:port` of its metrics; empty for none.
        relay_batch: aggregates that it claims at once.
        relay_lease_s: how long a claim holds; longer than `confirm_timeout_s`.
        relay_idle_s: the longest pause between two looks at an empty outbox.
    """

    amqp_url: str
    mongo_url: str
    mongo_database: str
    log_format: str
    log_level: str
    confirm_timeout_s: float
    relay_metrics_address: str
    relay_batch: int
    relay_lease_s: float
    relay_idle_s: float


class RelaySettingsSchema(EnvironmentSchema):
    """The environment variables behind RelaySettings."""

    settings: type[RelaySettings] = RelaySettings

    amqp_url = fields.String(required=True, validate=_AMQP_URL)
    mongo_url = fields.String(required=True, validate=_MONGO_URL)
    mongo_database = fields.String(required=True)
    log_format = fields.String(load_default="json", validate=validate.OneOf(["json", "console"]))
    log_level = fields.String(load_default="INFO")
    confirm_timeout_s = fields.Float(load_default=10.0, validate=validate.Range(min=0.1))
    relay_metrics_address = fields.String(load_default="", validate=validate.Regexp(r"^([^:]+:\d+)?$"))
    relay_batch = fields.Integer(load_default=200, validate=validate.Range(1, 2000))
    relay_lease_s = fields.Float(load_default=30.0, validate=validate.Range(min=1))
    relay_idle_s = fields.Float(load_default=0.5, validate=validate.Range(min=0.01))


def read(schema: type[EnvironmentSchema], environment: Mapping[str, str] = os.environ) -> Any:
    """Read the settings that the schema describes.

    Raises:
        SettingsError: if variables are missing or wrong; all are reported together.
    """
    lowered = {name.lower(): value for name, value in environment.items()}
    try:
        return schema().load(lowered)
    except ValidationError as error:
        messages: Any = error.messages
        wrong = "; ".join(f"{name.upper()}: {_reasons(why)}" for name, why in sorted(messages.items()))
        raise SettingsError(wrong) from None


def _reasons(messages: Any) -> str:
    """Join the reasons; those of a list's members come by index."""
    if isinstance(messages, dict):
        return " ".join(f"[{place}] {_reasons(inner)}" for place, inner in messages.items())
    return " ".join(map(str, messages))
