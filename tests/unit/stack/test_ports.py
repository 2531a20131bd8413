"""Which ports are wanted, and what is said about those that are taken."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict

import pytest

from stack import ports


def test_starts_at_8080() -> None:
    assert ports.wanted({}).gateway == 8080


def test_moves_all_ports_together() -> None:
    moved = asdict(ports.wanted({"BACKPACK_PORT_BASE": "18080"}))

    assert sorted(moved.values()) == list(range(18080, 18080 + len(moved)))


@pytest.mark.parametrize("text", ["http", "80", "65001", "-1"])
def test_refuses_a_base_that_is_none(text: str) -> None:
    with pytest.raises(ports.PortsError, match=f"BACKPACK_PORT_BASE is '{text}'"):
        ports.wanted({"BACKPACK_PORT_BASE": text})


@pytest.mark.enable_socket
def test_names_the_taken_port_and_its_holder() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        wanted = ports.from_base(40000)

        with pytest.raises(ports.PortsError) as refused:
            ports.check_free(ports.Ports(**{**asdict(wanted), "store": port}))

    assert f"port {port}, wanted for store, is taken by " in str(refused.value)
    assert f"(process {os.getpid()})" in str(refused.value)
