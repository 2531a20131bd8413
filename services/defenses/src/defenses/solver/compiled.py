"""Machine code from Python functions: what the search does a hundred million times.

The code is kept on disk, so that only the first search on a machine waits for the compiler.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

#: The modules of this package that have compiled functions, or the types of their arguments.
_COMPILED = (
    "annealing",
    "compiled",
    "greedy",
    "moves",
    "panels",
    "places",
    "problem",
    "rebuilding",
    "state",
)


def _cache_folder() -> Path:
    """Return where compiled code is kept: the user's cache, or where there is no home, nowhere for long."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "backpack" / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(mkdtemp(prefix="backpack-numba-"))
    return folder / _version() if os.access(folder, os.W_OK) else Path(mkdtemp(prefix="backpack-numba-"))


def _version() -> str:
    """Return a digest of all that is compiled.

    Numba looks only at the file of a function itself, not at those of what is compiled into it.
    """
    sources = (Path(__file__).with_name(f"{name}.py").read_bytes() for name in _COMPILED)
    return sha256(b"".join(sources)).hexdigest()[:16]


# Read by numba when it is imported.
os.environ.setdefault("NUMBA_CACHE_DIR", str(_cache_folder()))

import numba  # noqa: E402 - reads the environment


def compiled(function: Function) -> Function:
    """Compile a function; while it runs, other threads do too."""
    return _with_options(function)


def inlined(function: Function) -> Function:
    """Compile a function into each of its callers.

    A call passes every array of its tuples one by one, which takes twenty times as long as a small function.
    """
    return _with_options(function, forceinline=True)


def pasted(function: Function) -> Function:
    """Paste the code of a small function into each of its callers, before they are compiled."""
    return _with_options(function, inline="always")


def _with_options(function: Function, **options: Any) -> Function:
    options |= {"cache": True, "nogil": True, "error_model": "numpy"}
    # Nothing is allocated in compiled code, so that it needs no counts of references to the arrays.
    return cast("Function", cast("Any", numba.njit)(**options, _nrt=False)(function))
