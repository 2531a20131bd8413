"""The command line of the fault suite."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from tests.faults import suite
from tests.faults.registry import FAULTS


@click.command()
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same faults.")
@click.option("--faults", default=200, show_default=True, type=click.IntRange(1))
@click.option("--events", default=100_000, show_default=True, type=click.IntRange(1))
@click.option("--minutes", default=40.0, show_default=True, help="End by then, whatever is reached.")
@click.option("--only", multiple=True, help="Part of a fault's name; may be given several times.")
@click.option("--allow-missing", multiple=True, metavar="NAME", help="A fault that this machine cannot make.")
@click.option("--twice", is_flag=True, help="Deliver every message twice.")
@click.option("--services", default=2, show_default=True, type=click.IntRange(2, 3))
@click.option("--list", "list_only", is_flag=True, help="Name the faults and end.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep logs and data here.")
def main(*, list_only: bool, keep: Path | None, allow_missing: tuple[str, ...], **plan: object) -> None:
    """Break everything while events flow; exit status 1 if one is lost or doubled, or a fault is not made."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    if list_only:
        console.print("\n".join(sorted(FAULTS)))
        return
    unknown = set(allow_missing) - set(FAULTS)
    if unknown:
        raise click.BadParameter(
            f"no fault is called {', '.join(sorted(unknown))}", param_hint="--allow-missing"
        )
    chosen = suite.Plan(**plan, allow_missing=allow_missing)  # type: ignore[arg-type]  # click has checked them
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
        result = suite.run(chosen, (keep or Path(temporary)).resolve())
    suite.show(result, console)
    if not result.is_good:
        sys.exit(1)
    if len(result.names) < chosen.faults or result.told < chosen.events:
        console.print("Not all was done: the time was over, or no fault may come again.")
        sys.exit(2)
