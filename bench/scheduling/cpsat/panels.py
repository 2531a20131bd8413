"""The people of a slot, split into panels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from defenses.domain.scheduling.instance import PanelistSlots, PanelRule, StudentWish


def split(
    students: Sequence[StudentWish], people: Sequence[PanelistSlots], rule: PanelRule
) -> dict[str, tuple[str, ...]] | None:
    """Return a panel for each student, None if these people cannot be split so."""
    if not students:
        return {}
    for panel in _panels_for(students[0], people, rule):
        rest = split(students[1:], [each for each in people if each not in panel], rule)
        if rest is not None:
            return {students[0].id: tuple(each.id for each in panel), **rest}
    return None


def _panels_for(
    student: StudentWish, people: Sequence[PanelistSlots], rule: PanelRule
) -> Iterator[tuple[PanelistSlots, ...]]:
    allowed = [each for each in people if each.id not in student.conflicts]
    for panel in combinations(allowed, rule.panel_size):
        roles = Counter(each.role for each in panel)
        if all(roles[role] >= least for role, least in rule.at_least.items()):
            yield panel
