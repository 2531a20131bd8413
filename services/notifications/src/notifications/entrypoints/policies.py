"""What districts decide, for everything that the service does."""

from chassis.outbox import UnitOfWork
from chassis.service import Service, provides
from notifications.domain.planning import DistrictRules
from notifications.repository import DistrictPolicies


class PolicyReader(Service):
    """Knows the districts' rules."""

    policies = provides(lambda settings: DistrictPolicies(settings.policy_dir))

    def rules_for(self, work: UnitOfWork) -> DistrictRules:
        """Return the rules of a unit of work's district, on its day."""
        return self.policies.rules(work.district, on=work.now.date())
