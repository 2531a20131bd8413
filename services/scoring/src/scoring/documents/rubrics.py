"""What a district makes of its rubrics."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import DictField, ListField, StringField

from chassis.mongo import AggregateDocument


class RubricVersionDocument(AggregateDocument):
    """One version of a district's framework; `name` is what the district calls it, `effective` a day as text.

    `content` is {skills, rubrics, crosswalks} as the domain has them: nothing is ever asked of its inside.
    """

    meta: ClassVar[dict[str, Any]] = {
        "collection": "rubric_versions",
        "indexes": [{"fields": ["district", "state"], "cls": False}],
    }
    name = StringField(required=True)
    title = StringField(required=True)
    state = StringField(required=True)
    effective = StringField()
    content = DictField(required=True)
    history = ListField(DictField())
