"""The shapes of previews, on the wire."""

from marshmallow import Schema, fields, validate

from notifications.domain.messages import Purpose
from notifications.domain.roster import Channel

_ID = validate.Length(1, 200)
#: Names of files: nothing that leads elsewhere.
_NAME = validate.Regexp(r"^[A-Za-z0-9-]{1,35}$")


class PreviewQuerySchema(Schema):
    """Which text, and about whom; a language that is named is shown also when nobody has reviewed it."""

    purpose = fields.Enum(Purpose, by_value=True, required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    student_id = fields.String(required=True, data_key="student", validate=_ID)
    guardian_id = fields.String(load_default=None, data_key="guardian", validate=_ID)
    language = fields.String(load_default=None, validate=_NAME)
    version = fields.String(load_default=None, validate=_NAME)


class ReviewSchema(Schema):
    """One text, and whether it is `reviewed`, `changed` since it was, or `not_reviewed`."""

    purpose = fields.String(required=True)
    channel = fields.String(required=True)
    language = fields.String(required=True)
    digest = fields.String(required=True)
    reading = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    on = fields.Date(required=True, allow_none=True)


class PreviewSchema(Schema):
    """A text as it would be read.

    `is_real` is whether it tells of an appointment of the student and not of an example; `refused` is why the
    guardian would not get it.
    """

    language = fields.String(required=True)
    version = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    html = fields.String(required=True, allow_none=True)
    calendar = fields.String(required=True, allow_none=True)
    parts = fields.Integer(required=True, allow_none=True)
    encoding = fields.String(required=True, allow_none=True)
    is_real = fields.Boolean(required=True)
    refused = fields.String(required=True, allow_none=True)
    review = fields.Nested(ReviewSchema, required=True)


class TextsSchema(Schema):
    """All texts of a version, and whether those go out that nobody has reviewed."""

    version = fields.String(required=True)
    send_unreviewed = fields.Boolean(required=True)
    texts = fields.List(fields.Nested(ReviewSchema), required=True)


class CostQuerySchema(Schema):
    """What is to be told, and at which school; without a school, in the whole district."""

    #: What a digest costs depends on the day.
    purpose = fields.Enum(
        Purpose,
        by_value=True,
        required=True,
        validate=validate.NoneOf([Purpose.DIGEST], error="has no price of its own"),
    )
    school = fields.String(load_default=None, validate=_ID)


class SumsSchema(Schema):
    """Text messages, their parts and their price; what is saved is by sending the short text to all."""

    recipients = fields.Integer(required=True)
    parts = fields.Integer(required=True)
    parts_saved = fields.Integer(required=True)
    in_unicode = fields.Integer(required=True)
    shortened = fields.Integer(required=True)
    price = fields.Decimal(required=True, as_string=True, allow_none=True)
    price_saved = fields.Decimal(required=True, as_string=True, allow_none=True)


class LanguageCostSchema(SumsSchema):
    """What the readers of one language cost."""

    wanted = fields.String(required=True)
    told_in = fields.String(required=True)


class CostSchema(Schema):
    """The cost by language, the dearest first; `unreached` counts who gets no text message, by reason."""

    most_parts = fields.Integer(required=True)
    currency = fields.String(required=True, allow_none=True)
    languages = fields.List(fields.Nested(LanguageCostSchema), required=True)
    total = fields.Nested(SumsSchema, required=True)
    unreached = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
