"""nameko's container, with workers that cost an event handler less."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import Any

from nameko.containers import ServiceContainer
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider

from chassis.workers import Workers

_PER_CALL = ("worker_setup", "worker_result", "worker_teardown")


class Container(ServiceContainer):
    """Runs every call on the process's one service object.

    For each call nameko makes a service object, a context with a stack of random call ids and five timed log
    records, and gives it every collaborator anew. Our events carry their own ids, our collaborators live as
    long as the process, and our methods keep nothing on `self`.
    """

    def __init__(self, service_cls: Any, config: Any) -> None:
        super().__init__(service_cls, config)
        self._worker_pool = Workers(self.max_workers, on_error=self.kill)

    @cached_property
    def _service(self) -> Any:
        """The service with its collaborators; they are built before anything calls it."""
        service = self.service_cls()
        for provider in self.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(None))
        return service

    def start(self) -> None:
        """Start all extensions.

        Raises:
            TypeError: if a collaborator wants to be told of each call, which this container does not do.
        """
        for provider in self.dependencies:
            for name in _PER_CALL:
                if getattr(type(provider), name) is not getattr(DependencyProvider, name):
                    raise TypeError(f"{type(provider).__name__}.{name} would never be called")
        super().start()

    def spawn_worker(
        self, entrypoint: Any, args: Any, kwargs: Any, context_data: Any = None, handle_result: Any = None
    ) -> None:
        """Run an entrypoint's method in a worker of its own, once one is free.

        Args:
            entrypoint: whose method it is.
            args: its arguments by place.
            kwargs: its arguments by name.
            context_data: nameko's, of which we have none.
            handle_result: called with None, the result and the error's `sys.exc_info()`.

        Raises:
            ContainerBeingKilled: if the container takes no more work.
        """
        if self._being_killed:
            raise ContainerBeingKilled
        self._worker_pool.spawn(self._call, entrypoint.method_name, args, kwargs, handle_result)

    def can_start(self) -> bool:
        """Tell whether a worker is free, so that `spawn_worker` would not wait."""
        return self._worker_pool.free() > 0

    def _kill_worker_threads(self) -> None:
        self._worker_pool.kill()

    def _call(self, method: str, args: Any, kwargs: Any, handle_result: Any) -> None:
        result = exc_info = None
        try:
            result = getattr(self._service, method)(*args, **kwargs)
        except Exception:  # noqa: BLE001 - the entrypoint says what becomes of it
            exc_info = sys.exc_info()
        try:
            if handle_result is not None:
                handle_result(None, result, exc_info)
        finally:
            # A traceback holds this frame; without the circle it goes at once and not with the collector.
            del exc_info
