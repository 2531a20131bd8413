"""The driver of one defense season, from the roster file to the families' inboxes.

Each step is a function of its own that takes the `Season`, so that a test can do something in between.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from stack.demo import availability, checks, report
from stack.demo.checks import Inboxes
from stack.demo.context import Season
from stack.demo.deciding import (
    await_messages,
    await_readiness,
    message_states,
    readiness,
    schedule_defenses,
    unplaced,
)
from stack.demo.district import DEMO_SEED, demo_shape
from stack.demo.evidence import Outcome
from stack.demo.expected import CHANNELS, Expected, expect
from stack.demo.intake import await_roster, import_roster, publish_calendars, upload_artifacts
from stack.demo.people import Shape
from stack.demo.portal import MissingError, Portal, RefusedError, Token
from stack.demo.reading import score_artifacts
from stack.http import direct_session

#: All steps up to the families' messages, in order.
STEPS: tuple[Callable[[Season], None], ...] = (
    import_roster,
    await_roster,
    publish_calendars,
    upload_artifacts,
    score_artifacts,
    await_readiness,
    schedule_defenses,
)
_SINK_TIMEOUT_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The stack that a season runs on.

    Attributes:
        gateway_url: where the platform is, without a slash at the end.
        mail_url: the mail sink.
        sms_url: the SMS simulator.
        token: gives bearer tokens.
        roster_import: imports a bundle.
    """

    gateway_url: str
    mail_url: str
    sms_url: str
    token: Token
    roster_import: Callable[[Path], None]


def run(
    *,
    gateway_url: str,
    run_directory: Path,
    mail_url: str,
    sms_url: str,
    token: Token,
    roster_import: Callable[[Path], None],
) -> int:
    """Run the demo's season on a stack that is up, and show it to a person.

    Running it again on the same stack changes nothing and ends the same.

    Args:
        gateway_url: as in `Platform`; the others too.
        run_directory: of the stack; our files go into `demo` in it.
        mail_url: as above.
        sms_url: as above.
        token: as above.
        roster_import: as above.

    Returns:
        The exit status: 0 if every check holds.
    """
    platform = Platform(
        gateway_url=gateway_url, mail_url=mail_url, sms_url=sms_url, token=token, roster_import=roster_import
    )
    with begin(platform, run_directory / "demo", Console()) as season:
        try:
            for step in STEPS:
                step(season)
            inboxes = await_messages(season)
            differences = verify(season, inboxes)
            show(season, inboxes)
        except (MissingError, RefusedError) as error:
            differences = [str(error)]
        for each in differences:
            season.teller.failed(each)
        if not differences:
            season.teller.held(
                "every ready student is scheduled or listed with a reason, and every family was told once"
            )
    return 1 if differences else 0


@contextmanager
def begin(
    platform: Platform,
    folder: Path,
    console: Console,
    *,
    shape: Shape | None = None,
    seed: int = DEMO_SEED,
) -> Iterator[Season]:
    """Give a season that has not begun.

    Args:
        platform: a stack that is up.
        folder: for our files; a second season with the same folder is the same season.
        console: where progress is shown.
        shape: of the district; the demo's unless another one is given.
        seed: of the district.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Portal(platform.gateway_url, platform.token) as portal:
        yield Season(
            portal=portal,
            teller=report.Teller(console),
            expected=expect(shape or demo_shape(), seed),
            seed=seed,
            folder=folder,
            days=availability.season(_today(folder)),
            roster_import=platform.roster_import,
            mail_url=platform.mail_url,
            sms_url=platform.sms_url,
            mails=lambda: _listed(f"{platform.mail_url}/api/mails", "mails"),
            texts=lambda: _listed(f"{platform.sms_url}/api/messages", "messages"),
        )


def verify(season: Season, inboxes: Inboxes) -> list[str]:
    """Compare the platform's season with what the generator knows; return what differs, as sentences."""
    return [
        *checks.check_placement(_ready(season.expected), season.defenses, unplaced(season)),
        *checks.check_panels(season.defenses.values()),
        *(
            difference
            for channel in CHANNELS
            for difference in checks.check_inbox(
                channel,
                season.expected.arrivals(season.defenses, channel),
                inboxes.counts(channel),
            )
        ),
    ]


def show(season: Season, inboxes: Inboxes) -> None:
    """Show the table of the season, and one family's email and SMS as they arrived."""
    console = season.teller.console
    decided = Counter(status.lower() for status in readiness(season).values())
    reasons = Counter(unplaced(season).values())
    scored = len(season.portal.items("/v1/scoring/tasks", state="released"))
    rows = {
        "students": f"{len(season.student_ids):,} in {len(season.school_ids)} schools",
        "artifacts": f"{len(season.artifacts):,}",
        "scores": f"{scored:,}",
        "readiness": report.counted(decided),
        "scheduled": f"{len(season.defenses):,}",
        "not placed": report.counted(reasons),
        "messages": report.counted(message_states(season)),
        "arrived": " and ".join(f"{inboxes.counts(each).total():,} {each}" for each in CHANNELS),
    }
    console.print()
    console.print(report.summary(rows))
    _show_family(season, inboxes)


def _show_family(season: Season, inboxes: Inboxes) -> None:
    """Show what one guardian got, rather a family whose language is not English."""
    told = [
        guardian
        for sourced_id in season.defenses
        for guardian in season.expected.told(sourced_id, "email")
        if inboxes.mails.get(guardian.email) and inboxes.texts.get(guardian.phone)
    ]
    for guardian in sorted(told, key=lambda each: (each.language != "es", each.sourced_id))[:1]:
        mail, text = inboxes.mails[guardian.email][0], inboxes.texts[guardian.phone][0]
        season.teller.console.print(report.letter(mail, f"{season.mail_url}/mails/{mail['number']}"))
        season.teller.console.print(report.text_message(text, season.sms_url))


def _ready(expected: Expected) -> list[str]:
    return [sourced_id for sourced_id, each in expected.decided.items() if each is Outcome.READY]


def _today(folder: Path) -> date:
    """Return the day on which this folder's season began: its calendars must not move overnight."""
    file = folder / "season.json"
    if not file.exists():
        file.write_text(json.dumps({"began_on": datetime.now(UTC).date().isoformat()}))
    return date.fromisoformat(json.loads(file.read_text())["began_on"])


def _listed(url: str, name: str) -> list[dict[str, Any]]:
    with direct_session() as session:
        answer = session.get(url, timeout=_SINK_TIMEOUT_S)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()[name]
    return found
