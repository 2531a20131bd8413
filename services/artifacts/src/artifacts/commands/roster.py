"""`backpack roster import`: bring a district's roster up to a OneRoster bundle."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from typing import NoReturn
from uuid import uuid4
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from artifacts import documents
from artifacts.clients.bundles import FileBundle, open_bundle
from artifacts.clients.policies import ArtifactPolicies
from artifacts.clients.workbench import open_workbench
from artifacts.commands.progress import watch
from artifacts.commands.report import ProblemReport
from artifacts.domain.people import Kind
from artifacts.domain.problems import BundleRefusedError, LeftOut, RosterShrinksError
from artifacts.repository import (
    ConcurrentImportError,
    GuardianRepository,
    RosterImages,
    SchoolRepository,
    StaffRepository,
    StudentRepository,
)
from artifacts.settings import ImportSettings, ImportSettingsSchema
from artifacts.use_cases.roster import Change, Import, Rosters, Summary, import_roster
from chassis import mongo, settings
from chassis.errors import TransientError
from chassis.mongo import AggregateRepository
from chassis.outbox import UnitOfWork, utc_now
from chassis.policy import PolicyError

#: How many problems are shown on the terminal; the report has all of them.
_SHOWN_PROBLEMS = 10


class Exit(IntEnum):
    """What the exit status says."""

    DONE = 0
    #: With --strict: the good rows went in, and something was left out.
    LEFT_OUT = 3
    #: Nothing was changed: the bundle cannot be used.
    REFUSED = 4
    #: Nothing was changed: too many students would leave.
    SHRINKS = 5
    #: The document store cannot be reached, or another import was faster; do it again.
    AGAIN = 6


@click.group()
def roster() -> None:
    """Rosters of a district."""


@roster.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--district", required=True, help="Whose roster it is, such as jcps.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all problems here, as CSV."
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--allow-shrink", is_flag=True, help="Let the students go, however many they are.")
@click.option("--strict", is_flag=True, help="End with status 3 if anything was left out.")
def import_bundle(
    path: Path, *, district: str, report: Path | None, dry_run: bool, allow_shrink: bool, strict: bool
) -> None:
    """Import the OneRoster 1.2 CSV bundle at PATH, a folder or a ZIP file.

    Rows that are wrong are reported and left out; the others go in. Importing a bundle again changes nothing.

    \b
    Exit status: 0 done; 3 (with --strict) something was left out; 4 the bundle was refused;
    5 too many students would leave; 6 the store is out of reach or another import was faster.
    """  # noqa: D301 - click's own mark for "do not wrap"
    try:
        read: ImportSettings = settings.read(ImportSettingsSchema)
        policies = ArtifactPolicies(read.policy_dir)
        policy = policies.district(district, utc_now().date())
    except (settings.SettingsError, PolicyError) as error:
        raise click.UsageError(str(error)) from error
    try:
        with ExitStack() as held:
            problems = held.enter_context(ProblemReport(report))
            bundle = held.enter_context(open_bundle(path, most_bytes=policy.most_bundle_bytes))
            _open_store(read)
            order = Import(
                district=district,
                today=utc_now().astimezone(ZoneInfo(policy.time_zone)).date(),
                policy=policy,
                report=problems.add,
                progress=held.enter_context(watch()),
                allow_shrink=allow_shrink,
                rehearse=dry_run,
            )
            summary = _run(bundle, order)
    except BundleRefusedError as error:
        _end(Exit.REFUSED, f"The bundle is refused: {error}.")
    except RosterShrinksError as error:
        _end(Exit.SHRINKS, f"Nothing was changed: {error}. Is the bundle whole? --allow-shrink lets them go.")
    except (TransientError, ConcurrentImportError) as error:
        _end(Exit.AGAIN, f"The import was broken off and can be done again: {error}.")
    _show(summary, problems, dry_run=dry_run)
    if strict and problems.count:
        raise SystemExit(Exit.LEFT_OUT)


def _open_store(read: ImportSettings) -> None:
    AggregateRepository.replay_horizon = timedelta(days=read.replay_horizon_days)
    mongo.connect(read.mongo_url, read.mongo_database)
    with mongo.translated():
        mongo.create_indexes(documents)


def _run(bundle: FileBundle, order: Import) -> Summary:
    # A run of its own every time: what it must not do twice it finds out by comparing, and a district may
    # well go from one bundle to another and back.
    work = UnitOfWork(district=order.district, cause=f"roster:{bundle.digest}:{uuid4()}")
    rosters = Rosters(
        schools=SchoolRepository(work),
        staff=StaffRepository(work),
        guardians=GuardianRepository(work),
        students=StudentRepository(work),
    )
    with open_workbench() as workbench:
        return import_roster(bundle, order, workbench=workbench, rosters=rosters, images=RosterImages(work))


def _show(summary: Summary, problems: ProblemReport, *, dry_run: bool) -> None:
    console = Console()
    table = Table("", *(str(change) for change in Change), title="Dry run" if dry_run else None)
    for kind in Kind:
        table.add_row(str(kind), *(str(summary.changes[kind, change]) for change in Change))
    console.print(table)
    if not problems.count:
        return
    lost = ", ".join(f"{summary.problems[cost]} {cost}(s)" for cost in LeftOut if summary.problems[cost])
    console.print(f"{problems.count} problems; left out: {lost}")
    for problem in problems.first(_SHOWN_PROBLEMS):
        where = f"{problem.file}:{problem.line or ''}:{problem.column or ''}"
        console.print(f"  {where} {problem.reason}", markup=False, highlight=False)
    if problems.count > _SHOWN_PROBLEMS:
        console.print("  … and more; --report FILE writes all of them.", markup=False)


def _end(status: Exit, text: str) -> NoReturn:
    click.echo(text, err=True)
    raise SystemExit(status)
