"""Which district was swept on which day."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from defenses.documents import ReadinessSweepDocument, SchoolCopy
from defenses.domain.sweeps import Sweep


class ReadinessSweeps(AggregateRepository[Sweep]):
    """Keeps each district's last sweep."""

    document: ClassVar[Any] = ReadinessSweepDocument

    def to_value(self, document: Any) -> Sweep:
        """Return the sweep of a document."""
        return Sweep(
            swept_on=date.fromisoformat(document.swept_on),
            rules=tuple(document.rules),
            decided_again=document.decided_again,
        )

    def to_fields(self, value: Sweep) -> dict[str, Any]:
        """Return the document fields of a sweep."""
        return {
            "swept_on": value.swept_on.isoformat(),
            "rules": list(value.rules),
            "decided_again": value.decided_again,
        }


def districts_with_schools() -> list[str]:
    """Return the districts that the roster has named: a timer belongs to no district."""
    collection = SchoolCopy._get_collection()  # noqa: SLF001 - as the chassis does it
    with translated():
        return sorted({raw["district"] for raw in collection.find({}, {"district": 1})})
