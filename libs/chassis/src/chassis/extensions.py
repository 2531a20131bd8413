"""What all entrypoints have in common: bounded time and the process's publisher."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import eventlet
from nameko.extensions import SharedExtension

from chassis.delivery import Delivery
from chassis.errors import TransientError
from chassis.publisher import ConfirmingPublisher

Method = TypeVar("Method", bound=Callable[..., Any])


def bounded(method: Method) -> Method:
    """Turn an eventlet.Timeout that leaves a method into a TransientError.

    It is a BaseException, which nameko does not catch: a message would stay unacknowledged and a request
    unanswered for ever.
    """

    @wraps(method)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except eventlet.Timeout as timeout:
            raise TransientError(f"timed out after {timeout.seconds} s") from timeout

    return cast("Method", guarded)


class PublisherExtension(SharedExtension):
    """The process's one publishing connection, apart from the consuming one, which alarms never block."""

    _publisher: ConfirmingPublisher

    def setup(self) -> None:
        """Make the publisher; it connects when it is first needed."""
        settings = self.container.config["SETTINGS"]
        self._publisher = ConfirmingPublisher(settings.amqp_url, confirm_timeout_s=settings.confirm_timeout_s)

    def publish(self, deliveries: list[Delivery]) -> None:
        """Publish and wait for confirms; see ConfirmingPublisher.publish."""
        self._publisher.publish(deliveries)

    def stop(self) -> None:
        """Close the connection, after the workers have finished."""
        self._publisher.close()

    kill = stop
