"""A district's languages, and who has read its texts, as policy files."""

from typing import Any

from babel.core import Locale, UnknownLocaleError
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.policy import VersionSchema
from notifications.domain.languages import Language, Languages, Review, Text
from notifications.domain.messages import Purpose
from notifications.domain.roster import Channel


def _is_locale(name: str) -> None:
    """Refuse a locale whose dates nobody can write, at the start and not at the first message."""
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError) as error:
        raise ValidationError("is no locale that Babel knows") from error


class LanguageSchema(Schema):
    """One language."""

    tag = fields.String(required=True)
    locale = fields.String(required=True, validate=_is_locale)
    direction = fields.String(required=True, validate=validate.OneOf(("ltr", "rtl")))

    @validates_schema
    def agree_with_locale(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse a direction in which the language's dates would stand the wrong way round."""
        if Locale.parse(values["locale"]).text_direction != values["direction"]:
            raise ValidationError({"direction": ["is not that of the locale"]})

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Language:
        """Build the language."""
        return Language(**values)


class LanguagesSchema(VersionSchema):
    """policy/languages.json."""

    texts_version = fields.String(required=True)
    fallback = fields.String(required=True)
    send_unreviewed = fields.Boolean(required=True)
    known = fields.List(fields.Nested(LanguageSchema), required=True)
    near = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)

    @validates_schema
    def know_fallback(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse a fallback in which there is no text."""
        if values["fallback"].lower() not in {each.tag.lower() for each in values["known"]}:
            raise ValidationError({"fallback": ["is none of the known languages"]})

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Languages:
        """Build the languages."""
        return Languages(
            texts_version=values["texts_version"],
            fallback=values["fallback"],
            send_unreviewed=values["send_unreviewed"],
            known={each.tag.lower(): each for each in values["known"]},
            near={tag.lower(): tuple(others) for tag, others in values["near"].items()},
        )


class ReviewSchema(Schema):
    """One text that a person has read."""

    language = fields.String(required=True)
    purpose = fields.Enum(Purpose, by_value=True, required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{16}$"))
    by = fields.String(required=True, validate=validate.Length(1, 100))
    on = fields.Date(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Review:
        """Build the review."""
        by, on = values.pop("by"), values.pop("on")
        return Review(text=Text(**values), by=by, on=on)


class ReviewsSchema(VersionSchema):
    """policy/reviews.json: who has read which text, and when."""

    reviews = fields.List(fields.Nested(ReviewSchema), required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> tuple[Review, ...]:
        """Return the reviews."""
        return tuple(values["reviews"])
