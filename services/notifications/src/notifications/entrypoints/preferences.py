"""Let guardians choose what they hear of, and show what they have said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.auth import Permission, Principal, Role
from chassis.errors import NotFoundError
from chassis.http import Call, route
from chassis.outbox import UnitOfWork
from chassis.problems import FieldError, InvalidRequestError
from notifications.domain.planning import DistrictRules
from notifications.domain.preferences import Frequency, Preferences, Said, Source, Wanted, of_topic
from notifications.domain.roster import Channel, Guardian
from notifications.entrypoints.courier import EVERYWHERE
from notifications.entrypoints.policies import PolicyReader
from notifications.entrypoints.preference_schemas import (
    ConsentsSchema,
    PreferencesSchema,
    RepliesSchema,
    WantedSchema,
    shown_change,
    shown_quiet,
    shown_reach,
)
from notifications.repository import MongoGuardians, MongoReplies, MongoSuppressions, MongoWishes
from notifications.use_cases import wishing

_ON_BEHALF = (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL)
_READ_PREFERENCES = Permission("preferences.read", (Role.GUARDIAN, *_ON_BEHALF))
_CHANGE_PREFERENCES = Permission("preferences.change", (Role.GUARDIAN, *_ON_BEHALF))
#: Two guardians may share a number, and one's words are not the other's business.
_READ_REPLIES = Permission("replies.read", _ON_BEHALF)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One guardian, as the caller may see them; the unit of work is that of the whole district."""

    guardian: Guardian
    work: UnitOfWork
    rules: DistrictRules


class PreferenceRoutes(PolicyReader):
    """Shows and changes what guardians wish; a guardian's own, or on their behalf."""

    @route(
        "GET",
        "/v1/guardians/<guardian_id>/preferences",
        permission=_READ_PREFERENCES,
        returns=PreferencesSchema,
    )
    def show_preferences(self, call: Call) -> dict[str, Any]:
        """Show what a guardian hears of, and whether each channel reaches them."""
        asked = self._asked(call)
        return self._shown(asked, MongoWishes(asked.work).find(asked.guardian.guardian_id))

    @route(
        "PUT",
        "/v1/guardians/<guardian_id>/preferences",
        permission=_CHANGE_PREFERENCES,
        body=WantedSchema,
        returns=PreferencesSchema,
    )
    def change_preferences(self, call: Call) -> dict[str, Any]:
        """Change what a guardian hears of; topics that are not named stay as they are."""
        asked = self._asked(call)
        wanted = Wanted(
            choices=_choices(call.body["topics"]),
            quiet=call.body.get("quiet"),
            sets_quiet="quiet" in call.body,
        )
        try:
            kept = wishing.change_preferences(
                asked.guardian,
                wanted,
                _said(call, asked.work),
                wishes=MongoWishes(asked.work),
                rules=asked.rules.preferences,
            )
        except wishing.ChoiceRefusedError as error:
            raise InvalidRequestError([FieldError(f"topics.{error.topic}", error.reason)]) from error
        return self._shown(asked, kept)

    @route(
        "GET",
        "/v1/guardians/<guardian_id>/consents",
        permission=_READ_PREFERENCES,
        returns=ConsentsSchema,
    )
    def list_consents(self, call: Call) -> dict[str, Any]:
        """List all that a guardian has said about being told: when, where, who noted it, in which words."""
        asked = self._asked(call)
        chosen = MongoWishes(asked.work).find(asked.guardian.guardian_id)
        replies = MongoReplies(self.work_for(EVERYWHERE, asked.work.cause))
        return {"items": wishing.consents_of(asked.guardian, chosen, replies=replies)}

    @route(
        "GET",
        "/v1/guardians/<guardian_id>/replies",
        permission=_READ_REPLIES,
        returns=RepliesSchema,
    )
    def list_replies(self, call: Call) -> dict[str, Any]:
        """List what was texted from a guardian's number: words for a person have no wish."""
        asked = self._asked(call)
        replies = MongoReplies(self.work_for(EVERYWHERE, asked.work.cause))
        return {"items": wishing.replies_of(asked.guardian, replies=replies)}

    def _asked(self, call: Call) -> _Asked:
        """Return the guardian that is asked for; somebody else's is as one that does not exist."""
        guardian_id = call.path["guardian_id"]
        # A guardian's token names students; wishes are the guardian's own, and no student's.
        work = replace(call.work, students=None)
        guardian = MongoGuardians(work).find(guardian_id) if _may_see(call.principal, guardian_id) else None
        if guardian is None:
            raise NotFoundError(f"there is no guardian {guardian_id}")
        return _Asked(guardian=guardian, work=work, rules=self.rules_for(work))

    def _shown(self, asked: _Asked, chosen: Preferences | None) -> dict[str, Any]:
        reach = wishing.reachability_of(
            asked.guardian,
            suppressions=MongoSuppressions(self.work_for(EVERYWHERE, asked.work.cause)),
            rules=asked.rules,
        )
        return {
            "guardian_id": asked.guardian.guardian_id,
            "topics": _topics(asked.rules, chosen),
            "quiet": shown_quiet(chosen.quiet if chosen else None),
            "channels": {channel.value: shown_reach(channel, each) for channel, each in reach.items()},
            "history": [shown_change(each) for each in _all_changes(chosen)],
        }


def _may_see(principal: Principal, guardian_id: str) -> bool:
    return principal.role is not Role.GUARDIAN or principal.subject == guardian_id


def _said(call: Call, work: UnitOfWork) -> Said:
    """Return who says so; who acts for a guardian says why."""
    why = call.body["why"]
    if call.principal.role is Role.GUARDIAN:
        return Said(at=work.now, by=call.principal.subject, source=Source.PORTAL, why=why)
    if not why:
        raise InvalidRequestError([FieldError("why", "is needed when it is not the guardian who changes it")])
    source = Source.PORTAL if call.principal.role is Role.PORTAL else Source.STAFF
    return Said(at=work.now, by=call.principal.subject, source=source, why=why)


def _choices(
    topics: Mapping[str, Mapping[Channel, Frequency]],
) -> Mapping[tuple[str, Channel], Frequency]:
    return {
        (topic, channel): chosen for topic, choices in topics.items() for channel, chosen in choices.items()
    }


def _topics(rules: DistrictRules, chosen: Preferences | None) -> Sequence[dict[str, Any]]:
    wished = rules.preferences
    return [
        {
            "topic": name,
            "must_know": sorted(each.value for each in topic.purposes if each in wished.must_know),
            "may_choose": sorted(each.value for each in topic.purposes if each not in wished.must_know),
            "channels": {
                channel.value: of_topic(name, channel, chosen, wished).value for channel in rules.channels
            },
        }
        for name, topic in wished.topics.items()
    ]


def _all_changes(chosen: Preferences | None) -> Sequence[Any]:
    changes = [*chosen.history, *chosen.quiet_history] if chosen else []
    return sorted(changes, key=lambda each: each.said.at)
