"""Aggregates: state, inbox and outbox in one single-document write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from pymongo import InsertOne, UpdateOne

from chassis.errors import ConflictError, KeyReusedError, NotFoundError
from chassis.mongo.collection import Write, grouped
from chassis.mongo.documents import NO_LEASE, stored, stored_names
from chassis.mongo.queries import Reader
from chassis.outbox import Outgoing, UnitOfWork
from contracts.base import Fact
from contracts.envelope import seal

Value = TypeVar("Value")

#: Current value (None if there is none) to the new value and the events it leads to; None for no change.
Decide = Callable[[Value | None], tuple[Value, Sequence[Fact]] | None]

#: Fields of the relay, which a use case's write leaves alone.
_RELAY_FIELDS = {"leased_by", "leased_until"}
#: What is written even if it is as it was read: a relay changes it too, and no version counts that.
_ALWAYS_WRITTEN = {"pending", "handled"}


class AggregateRepository(Reader[Value]):
    """Keeps aggregates of one kind.

    The new state, the version check and the memory of the cause with its events are one update, so that a
    crash at any point leaves either all of it or nothing, and a repeated cause finds what it led to.
    """

    #: How often a change is decided again when others changed the aggregate meanwhile.
    attempts: ClassVar[int] = 8
    #: How long a cause is remembered; the runner sets it from the settings.
    replay_horizon: ClassVar[timedelta] = timedelta(days=30)

    def to_fields(self, value: Value) -> dict[str, Any]:
        """Return the document fields of a value, but for those of the base document."""
        raise NotImplementedError

    def change(self, aggregate_id: str, decide: Decide[Value]) -> Value | None:
        """Change one aggregate for this unit of work's cause.

        Args:
            aggregate_id: which one; it is created if there is none and `decide` returns a value.
            decide: pure; may be called again after a conflict.

        Returns:
            The value as it is now stored, or None if there is none.

        Raises:
            ConflictError: if others changed it every time.
            KeyReusedError: if the cause was used for another request before.
            NotFoundError: if the caller may not see what it would write.
        """
        for _ in range(self.attempts):
            raw = self._raw(aggregate_id)
            if raw is not None and self._answered(raw):
                return self._value(raw)
            current = None if raw is None else self._value(raw)
            decision = decide(current)
            if decision is None:
                return current
            update, events = self._update(aggregate_id, raw, decision)
            if grouped(self._collection()).write(update):
                self.work.announce(events)
                return decision[0]
        raise ConflictError(f"{self._noun()} {aggregate_id} was changed by others {self.attempts} times")

    def change_many(self, changes: Sequence[tuple[str, Decide[Value]]]) -> int:
        """Change many aggregates, each as `change` does, with one read and one unordered bulk write.

        Returns:
            How many were written.
        """
        found = self._found([aggregate_id for aggregate_id, _ in changes])
        return self._change_found(found, self._values(found), changes)

    def change_all(
        self,
        ids: Sequence[str],
        prepare: Callable[[Mapping[str, Value]], Sequence[tuple[str, Decide[Value]]]],
    ) -> int:
        """Change many aggregates as `change_many` does, where what to do depends on all of them.

        Args:
            ids: which ones.
            prepare: the values of those that exist, by id, to the changes of some of them; called once.

        Returns:
            How many were written.
        """
        found = self._found(ids)
        values = self._values(found)
        return self._change_found(found, values, prepare(values))

    def _values(self, found: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
        return {name: self._value(raw) for name, raw in found.items()}

    def _change_found(
        self,
        found: Mapping[str, dict[str, Any]],
        values: Mapping[str, Value],
        changes: Sequence[tuple[str, Decide[Value]]],
    ) -> int:
        planned: list[tuple[Write, list[Outgoing]]] = []
        redo: list[tuple[str, Decide[Value]]] = []
        for aggregate_id, decide in changes:
            raw = found.get(aggregate_id)
            if raw is not None and self._answered(raw):
                continue
            decision = decide(values.get(aggregate_id))
            if decision is not None:
                redo.append((aggregate_id, decide))
                planned.append(self._update(aggregate_id, raw, decision))
        failed = grouped(self._collection()).write_many([update for update, _ in planned])
        for place, (_, events) in enumerate(planned):
            if place not in failed:
                self.work.announce(events)
        for place in sorted(failed):
            self.change(*redo[place])
        return len(planned)

    def _answered(self, raw: dict[str, Any]) -> bool:
        """Say again what was said about this cause, if the aggregate has handled it."""
        for entry in raw.get("handled", ()):
            if entry["cause"] == self.work.cause:
                asked = entry.get("asked", "")
                if asked and self.work.asked and asked != self.work.asked:
                    raise KeyReusedError("the key was used for another request before")
                self.work.announce(stored_events(entry))
                return True
        return False

    def _update(
        self, aggregate_id: str, raw: dict[str, Any] | None, decision: tuple[Value, Sequence[Fact]]
    ) -> tuple[Write, list[Outgoing]]:
        value, facts = decision
        version = 1 if raw is None else raw["version"] + 1
        events = _seal(facts, (aggregate_id, version), self.work)
        fields = self.to_fields(value)
        self._check_visible(aggregate_id, fields)
        waiting = bool(events) and self.work.relayed
        known = {
            "id": aggregate_id,
            "district": self.work.district,
            "version": version,
            "changed_at": self.work.now,
            "pending": waiting or bool(raw and raw.get("pending")),
        }
        wire = stored(self.document, {**fields, **known})
        entry = [self._entry(events, waiting=waiting)] if events or self.work.repeats else []
        wire["handled"] = [*self._remembered(raw), *entry]
        wire.pop("_id")
        gone = stored_names(self.document) - set(wire) - _RELAY_FIELDS
        kept = {name: value for name, value in wire.items() if name not in _RELAY_FIELDS}
        if raw is None:
            return InsertOne({"_id": aggregate_id, **kept, "leased_until": NO_LEASE}), events
        update: dict[str, Any] = {
            "$set": {
                name: value
                for name, value in kept.items()
                if name in _ALWAYS_WRITTEN or name not in raw or raw[name] != value
            }
        }
        if gone & raw.keys():
            update["$unset"] = dict.fromkeys(sorted(gone & raw.keys()), "")
        return UpdateOne({"_id": aggregate_id, "version": raw["version"]}, update, upsert=True), events

    def _check_visible(self, aggregate_id: str, fields: dict[str, Any]) -> None:
        if self.work.students is None:
            return
        about = aggregate_id if self.student_field == "_id" else fields.get(self.student_field or "")
        if about not in self.work.students:
            raise NotFoundError(f"there is no {self._noun()} {aggregate_id}")

    def _remembered(self, raw: dict[str, Any] | None) -> list[dict[str, Any]]:
        if raw is None:
            return []
        oldest = self.work.now - self.replay_horizon
        return [entry for entry in raw.get("handled", ()) if entry.get("pending") or entry["at"] >= oldest]

    def _entry(self, events: Iterable[Outgoing], *, waiting: bool) -> dict[str, Any]:
        said = [
            {"id": event.id, "type": event.type, "exchange": event.exchange, "body": event.body.decode()}
            for event in events
        ]
        entry: dict[str, Any] = {"cause": self.work.cause, "at": self.work.now, "events": said}
        if self.work.asked:
            entry["asked"] = self.work.asked
        return {**entry, "pending": True} if waiting else entry


def _seal(facts: Sequence[Fact], subject: tuple[str, int], work: UnitOfWork) -> list[Outgoing]:
    return [
        Outgoing.of(
            seal(
                fact.contract,
                fact.data,
                subject=subject,
                district=work.district,
                time=work.now,
                traceparent=work.traceparent,
            )
        )
        for fact in facts
    ]


def stored_events(entry: dict[str, Any]) -> list[Outgoing]:
    """Return the events of one entry of `handled`, oldest first."""
    return [
        Outgoing(event["id"], event["type"], event["exchange"], event["body"].encode())
        for event in entry["events"]
    ]
