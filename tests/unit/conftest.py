from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest) -> None:
    """Refuse every socket: what needs a broker, a store or a server is an integration test.

    A test whose subject is a socket says so with `@pytest.mark.enable_socket`.
    """
    if request.node.get_closest_marker("enable_socket") is None:
        request.getfixturevalue("socket_disabled")
