"""The policies about what guardians may choose, when they are left in peace, and by which words they ask."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.policy import VersionSchema
from notifications.domain.hours import HourRules, Quiet
from notifications.domain.messages import Purpose
from notifications.domain.preferences import Frequency, PreferenceRules, Topic
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Keywords, Wish, Word, plain_words

_CLOCK = "%H:%M"


class QuietSchema(Schema):
    """Quiet hours, such as 21:00 to 08:00."""

    starts = fields.Time(required=True, format=_CLOCK)
    ends = fields.Time(required=True, format=_CLOCK)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Quiet:
        """Build the hours."""
        return Quiet(**values)


def _is_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValidationError("is no time zone") from error


class HoursSchema(VersionSchema):
    """policy/hours.json."""

    quiet = fields.Dict(
        keys=fields.Enum(Channel, by_value=True), values=fields.Nested(QuietSchema), required=True
    )
    same_day = fields.List(fields.Enum(Purpose, by_value=True), required=True)
    time_zone = fields.String(required=True, validate=_is_zone)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> HourRules:
        """Build the rules."""
        return HourRules(
            quiet=values["quiet"], same_day=frozenset(values["same_day"]), time_zone=values["time_zone"]
        )


class TopicSchema(Schema):
    """One topic."""

    purposes = fields.List(fields.Enum(Purpose, by_value=True), required=True, validate=validate.Length(1))
    usual = fields.Dict(
        keys=fields.Enum(Channel, by_value=True),
        values=fields.Enum(Frequency, by_value=True),
        required=True,
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Topic:
        """Build the topic."""
        return Topic(purposes=frozenset(values["purposes"]), usual=values["usual"])


class PreferencesSchema(VersionSchema):
    """policy/preferences.json."""

    topics = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 50)), values=fields.Nested(TopicSchema), required=True
    )
    must_know = fields.List(fields.Enum(Purpose, by_value=True), required=True)
    digest_at = fields.Time(required=True, format=_CLOCK)
    digest_parts = fields.Integer(required=True, validate=validate.Range(min=0))
    links_last_days = fields.Integer(required=True, validate=validate.Range(min=1))

    @validates_schema
    def divide_all_purposes(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse topics of which one purpose is in none, or in two."""
        listed = sorted(each for topic in values["topics"].values() for each in topic.purposes)
        if listed != sorted(set(Purpose) - {Purpose.DIGEST}):
            raise ValidationError("each purpose belongs to exactly one topic", "topics")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> PreferenceRules:
        """Build the rules."""
        return PreferenceRules(
            topics=values["topics"],
            must_know=frozenset(values["must_know"]),
            digest_at=values["digest_at"],
            digest_parts=values["digest_parts"],
            links_last=timedelta(days=values["links_last_days"]),
        )


def _words() -> fields.Dict:
    """Return a field of words by wish and language."""
    by_language = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    return fields.Dict(keys=fields.Enum(Wish, by_value=True), values=by_language, required=True)


class KeywordsSchema(VersionSchema):
    """policy/keywords.json: the words by wish and language, and what each wish is answered with."""

    whole = _words()
    opening = _words()
    answers = fields.Dict(
        keys=fields.Enum(Wish, by_value=True),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
    )
    fallback = fields.String(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Keywords:
        """Build the keywords."""
        return Keywords(
            whole=_by_word(values["whole"]),
            opening=_by_word(values["opening"]),
            answers=values["answers"],
            fallback=values["fallback"],
        )


def _by_word(words: dict[Wish, dict[str, list[str]]]) -> dict[str, Word]:
    return {
        plain_words(each): Word(wish, language)
        for wish, by_language in words.items()
        for language, said in by_language.items()
        for each in said
    }
