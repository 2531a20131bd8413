"""Publishing at full speed with py-amqp: many messages on their way, every one confirmed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import amqp
from kombu.utils.url import parse_url

_WINDOW = 1000


@dataclass(frozen=True)
class Outgoing:
    """One persistent message."""

    body: bytes
    properties: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)

    def message(self) -> amqp.Message:
        """Return it as py-amqp wants it."""
        return amqp.Message(self.body, delivery_mode=2, application_headers=self.headers, **self.properties)


class Pipeline:
    """One connection and channel in confirm mode."""

    def __init__(self, amqp_url: str) -> None:
        parts = parse_url(amqp_url)
        self.connection = amqp.Connection(
            host=f"{parts['hostname']}:{parts['port']}",
            userid=parts["userid"],
            password=parts["password"],
            virtual_host=parts["virtual_host"],
        )
        self.connection.connect()
        self.channel = self.connection.channel()
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._on_ack)
        self.channel.events["basic_nack"].add(self._on_nack)
        self._tags = itertools.count(1)
        self._open: set[int] = set()

    def publish(
        self, exchange: str, routing_key: str, messages: Iterable[Outgoing], window: int = _WINDOW
    ) -> None:
        """Publish all of them; returns when the last one is confirmed."""
        for each in messages:
            self._open.add(next(self._tags))
            self.channel.basic_publish(each.message(), exchange=exchange, routing_key=routing_key)
            self._drain(window)
        self._drain(0)

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def _drain(self, allowed: int) -> None:
        while len(self._open) > allowed:
            self.connection.drain_events(timeout=60)

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's signature
        if multiple:
            self._open = {tag for tag in self._open if tag > delivery_tag}
        else:
            self._open.discard(delivery_tag)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's signature
        raise RuntimeError(f"the broker refused {delivery_tag} (multiple: {multiple})")
