"""Copies of the people and schools of the roster, as far as telling families needs them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Channel(StrEnum):
    """A way by which a guardian is told."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, kw_only=True)
class School:
    """A school; `time_zone` is an IANA name."""

    school_id: str
    name: str
    time_zone: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class Student:
    """A student; `active` is False once they are enrolled nowhere in the district."""

    student_id: str
    school_id: str
    given_name: str
    family_name: str
    guardian_ids: tuple[str, ...]
    active: bool


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A guardian's right to hear about one student; False under a court order."""

    student_id: str
    may_be_told: bool


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What a guardian once said about one channel; `source` is who or what recorded it."""

    channel: Channel
    granted: bool
    recorded_on: date
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """A guardian as the roster has them; `email` and `phone` are unchecked, `language` is a BCP 47 tag."""

    guardian_id: str
    language: str
    email: str | None
    phone: str | None
    relations: tuple[Relation, ...]
    consents: tuple[Consent, ...]
    active: bool

    def written_address(self, channel: Channel) -> str | None:
        """Return the address on a channel as somebody typed it."""
        return self.email if channel is Channel.EMAIL else self.phone
