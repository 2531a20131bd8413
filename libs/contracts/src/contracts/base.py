"""A contract: one version of one event, its wire form and its Python form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, post_dump, post_load

from contracts import plain

Data = TypeVar("Data")


class ContractViolationError(ValueError):
    """A message does not keep its contract; the text names the fields and never their values."""


def exchange_of(event_type: str) -> str:
    """Return the exchange of an event's producer, named as nameko names it."""
    return f"{event_type.partition('.')[0]}.events"


class EventSchema(Schema, Generic[Data]):
    """The wire form of an event's data; unknown fields are ignored, so that an old consumer survives."""

    #: The frozen dataclass that a valid message becomes.
    event: type[Data]
    #: What is taken for granted, by field, and said only where it is otherwise: so a field can be added, and
    #: events that say nothing in it keep the bytes that they had.
    unsaid: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        """Unknown fields come from newer producers."""

        unknown = EXCLUDE

    @post_dump
    def leave_out(self, wire: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Take out what is taken for granted."""
        for name, value in self.unsaid.items():
            if wire.get(name, value) == value:
                wire.pop(name, None)
        return wire

    @post_load
    def make(self, fields: dict[str, Any], **_: Any) -> Data:
        """Build the event from validated fields; lists become tuples, because values are frozen."""
        return self.event(**{name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()})


@dataclass(frozen=True)
class Contract(Generic[Data]):
    """One version of one event, published by one service.

    Attributes:
        producer: the service that publishes it and alone may change it.
        name: noun and past participle, such as `artifact.uploaded`.
        version: counts incompatible changes from 1.
        schema: the wire form of the event's data.
        outward: whether it is said for those outside, such as portals and reports, so that no service of ours
            needs to hear it. Of any other event it is an error that nobody does.
    """

    producer: str
    name: str
    version: int
    schema: type[EventSchema[Data]]
    outward: bool = False

    @cached_property
    def type(self) -> str:
        """The CloudEvents type, which is also the routing key."""
        return f"{self.producer}.{self.name}.v{self.version}"

    @cached_property
    def exchange(self) -> str:
        """The producer's topic exchange."""
        return exchange_of(self.type)

    @cached_property
    def dataschema(self) -> str:
        """The identity of this version's schema."""
        return f"urn:backpack:schema:{self.type}"

    @cached_property
    def _instance(self) -> EventSchema[Data]:
        """The one schema object; building one costs more than using it."""
        return self.schema()

    @cached_property
    def _read(self) -> plain.Turn:
        return plain.reader(self._instance) or plain.left_to_schema

    @cached_property
    def _write(self) -> plain.Turn:
        return plain.writer(self._instance) or self._instance.dump

    def says(self, data: Data) -> Fact:
        """Return the event as a use case announces it: not yet in its envelope."""
        return Fact(self, data)

    def dump(self, data: Data) -> dict[str, Any]:
        """Return the wire form of the data.

        Raises:
            ContractViolationError: if it would break the contract; marshmallow alone does not check on dump.
        """
        try:
            wire: dict[str, Any] = self._write(data)
            self._read(wire)
        except plain.REFUSALS:
            return self._dump_by_schema(data)
        return wire

    def _dump_by_schema(self, data: Data) -> dict[str, Any]:
        wire: dict[str, Any] = self._instance.dump(data)
        errors = self._instance.validate(wire)
        if errors:
            raise ContractViolationError(f"{self.type}: {_fields(errors)}")
        return wire

    def load(self, wire: Mapping[str, Any]) -> Data:
        """Return the event that a wire form stands for.

        Raises:
            ContractViolationError: if a field is missing or wrong.
        """
        try:
            event: Data = self._read(wire)
        except plain.REFUSALS:
            return self._load_by_schema(wire)
        return event

    def _load_by_schema(self, wire: Mapping[str, Any]) -> Data:
        try:
            event: Data = self._instance.load(wire)
        except ValidationError as error:
            raise ContractViolationError(f"{self.type}: {_fields(error.messages)}") from error
        return event


@dataclass(frozen=True)
class Fact:
    """An event that a use case announces; the repository seals and stores it with the state it belongs to."""

    contract: Contract[Any]
    data: Any


def _fields(messages: Any, path: str = "data") -> str:
    """Name each wrong field with its reason, never with its value."""
    if isinstance(messages, dict):
        return "; ".join(
            _fields(inner, f"{path}.{name}") for name, inner in sorted(messages.items(), key=str)
        )
    reasons = messages if isinstance(messages, list) else [messages]
    return f"{path}: {' '.join(str(reason) for reason in reasons)}"
