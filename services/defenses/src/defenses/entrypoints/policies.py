"""The district's policies as domain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.outbox import UnitOfWork
from chassis.policy import Policies, PolicyError, VersionSchema
from chassis.service import Service, provides
from contracts.artifacts import GRADES
from defenses.domain.availability import ROLES
from defenses.domain.defenses import school_year
from defenses.domain.readiness import ReadinessRule
from defenses.domain.scheduling.instance import PanelRule, Weights
from defenses.domain.scheduling.season import PanelPolicy, SeasonPolicy
from defenses.entrypoints.policy_schemas.changes import ChangePolicySchema
from defenses.entrypoints.policy_schemas.milestones import MilestonePolicySchema
from defenses.entrypoints.policy_schemas.outcome import OutcomeRuleSchema
from defenses.entrypoints.policy_schemas.readiness import ReadinessRuleSchema

_COUNT = validate.Range(min=1)
_NOT_NEGATIVE = validate.Range(min=0)


class PanelPolicySchema(VersionSchema):
    """One version of the rules for panels; see PanelPolicy."""

    panel_size = fields.Integer(required=True, validate=_COUNT)
    at_least = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ROLES)),
        values=fields.Integer(validate=_NOT_NEGATIVE),
        required=True,
    )
    max_per_day = fields.Integer(required=True, validate=_COUNT)
    day_cost = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ROLES)),
        values=fields.Integer(validate=_NOT_NEGATIVE),
        required=True,
    )
    travel_minutes = fields.Integer(required=True, validate=_NOT_NEGATIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> PanelPolicy:
        """Build the policy."""
        if sum(values["at_least"].values()) > values["panel_size"]:
            raise ValidationError("asks for more people than a panel has", "at_least")
        return PanelPolicy(
            version=values["version"],
            rule=PanelRule(panel_size=values["panel_size"], at_least=values["at_least"]),
            max_per_day=values["max_per_day"],
            day_cost=values["day_cost"],
            travel=timedelta(minutes=values["travel_minutes"]),
        )


class SearchSchema(Schema):
    """How hard to search."""

    seconds = fields.Float(required=True, validate=validate.Range(min=1, max=3600))
    seconds_per_thousand = fields.Float(load_default=0.0, validate=validate.Range(0, 3600))
    workers = fields.Integer(required=True, validate=validate.Range(1, 64))
    gap = fields.Float(required=True, validate=validate.Range(0, 1))


class WeightsSchema(Schema):
    """What each imperfection of a schedule costs."""

    unscheduled = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    block = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    over_target = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    move = fields.Integer(required=True, validate=_NOT_NEGATIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Weights:
        """Build them."""
        return Weights(**values)


class SeasonPolicySchema(VersionSchema):
    """One version of the rules for the season and its search; see SeasonPolicy."""

    year_starts = fields.Date(format="%m-%d", required=True)
    search = fields.Nested(SearchSchema, required=True)
    weights = fields.Nested(WeightsSchema, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> SeasonPolicy:
        """Build the policy."""
        starts = values["year_starts"]
        return SeasonPolicy(
            version=values["version"],
            year_starts=(starts.month, starts.day),
            weights=values["weights"],
            **values["search"],
        )


def read_policies(settings: Any) -> Policies:
    """Read and check all policies of all districts; a wrong one stops the start."""
    schemas: dict[str, type[VersionSchema]] = {
        "readiness": ReadinessRuleSchema,
        "panel": PanelPolicySchema,
        "season": SeasonPolicySchema,
        "outcome": OutcomeRuleSchema,
        "changes": ChangePolicySchema,
        "milestones": MilestonePolicySchema,
    }
    return Policies("defenses", schemas, settings.policy_dir)


class DistrictRules:
    """The readiness rules of one district at one time."""

    def __init__(self, policies: Policies, district: str, now: datetime) -> None:
        self._policies = policies
        self._district = district
        self._now = now

    @property
    def school_year(self) -> str:
        """The school year now, such as `2026-27`."""
        today = self._now.date()
        season: SeasonPolicy = self._policies.current("season", district=self._district, on=today)
        return school_year(today, starts=season.year_starts)

    @property
    def transitions(self) -> Sequence[str]:
        """The grades for which a rule is in force now."""
        return [grade for grade in GRADES if self.in_force(grade) is not None]

    @property
    def fingerprint(self) -> str:
        """Another one as soon as anything of the rules in force is: by the calendar, or by a new file."""
        found = {grade: rule for grade in GRADES if (rule := self.in_force(grade)) is not None}
        said = [(grade, rule.wording, repr(rule.opportunity)) for grade, rule in found.items()]
        return sha256(repr(said).encode()).hexdigest()

    def in_force(self, grade: str) -> ReadinessRule | None:
        """Return the newest effective rule that is for a grade's students; None if there is none.

        A version that is for some cohorts only leaves the others with the version before.
        """
        day = self._now.date()
        while True:
            try:
                rule: ReadinessRule = self._policies.current("readiness", district=self._district, on=day)
            except PolicyError:
                return None
            if rule.is_for(grade, self.school_year if rule.cohorts else ""):
                return rule
            day = rule.effective - timedelta(days=1)

    def of_version(self, version: str) -> ReadinessRule | None:
        """Return one version, whether it is in force or not; None if the district has dropped it."""
        try:
            rule: ReadinessRule = self._policies.version(
                "readiness", district=self._district, version=version
            )
        except PolicyError:
            return None
        return rule


class PolicyReader(Service):
    """An area of the service that needs the district's policies."""

    policies: Policies = provides(read_policies)

    def rules_for(self, work: UnitOfWork) -> DistrictRules:
        """Return the readiness rules of a work's district, as they are at its time."""
        return DistrictRules(self.policies, work.district, work.now)
