"""Pictures of the emails that families get, as a phone shows them: `make pictures`.

The emails are made by the service's own renderer and photographed by headless Chromium, which must be there
(`apt-get install chromium fonts-noto-core`). They are kept in docs/pictures for people to look at.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageChops

from notifications.clients.rendering import JinjaRenderer
from notifications.domain.facts import Fact, Kind, Place, Standing
from notifications.domain.messages import Purpose
from notifications.domain.news import News
from notifications.domain.planning import Letter
from notifications.domain.roster import Channel, School, Student
from notifications.repository import DistrictPolicies

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
LANGUAGES = ("en", "es", "ar")
#: Of a phone, in CSS pixels; the height is more than an email needs, and cut off afterwards.
WIDTH, HEIGHT, PIXELS_EACH = 390, 1600, 2
_MARGIN_PX = 24
_COLOURS = 64
_TIMEOUT_S = 60
_WRITTEN_AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_CALENDAR_URL = "https://backpack.district.example/v1/family-calendars/district/g-1/secret.ics"


def letters(language: str) -> Iterator[tuple[str, Letter]]:
    """Yield a letter of each kind that is photographed, with its name."""
    starts_at = datetime(2026, 12, 4, 15, 30, tzinfo=UTC)
    place = Place(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        time_zone="America/Kentucky/Louisville",
        room="Room 12",
    )
    day = timedelta(days=1)
    before = replace(place, starts_at=starts_at - day, ends_at=place.ends_at - day, room="Library")
    defense = Fact(
        kind=Kind.DEFENSE,
        fact_id="d-1",
        revision=1,
        student_id="s-1",
        school_id="sch-1",
        standing=Standing.SET,
        deadline=starts_at,
        place=place,
    )
    hearing = replace(
        defense,
        kind=Kind.HEARING,
        standing=Standing.RELEASED,
        place=None,
        plan_due_on=date(2026, 12, 10),
        defend_by=date(2027, 1, 15),
    )
    news = {
        "invitation": (News(purpose=Purpose.DEFENSE_SCHEDULED, place=place), defense),
        "moved": (News(purpose=Purpose.DEFENSE_MOVED, place=place, before=before), defense),
        "cancelled": (
            News(purpose=Purpose.DEFENSE_CANCELLED, place=place),
            replace(defense, standing=Standing.CANCELLED, to_be_rescheduled=True),
        ),
        "next-steps": (News(purpose=Purpose.REDEFENSE_REQUESTED), hearing),
    }
    for name, (said, fact) in news.items():
        yield (
            name,
            Letter(
                news=said,
                channel=Channel.EMAIL,
                fact=fact,
                student=Student(
                    student_id="s-1",
                    school_id="sch-1",
                    given_name="Maya",
                    family_name="García",
                    guardian_ids=("g-1",),
                    active=True,
                ),
                school=School(
                    school_id="sch-1",
                    name="Lincoln Elementary",
                    time_zone="America/Kentucky/Louisville",
                    active=True,
                ),
                address="ana@example.org",
                wanted_language=language,
                written_at=_WRITTEN_AT,
                calendar_url=_CALENDAR_URL if said.place else "",
            ),
        )


def photograph(html: str, picture: Path) -> None:
    """Keep a picture of a page as a phone shows it, cut below its last line."""
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder) / "email.html", Path(folder) / "email.png"
        page.write_text(html)
        subprocess.run(
            [
                *("chromium", "--headless=old", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"),
                *(f"--window-size={WIDTH},{HEIGHT}", f"--force-device-scale-factor={PIXELS_EACH}"),
                *(f"--screenshot={shot}", f"--user-data-dir={folder}/profile", page.as_uri()),
            ],
            check=True,
            capture_output=True,
            timeout=_TIMEOUT_S,
        )
        with Image.open(shot) as taken:
            image = taken.convert("RGB")
    blank = Image.new("RGB", image.size, image.getpixel((0, 0)))
    _, _, _, last = ImageChops.difference(image, blank).getbbox() or (0, 0, 0, image.height)
    cut = image.crop((0, 0, image.width, min(image.height, last + _MARGIN_PX)))
    cut.quantize(_COLOURS).save(picture, optimize=True)


def main() -> None:
    """Make all pictures anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    rules = DistrictPolicies("").rules("district", on=_WRITTEN_AT.date())
    renderer = JinjaRenderer("backpack@district.example")
    for language in LANGUAGES:
        for name, letter in letters(language):
            picture = PICTURES / f"email-{name}-{language}.png"
            photograph(renderer.render(letter, rules=rules).html, picture)
            print(f"{picture.relative_to(PICTURES.parents[1])}  {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
