"""The district's policies as domain values."""

from __future__ import annotations

from typing import Any

from chassis.outbox import UnitOfWork
from chassis.policy import Policies, VersionSchema
from chassis.service import Service, provides
from scoring.domain.routing import RoutingRule
from scoring.domain.tasks import Deadlines, Workflow
from scoring.entrypoints.library import DistrictRubrics
from scoring.entrypoints.policy_schemas.calibration import CalibrationSchema
from scoring.entrypoints.policy_schemas.monitoring import EquitySchema, MonitoringSchema
from scoring.entrypoints.policy_schemas.routing import RoutingSchema
from scoring.entrypoints.policy_schemas.rubrics import RubricsSchema
from scoring.entrypoints.policy_schemas.workflow import DeadlinesSchema, WorkflowSchema
from scoring.repository import RubricShelf


def read_policies(settings: Any) -> Policies:
    """Read and check all policies of all districts; a wrong one stops the start."""
    schemas: dict[str, type[VersionSchema]] = {
        "rubrics": RubricsSchema,
        "calibration": CalibrationSchema,
        "routing": RoutingSchema,
        "workflow": WorkflowSchema,
        "deadlines": DeadlinesSchema,
        "monitoring": MonitoringSchema,
        "equity": EquitySchema,
    }
    return Policies("scoring", schemas, settings.policy_dir)


class PolicyReader(Service):
    """An area of the service that needs the district's policies."""

    policies: Policies = provides(read_policies)
    shelf: RubricShelf = provides(lambda _: RubricShelf())

    def rubrics_for(self, work: UnitOfWork) -> DistrictRubrics:
        """Return the rubrics of a work's district."""
        return DistrictRubrics(self.policies, self.shelf, work.district)

    def routing_for(self, work: UnitOfWork) -> RoutingRule:
        """Return who reads what in a work's district at its time."""
        rule: RoutingRule = self.policies.current("routing", district=work.district, on=work.now.date())
        return rule

    def workflow_for(self, work: UnitOfWork) -> Workflow:
        """Return the rules of a work's district at its time."""
        on = work.now.date()
        deadlines: Deadlines = self.policies.current("deadlines", district=work.district, on=on)
        rule: Workflow = self.policies.current("workflow", district=work.district, on=on)(deadlines=deadlines)
        return rule
