"""What the jobs need from outside, by role."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from notifications.domain.delivery import Answer, Outcome
from notifications.domain.digests import DigestLetter
from notifications.domain.facts import Fact
from notifications.domain.messages import Content, Message
from notifications.domain.planning import DistrictRules, Letter
from notifications.domain.preferences import Preferences
from notifications.domain.replies import Reply
from notifications.domain.roster import Guardian, School, Student
from notifications.domain.suppressions import Suppression
from notifications.domain.tellings import Telling

Value = TypeVar("Value")
Kept_co = TypeVar("Kept_co", covariant=True)
Copied = TypeVar("Copied")

#: Current value (None if there is none) to the new one and its events; None for no change.
Decide = Callable[[Value | None], tuple[Value, Sequence[Any]] | None]

#: The values that exist, by id, to what to do with some of them.
Prepare = Callable[[Mapping[str, Value]], Sequence[tuple[str, Decide[Value]]]]


def silently(decide: Callable[[Value | None], Value | None]) -> Decide[Value]:
    """Return a decision that announces nothing."""

    def decided(current: Value | None) -> tuple[Value, Sequence[Any]] | None:
        value = decide(current)
        return None if value is None else (value, ())

    return decided


class Readable(Protocol[Kept_co]):
    """What can be looked up."""

    def find(self, document_id: str, /) -> Kept_co | None: ...

    def existing(self, ids: Iterable[str], /) -> Mapping[str, Kept_co]: ...


class Copies(Readable[Copied], Protocol[Copied]):
    """Copies of another service's values; what is newer wins."""

    def keep(self, value: Copied, *, version: int) -> bool: ...


class Aggregates(Readable[Value], Protocol[Value]):
    """Values that are changed one at a time, each at most once per cause."""

    def change(self, aggregate_id: str, decide: Decide[Value], /) -> Value | None: ...

    def change_many(self, changes: Sequence[tuple[str, Decide[Value]]], /) -> int: ...

    def change_all(self, ids: Sequence[str], prepare: Prepare[Value], /) -> int:
        """Change many where what to do depends on all of them; returns how many were written."""
        ...


class Messages(Aggregates[Message], Protocol):
    """Where messages are kept."""

    def with_provider_ids(self, provider_ids: Collection[str]) -> list[Message]: ...

    def about(self, facts: Collection[Fact]) -> list[Message]:
        """Return the messages of all revisions of these facts."""
        ...

    def in_digests(self, digest_ids: Collection[str]) -> list[Message]:
        """Return the messages that these digests tell, or are to tell."""
        ...


Schools = Copies[School]
Students = Copies[Student]
Guardians = Copies[Guardian]
Tellings = Aggregates[Telling]
Suppressions = Aggregates[Suppression]
Wishes = Aggregates[Preferences]


class Replies(Aggregates[Reply], Protocol):
    """Where texts that came in are kept."""

    def from_number(self, sender: str) -> list[Reply]:
        """Return what came from a number, E.164, oldest first."""
        ...


@dataclass(frozen=True)
class Roster:
    """The copies of the roster, together, and what guardians wish, by guardian id."""

    schools: Schools
    students: Students
    guardians: Guardians
    wishes: Wishes


class Renderer(Protocol):
    """Writes what a family reads."""

    def render(self, letter: Letter, *, rules: DistrictRules) -> Content:
        """Return the complete content.

        Raises:
            TextRefusedError: if there is no text that may go out, or none that is short enough.
        """
        ...

    def render_digest(self, letter: DigestLetter, *, rules: DistrictRules) -> Content:
        """Return the complete content of a digest.

        Raises:
            TextRefusedError: as above.
        """
        ...


def _no_calendars(_: Collection[str]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What messages are made with, for one district at one time.

    Attributes:
        calendar_urls: the addresses of guardians' own calendars, as far as emails show them.
    """

    tellings: Tellings
    messages: Messages
    roster: Roster
    suppressions: Suppressions
    renderer: Renderer
    rules: DistrictRules
    now: datetime
    calendar_urls: Callable[[Collection[str]], Mapping[str, str]] = _no_calendars


class Gateway(Protocol):
    """One provider of one channel.

    Attributes:
        longest_send_s: all time-outs of one send together.
    """

    longest_send_s: float

    def choose(self, message: Message) -> str:
        """Return by which of its routes a message that is taken up is to go; empty if it has but one."""
        ...

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        """Hand messages over, one after the other, and say how each ended as soon as it is known.

        Args:
            messages: claimed ones, of one district.
            rules: that district's.
            may_go_on: whether the claim certainly holds for one more; those left over are untried.
        """
        ...

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        """Ask whether the provider took a message.

        Args:
            message: the one in doubt.
            others: of these provider's ids, those that belong to other messages of ours.
        """
        ...
