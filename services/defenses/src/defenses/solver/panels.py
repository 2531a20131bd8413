"""Split the people who serve in one slot of one school into a panel for each student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from defenses.domain.scheduling.instance import PanelistSlots, PanelRule, StudentWish

Panels = dict[str, tuple[str, ...]]


def split(students: Sequence[StudentWish], people: Sequence[PanelistSlots], rule: PanelRule) -> Panels | None:
    """Return a panel for each student, None if these people cannot be split so; nobody sits twice.

    Args:
        students: all those who defend at this time in this school.
        people: who may be used; all of them serve the school and are available.
        rule: what a panel needs.
    """
    # Those with the fewest possible panelists first: a dead end shows early.
    ordered = sorted(students, key=lambda student: -len(student.conflicts))
    return _split(ordered, tuple(people), rule)


def _split(
    students: Sequence[StudentWish], people: tuple[PanelistSlots, ...], rule: PanelRule
) -> Panels | None:
    if not students:
        return {}
    first, others = students[0], students[1:]
    for panel in panels_for(first, people, rule):
        chosen = {panelist.id for panelist in panel}
        rest = tuple(panelist for panelist in people if panelist.id not in chosen)
        found = _split(others, rest, rule)
        if found is not None:
            return {first.id: tuple(panelist.id for panelist in panel), **found}
    return None


def panels_for(
    student: StudentWish, people: Sequence[PanelistSlots], rule: PanelRule
) -> Iterator[tuple[PanelistSlots, ...]]:
    """Yield the panels that may judge a student, earlier people first."""
    allowed = [panelist for panelist in people if panelist.id not in student.conflicts]
    for panel in combinations(allowed, rule.panel_size):
        roles = Counter(panelist.role for panelist in panel)
        if all(roles[role] >= least for role, least in rule.at_least.items()):
            yield panel
