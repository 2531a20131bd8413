"""The fairness report of a school."""

from __future__ import annotations

from defenses.domain.defenses import school_year
from defenses.domain.fairness import Fairness, fairness
from defenses.domain.roster import UnknownSchoolError
from defenses.use_cases.seasons import standing_defenses
from defenses.use_cases.timetables import ChangeDesk


def report_fairness(school_id: str, desk: ChangeDesk) -> Fairness:
    """Return how a school's season burdens its people, as it is planned now.

    Raises:
        UnknownSchoolError: if the school has published no availability.
    """
    published = desk.availabilities.find(school_id)
    if published is None:
        raise UnknownSchoolError(school_id, "school_id")
    availability = published.availability
    year = school_year(min(day.date for day in availability.days), starts=desk.season.year_starts)
    defenses = standing_defenses([school_id], published.panelist_ids, (), year, desk)
    return fairness(school_id, availability, defenses, evening=desk.changes.evening)
