"""Where broker and gateway come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.packages import MissingPartError, locate

PROGRAMS = (
    "usr/lib/rabbitmq/bin/rabbitmq-server",
    "usr/lib/erlang/bin/erl",
    "usr/lib/erlang/bin/epmd",
    "usr/sbin/nginx",
)


def _install(root: Path, programs: tuple[str, ...] = PROGRAMS) -> None:
    for program in programs:
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        (root / program).touch()


def test_the_machines_own_programs_come_first(tmp_path: Path) -> None:
    _install(tmp_path / "machine")
    _install(tmp_path / "fetched/root")

    found = locate(tmp_path / "fetched", system=tmp_path / "machine")

    assert found.nginx == tmp_path / "machine/usr/sbin/nginx"
    assert found.library_path == ()


def test_a_machine_with_some_of_them_runs_the_fetched_ones(tmp_path: Path) -> None:
    _install(tmp_path / "machine", PROGRAMS[:3])
    _install(tmp_path / "fetched/root")
    library = tmp_path / "fetched/root/usr/lib/x86_64-linux-gnu/libtinfo.so.6"
    library.parent.mkdir(parents=True)
    library.touch()

    found = locate(tmp_path / "fetched", system=tmp_path / "machine")

    assert found.rabbitmq_server == tmp_path / "fetched/root/usr/lib/rabbitmq/bin/rabbitmq-server"
    assert found.environment()["LD_LIBRARY_PATH"] == str(library.parent)


def test_a_missing_program_is_named_with_what_brings_it(tmp_path: Path) -> None:
    _install(tmp_path / "fetched/root", PROGRAMS[:3])

    with pytest.raises(MissingPartError, match=r"sbin/nginx is missing: run `make setup`"):
        locate(tmp_path / "fetched", system=tmp_path / "machine")
