"""The container: one service object, whose calls end with their entrypoint's word."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider

from chassis.container import Container


class Clock(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """Gives something that can be told apart."""

    def get_dependency(self, worker_ctx: Any) -> object:
        return object()


class Wearisome(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """Wants to hear of each call."""

    def worker_setup(self, worker_ctx: Any) -> None:
        raise AssertionError


class Counting:
    """Counts what it made."""

    name = "counting"
    clock = Clock()

    def show(self, *, broken: bool = False) -> tuple[Any, Any]:
        if broken:
            raise LookupError("nothing")
        return self, self.clock


class Tiring(Counting):
    """Has a collaborator that nobody would call."""

    name = "tiring"
    wearisome = Wearisome()


def call(container: Container, **arguments: Any) -> tuple[Any, Any]:
    told: list[tuple[Any, Any]] = []

    def hear(_context: None, result: Any, exc_info: Any) -> None:
        told.append((result, exc_info and exc_info[1]))

    container.spawn_worker(SimpleNamespace(method_name="show"), (), arguments, handle_result=hear)
    container._worker_pool.waitall()
    return told[0]


@pytest.fixture
def container() -> Container:
    return Container(Counting, {})


def test_all_calls_share_one_service_and_its_collaborators(container: Container) -> None:
    (one, clock), _ = call(container)
    (other, same_clock), _ = call(container)

    assert (one, clock) == (other, same_clock)
    assert isinstance(one, Counting)


def test_an_error_is_given_to_the_entrypoint_and_harms_nobody(container: Container) -> None:
    result, error = call(container, broken=True)

    assert (result, type(error)) == (None, LookupError)
    assert call(container)[1] is None


def test_nobody_has_to_hear_what_came_of_a_call(container: Container) -> None:
    container.spawn_worker(SimpleNamespace(method_name="show"), (), {})
    container._worker_pool.waitall()

    assert container._worker_threads == {}


def test_a_container_that_is_killed_takes_no_more_work(container: Container) -> None:
    container.kill()

    with pytest.raises(ContainerBeingKilled):
        call(container)


def test_a_collaborator_that_would_never_hear_of_a_call_stops_the_start() -> None:
    with pytest.raises(TypeError, match=r"Wearisome\.worker_setup would never be called"):
        Container(Tiring, {}).start()
