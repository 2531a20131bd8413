"""RabbitMQ and nginx from the distribution's packages, unpacked without root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: The packages we run. Their erlang-* dependencies and missing shared libraries follow from these.
WANTED = ("rabbitmq-server", "nginx")

#: Change it when an unpacked folder of an earlier version of this module must be made again.
LAYOUT = 1

TIMEOUT_S = 600.0


class MissingPartError(LookupError):
    """A program of the distribution is neither unpacked here nor can be fetched."""


@dataclass(frozen=True)
class SystemParts:
    """Where the distribution's programs were found.

    Attributes:
        rabbitmq_server: the real start script, not Debian's wrapper, which refuses ordinary users.
        erlang_bin: the folder of `erl` and `epmd`.
        nginx: the gateway's program.
        library_path: folders of shared libraries that the machine itself lacks.
    """

    rabbitmq_server: Path
    erlang_bin: Path
    nginx: Path
    library_path: tuple[Path, ...] = ()

    def missing(self) -> list[Path]:
        """Return the programs that are not where they should be."""
        programs = (self.rabbitmq_server, self.erlang_bin / "erl", self.erlang_bin / "epmd", self.nginx)
        return [program for program in programs if not program.exists()]

    def environment(self) -> dict[str, str]:
        """Return the variables that these programs need to find each other and their libraries."""
        variables = {"PATH": f"{self.erlang_bin}:/usr/local/bin:/usr/bin:/bin"}
        if self.library_path:
            variables["LD_LIBRARY_PATH"] = ":".join(str(folder) for folder in self.library_path)
        return variables


def locate(directory: Path, *, system: Path = Path("/")) -> SystemParts:
    """Return the machine's own programs if it has all of them, else those unpacked in a folder.

    Raises:
        MissingPartError: if one of them is nowhere; `make setup` brings it.
    """
    tree = directory / "root"
    installed, unpacked = _parts_in(system), _parts_in(tree, _library_folders(tree))
    missing = unpacked.missing()
    if not installed.missing():
        return installed
    if missing:
        raise MissingPartError(f"{missing[0]} is missing: run `make setup`")
    return unpacked


def _parts_in(root: Path, library_path: tuple[Path, ...] = ()) -> SystemParts:
    return SystemParts(
        rabbitmq_server=root / "usr/lib/rabbitmq/bin/rabbitmq-server",
        erlang_bin=root / "usr/lib/erlang/bin",
        nginx=root / "usr/sbin/nginx",
        library_path=library_path,
    )


def fetch(directory: Path) -> SystemParts:
    """Download and unpack what is not there yet; does nothing, and needs no network, when all is there.

    Raises:
        MissingPartError: if this machine has no apt, or its package source cannot be reached.
    """
    if not _parts_in(Path("/")).missing():
        return locate(directory)
    stamp = directory / "fetched.json"
    expected = {"layout": LAYOUT, "directory": str(directory)}
    if stamp.exists() and json.loads(stamp.read_text()) == expected:
        return locate(directory)
    unpack(WANTED, directory, choose=_needed)
    _relocate_erlang(directory / "root")
    parts = locate(directory)
    stamp.write_text(json.dumps(expected))
    return parts


def unpack(
    wanted: Sequence[str],
    directory: Path,
    *,
    choose: Callable[[Sequence[str], Path], Sequence[str]] | None = None,
) -> None:
    """Download packages and unpack them into `<directory>/root`, which replaces what is in the folder.

    Args:
        wanted: the packages that a person would name.
        directory: where to.
        choose: given apt's options and a folder to run in, names all packages that are needed for these;
            nothing means that they need no others.

    Raises:
        MissingPartError: if this machine has no apt, or its package source cannot be reached.
    """
    for program in ("apt-get", "apt-cache", "dpkg", "dpkg-query"):
        if shutil.which(program) is None:
            raise MissingPartError(f"{program} is needed to fetch {', '.join(wanted)}: use Debian or Ubuntu")
    shutil.rmtree(directory, ignore_errors=True)
    archives = directory / "archives"
    archives.mkdir(parents=True)

    def download(options: Sequence[str]) -> None:
        names = wanted if choose is None else choose(options, archives)
        _run("apt-get", *options, "download", *names, cwd=archives)

    _with_lists(download, archives, directory / "apt", ", ".join(wanted))
    for archive in sorted(archives.glob("*.deb")):
        _run("dpkg", "-x", str(archive), str(directory / "root"), cwd=archives)
        archive.unlink()


def _with_lists(
    download: Callable[[Sequence[str]], None], archives: Path, private: Path, wanted: str
) -> None:
    """Download with the machine's own package lists, or with fresh private ones when those fail."""
    try:
        download(())
    except (subprocess.CalledProcessError, MissingPartError):
        options = _private_lists(private)
        try:
            _run("apt-get", *options, "update", cwd=archives)
            download(options)
        except subprocess.CalledProcessError as error:
            raise MissingPartError(f"apt cannot fetch {wanted}: {error.stderr.strip()}") from error


def _private_lists(private: Path) -> tuple[str, ...]:
    """Return apt options for lists and caches of our own, writable without root."""
    (private / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (private / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    return (
        f"-oDir::State::Lists={private}/lists",
        f"-oDir::Cache={private}/cache",
        "-oDebug::NoLocking=true",
        "-oAPT::Sandbox::User=root",
        "-oAcquire::Retries=2",
    )


def _needed(options: Sequence[str], cwd: Path) -> list[str]:
    """Return our packages, all of Erlang that they need, and the libraries that this machine lacks."""
    kinds = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    flags = [f"--no-{kind}" for kind in kinds]
    listing = _run("apt-cache", *options, "depends", "--recurse", *flags, *WANTED, cwd=cwd)
    known = {line.strip() for line in listing.splitlines() if line and not line.startswith((" ", "<"))}
    ours = {name for name in known if name.startswith("erlang-")} | set(WANTED)
    direct = _run("apt-cache", *options, "depends", *flags, *sorted(ours), cwd=cwd)
    libraries = {line.split()[-1] for line in direct.splitlines() if "Depends: lib" in line}
    return sorted(ours | {name for name in libraries if not _installed(name, cwd)})


def _installed(package: str, cwd: Path) -> bool:
    try:
        return "installed" in _run("dpkg-query", "-W", "-f=${db:Status-Status}", package, cwd=cwd).split()
    except subprocess.CalledProcessError:
        return False


def _relocate_erlang(tree: Path) -> None:
    """Make the unpacked `erl` look beside itself; Debian's has its home written into it."""
    home = tree / "usr/lib/erlang"
    script = home / "bin" / "erl"
    script.write_text(script.read_text().replace("ROOTDIR=/usr/lib/erlang", f'ROOTDIR="{home}"'))


def _library_folders(tree: Path) -> tuple[Path, ...]:
    patterns = ("lib/*-linux-*/lib*.so*", "usr/lib/*-linux-*/lib*.so*")
    return tuple(sorted({found.parent for pattern in patterns for found in tree.glob(pattern)}))


def _run(*command: str, cwd: Path) -> str:
    result = subprocess.run(  # noqa: S603 - fixed programs of the distribution, no shell
        command,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    return result.stdout
