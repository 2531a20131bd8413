"""Show what families would get and what it would cost, without sending anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import eventlet

from chassis.auth import Permission, Role
from chassis.disclosures import Disclosures
from chassis.http import Call, route
from notifications.domain.languages import Languages, Text
from notifications.domain.messages import Purpose
from notifications.domain.pricing import Price, Tally, total
from notifications.domain.roster import Channel, Student
from notifications.entrypoints.courier import EVERYWHERE
from notifications.entrypoints.preview_schemas import (
    CostQuerySchema,
    CostSchema,
    PreviewQuerySchema,
    PreviewSchema,
    TextsSchema,
)
from notifications.entrypoints.texts import TextWriter
from notifications.repository import MongoStudents, MongoSuppressions, MongoTellings, roster_of
from notifications.use_cases import previewing
from notifications.use_cases.previewing import Asked, Estimate, Preview

_PREVIEW = Permission("preview-messages", (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL))
#: Students counted at once: few queries, and other requests need not wait for the whole district.
_STUDENTS = 200


class PreviewRoutes(TextWriter):
    """Shows texts and their cost to those who answer for them."""

    @route("GET", "/v1/previews", permission=_PREVIEW, query=PreviewQuerySchema, returns=PreviewSchema)
    def preview_text(self, call: Call) -> dict[str, Any]:
        """Show a text as a guardian would read it about a student; nothing is sent."""
        asked = Asked(**call.query)
        rules = self.rules_for(call.work)
        found = previewing.preview(
            asked,
            roster=roster_of(call.work),
            tellings=MongoTellings(call.work),
            suppressions=MongoSuppressions(self.work_for(EVERYWHERE, "preview")),
            specimens=self.renderer,
            rules=rules,
            now=call.work.now,
        )
        Disclosures(call.work).note(call.principal, "previews", [(asked.student_id, None)])
        return _shown(found, rules.languages)

    @route("GET", "/v1/previews/texts", permission=_PREVIEW, returns=TextsSchema)
    def list_texts(self, call: Call) -> dict[str, Any]:
        """List every text with whether a person has read it as it is now, who and when."""
        languages = self.rules_for(call.work).languages
        texts = [
            self.renderer.written(languages.texts_version, language, purpose, channel)
            for language in languages.known.values()
            for purpose in Purpose
            for channel in Channel
        ]
        return {
            "version": languages.texts_version,
            "send_unreviewed": languages.send_unreviewed,
            "texts": [_reviewed(each, languages) for each in texts],
        }

    @route("GET", "/v1/previews/cost", permission=_PREVIEW, query=CostQuerySchema, returns=CostSchema)
    def estimate_cost(self, call: Call) -> dict[str, Any]:
        """Count what telling a school's or the district's families by text message costs, by language."""
        rules = self.rules_for(call.work)
        rule = rules.channels.get(Channel.SMS)
        tally = Tally(most_parts=rule.most_parts if rule else 0)
        if rule is not None:
            estimate = Estimate(
                purpose=call.query["purpose"],
                roster=roster_of(call.work),
                suppressions=MongoSuppressions(self.work_for(EVERYWHERE, "cost")),
                specimens=self.renderer,
                rules=rules,
                now=call.work.now,
                tally=tally,
            )
            for students in _some(MongoStudents(call.work).stream(**_where(call.query["school"]))):
                estimate.count(students)
                eventlet.sleep(0)
        return _cost(tally, rule.price if rule else None)


def _where(school_id: str | None) -> Mapping[str, Any]:
    return {"active": True, **({"school_id": school_id} if school_id else {})}


def _some(students: Iterable[Student]) -> Iterator[Sequence[Student]]:
    rest = iter(students)
    while some := list(islice(rest, _STUDENTS)):
        yield some


def _shown(found: Preview, languages: Languages) -> dict[str, Any]:
    content = found.content
    return {
        "language": content.language,
        "version": content.template_version,
        "subject": content.subject or None,
        "text": content.text,
        "html": content.html or None,
        "calendar": content.calendar or None,
        "parts": content.parts or None,
        "encoding": content.encoding.value if content.encoding else None,
        "is_real": found.is_real,
        "refused": found.refused.value if found.refused else None,
        "review": _reviewed(found.text, languages),
    }


def _reviewed(text: Text, languages: Languages) -> dict[str, Any]:
    known = languages.review(text)
    return {
        "purpose": text.purpose.value,
        "channel": text.channel.value,
        "language": text.language,
        "digest": text.digest,
        "reading": languages.reading(text).value,
        "by": known.by if known else None,
        "on": known.on if known else None,
    }


def _cost(tally: Tally, price: Price | None) -> dict[str, Any]:
    rows = tally.rows()
    return {
        "most_parts": tally.most_parts,
        "currency": price.currency if price else None,
        "languages": [
            {"wanted": each.wanted, "told_in": each.told_in, **_priced(each.sums, price)} for each in rows
        ],
        "total": _priced(total(rows), price),
        "unreached": {reason.value: count for reason, count in sorted(tally.unreached.items())},
    }


def _priced(sums: Mapping[str, int], price: Price | None) -> dict[str, Any]:
    return {
        **sums,
        "price": price.per_part * sums["parts"] if price else None,
        "price_saved": price.per_part * sums["parts_saved"] if price else None,
    }
