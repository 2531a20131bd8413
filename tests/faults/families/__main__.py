"""`python -m tests.faults.families`, from the root of the checkout."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

# The service that kills itself is a program, as it is for pytest.
sys.path.insert(0, str(Path(__file__).parents[2] / "programs"))

from tests.faults.families import suite


@click.command()
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same kills.")
@click.option("--messages", default=10_400, show_default=True, type=click.IntRange(2))
@click.option("--kills", default=32, show_default=True, type=click.IntRange(0))
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep logs and data here.")
def main(*, keep: Path | None, **plan: object) -> None:
    """Kill the notifications service at every step; exit status 1 if a family is not told once."""
    with tempfile.TemporaryDirectory(prefix="families-") as temporary:
        result = suite.run(suite.Plan(**plan), (keep or Path(temporary)).resolve())  # type: ignore[arg-type]  # click has checked them
    suite.show(result, Console(width=None if sys.stdout.isatty() else 140))
    if not result.is_good:
        sys.exit(1)


main()
