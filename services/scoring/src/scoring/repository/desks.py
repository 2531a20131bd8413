"""Scorers' desks in the document store."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, Decide
from contracts.envelope import derived_id
from scoring.documents import DeskDocument
from scoring.domain.routing import Desk, Expiry


class Desks(AggregateRepository[Desk]):
    """Keeps desks, by scorer id."""

    document: ClassVar[Any] = DeskDocument

    def find(self, document_id: str) -> Desk | None:
        """Return a scorer's desk, or None if nothing was ever said of them."""
        return super().find(self._id(document_id))

    def change(self, aggregate_id: str, decide: Decide[Desk]) -> Desk | None:
        """Change a scorer's desk, as AggregateRepository does."""
        return super().change(self._id(aggregate_id), decide)

    def to_fields(self, value: Desk) -> dict[str, Any]:
        """Return the document fields of a desk."""
        return {
            "scorer_id": value.scorer_id,
            "students": sorted(value.students),
            "schools": sorted(value.schools),
            "expiries": [{"lease_id": each.lease_id, "at": each.at} for each in value.expiries],
            "suspended_at": value.suspended_at,
        }

    def _value(self, raw: dict[str, Any]) -> Desk:
        return Desk(
            scorer_id=raw["scorer_id"],
            students=frozenset(raw.get("students", ())),
            schools=frozenset(raw.get("schools", ())),
            expiries=tuple(Expiry(**each) for each in raw.get("expiries", ())),
            suspended_at=raw.get("suspended_at"),
        )

    def _id(self, scorer_id: str) -> str:
        return derived_id("scoring", "desk", self.work.district, scorer_id)
