"""The district's rules of who reads what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class RoutingRule:
    """One version of the rules.

    Attributes:
        roles: at a school, of those who read.
        lead_roles, lead_ids: who adjudicates, by role at a school or by name.
        taught_within: who taught a student so lately does not read them.
        reads_of_student: of one student's artifacts by one scorer in a school year.
        year_starts: month and day.
    """

    version: str
    roles: frozenset[str]
    lead_roles: frozenset[str]
    lead_ids: frozenset[str]
    taught_within: timedelta
    reads_of_student: int
    year_starts: tuple[int, int]
