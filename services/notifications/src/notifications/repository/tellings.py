"""Facts on their way, as documents."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from chassis.mongo import AggregateRepository
from notifications.documents import FormPart, TellingDocument
from notifications.domain.facts import Fact, Kind, NamedForm, Standing
from notifications.domain.tellings import Missing, Telling, TellingState
from notifications.repository.places import place_of, place_part

#: Fields that fact and document name and hold alike.
_ALIKE = ("revision", "student_id", "school_id", "deadline")


class MongoTellings(AggregateRepository[Telling]):
    """Keeps facts on their way."""

    document = TellingDocument
    student_field = "student_id"
    views = True

    def counts(self) -> Mapping[TellingState, int]:
        """Return how many facts are in each state."""
        return {state: self.count(state=state.value) for state in TellingState}

    def of_students(self, student_ids: Collection[str]) -> list[Telling]:
        """Return the facts about these students."""
        return self.select(student_id=list(student_ids))

    def to_fields(self, value: Telling) -> dict[str, Any]:
        """Return the document's fields."""
        fact = value.fact
        return {
            **{name: getattr(fact, name) for name in _ALIKE},
            "kind": fact.kind.value,
            "standing": fact.standing.value,
            "place": place_part(fact.place) if fact.place else None,
            "to_be_rescheduled": fact.to_be_rescheduled or None,
            "forms": [FormPart(language=each.language, name=each.name) for each in fact.forms],
            "plan_due_on": fact.plan_due_on.isoformat() if fact.plan_due_on else None,
            "defend_by": fact.defend_by.isoformat() if fact.defend_by else None,
            "state": value.state.value,
            "since": value.since,
            "due": True if value.due_at else None,
            "due_at": value.due_at,
            "looks": value.looks,
            "missing": [each.value for each in value.missing],
        }

    def to_value(self, document: Any) -> Telling:
        """Return the fact."""
        return Telling(
            fact=_fact(document),
            state=TellingState(document.state),
            since=document.since,
            due_at=document.due_at,
            looks=document.looks,
            missing=tuple(Missing(each) for each in document.missing),
        )


def _fact(document: Any) -> Fact:
    return Fact(
        **{name: getattr(document, name) for name in _ALIKE},
        fact_id=document.id,
        kind=Kind(document.kind),
        standing=Standing(document.standing),
        place=place_of(document.place) if document.place else None,
        to_be_rescheduled=bool(document.to_be_rescheduled),
        forms=tuple(NamedForm(each.language, each.name) for each in document.forms),
        plan_due_on=date.fromisoformat(document.plan_due_on) if document.plan_due_on else None,
        defend_by=date.fromisoformat(document.defend_by) if document.defend_by else None,
    )
