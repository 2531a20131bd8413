"""The scorers' desks: declared conflicts, and another chance."""

from __future__ import annotations

from scoring.domain.routing import Desk, declare, reinstate
from scoring.use_cases.ports import Desks


def declare_conflicts(
    scorer_id: str, *, students: frozenset[str], schools: frozenset[str], desks: Desks
) -> Desk:
    """Note whose work a scorer must not read."""

    def note(current: Desk | None) -> tuple[Desk, tuple[()]]:
        return declare(current or Desk(scorer_id=scorer_id), students=students, schools=schools), ()

    return desks.change(scorer_id, note) or Desk(scorer_id=scorer_id)


def reinstate_scorer(scorer_id: str, *, desks: Desks) -> Desk:
    """Let a suspended scorer read again."""

    def note(current: Desk | None) -> tuple[Desk, tuple[()]] | None:
        return (reinstate(current), ()) if current else None

    return desks.change(scorer_id, note) or Desk(scorer_id=scorer_id)
