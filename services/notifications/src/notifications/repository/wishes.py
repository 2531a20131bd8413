"""What guardians have chosen, as documents."""

from datetime import time
from typing import Any

from chassis.mongo import AggregateRepository
from notifications.documents import ChangePart, ChoicePart, PreferencesDocument, QuietChangePart
from notifications.domain.hours import Quiet
from notifications.domain.preferences import Change, Frequency, Preferences, QuietChange, Said, Source
from notifications.domain.roster import Channel


class MongoWishes(AggregateRepository[Preferences]):
    """Keeps preferences, by guardian id."""

    document = PreferencesDocument

    def to_fields(self, value: Preferences) -> dict[str, Any]:
        """Return the document's fields."""
        starts, ends = _clocks(value.quiet)
        return {
            "choices": [
                ChoicePart(topic=topic, channel=channel.value, frequency=chosen.value)
                for (topic, channel), chosen in sorted(value.choices.items())
            ],
            "quiet_starts": starts,
            "quiet_ends": ends,
            "history": [
                ChangePart(
                    topic=each.topic,
                    channel=each.channel.value,
                    frequency=each.frequency.value,
                    **_said_fields(each.said),
                )
                for each in value.history
            ],
            "quiet_history": [
                QuietChangePart(
                    **dict(zip(("starts", "ends"), _clocks(each.quiet), strict=True)),
                    **_said_fields(each.said),
                )
                for each in value.quiet_history
            ],
        }

    def to_value(self, document: Any) -> Preferences:
        """Return the preferences."""
        chosen = document.choices
        return Preferences(
            guardian_id=document.id,
            choices={(each.topic, Channel(each.channel)): Frequency(each.frequency) for each in chosen},
            quiet=_quiet(document.quiet_starts, document.quiet_ends),
            history=tuple(
                Change(
                    said=_said(each),
                    topic=each.topic,
                    channel=Channel(each.channel),
                    frequency=Frequency(each.frequency),
                )
                for each in document.history
            ),
            quiet_history=tuple(
                QuietChange(said=_said(each), quiet=_quiet(each.starts, each.ends))
                for each in document.quiet_history
            ),
        )


def _said_fields(said: Said) -> dict[str, Any]:
    return {"at": said.at, "by": said.by, "source": said.source.value, "why": said.why or None}


def _said(part: Any) -> Said:
    return Said(at=part.at, by=part.by, source=Source(part.source), why=part.why or "")


def _clocks(quiet: Quiet | None) -> tuple[str | None, str | None]:
    if quiet is None:
        return None, None
    return quiet.starts.isoformat("minutes"), quiet.ends.isoformat("minutes")


def _quiet(starts: str | None, ends: str | None) -> Quiet | None:
    return Quiet(time.fromisoformat(starts), time.fromisoformat(ends)) if starts and ends else None
