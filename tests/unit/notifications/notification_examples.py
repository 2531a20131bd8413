"""A family, its defense and the rules of a district, to be varied by each test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chassis.testing import MemoryRepository
from contracts.defenses import DefenseCancelled, DefenseScheduled, Seat
from notifications.domain.delivery import Absent, Accepted, Answer, DeliveryRules, Found, NoAnswer, Outcome
from notifications.domain.digests import DigestLetter
from notifications.domain.eligibility import ConsentRule
from notifications.domain.facts import Fact, Kind, NamedForm, Place, Standing
from notifications.domain.hours import HourRules
from notifications.domain.languages import Language, Languages, TextRefusedError
from notifications.domain.messages import REMINDING, Content, Message, Purpose, State
from notifications.domain.news import News
from notifications.domain.planning import ChannelRule, DistrictRules, Letter, NoticeRules, Sender
from notifications.domain.preferences import PreferenceRules, Preferences, Topic
from notifications.domain.reach import Reach, ReachRules
from notifications.domain.reasons import Reason
from notifications.domain.replies import Reply
from notifications.domain.roster import Channel, Consent, Guardian, Relation, School, Student
from notifications.domain.tellings import Telling, TellingState, WaitingRules
from notifications.use_cases.noting import Notebook
from notifications.use_cases.ports import Desk, Renderer, Roster

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
STARTS = datetime(2026, 12, 4, 15, 30, tzinfo=UTC)

DELIVERY = DeliveryRules(
    lease_s=60,
    first_delay_s=10,
    longest_delay_s=3600,
    most_attempts=3,
    proof_after_s=30,
    ask_every_s=20,
    ask_for_s=600,
)
LANGUAGES = Languages(
    texts_version="2026-11",
    fallback="en",
    send_unreviewed=True,
    known={
        "en": Language(tag="en", locale="en_US", direction="ltr"),
        "es": Language(tag="es", locale="es_US", direction="ltr"),
    },
    near={},
)
DEFENSES = frozenset(
    {
        Purpose.DEFENSE_SCHEDULED,
        Purpose.DEFENSE_MOVED,
        Purpose.DEFENSE_CANCELLED,
        Purpose.HEARING_ADJOURNED,
        Purpose.HEARING_ANNULLED,
        Purpose.OUTCOME_RELEASED,
        Purpose.REDEFENSE_REQUESTED,
    }
)
REACH = ReachRules(
    confirmed_by={Channel.EMAIL: State.SENT, Channel.SMS: State.DELIVERED},
    in_reserve=frozenset(),
    useful_s=900,
    receipt_patience_s=259_200,
    listed_before_s=86_400,
    grace_s=3600,
    first_look_s=300,
    longest_look_s=3600,
    listed_look_s=300,
)
RULES = DistrictRules(
    district="jcps",
    channels={
        Channel.EMAIL: ChannelRule(consent=ConsentRule.GRANTED, most_parts=0),
        Channel.SMS: ChannelRule(consent=ConsentRule.GRANTED, most_parts=3),
    },
    delivery=DELIVERY,
    waiting=WaitingRules(first_delay_s=1, longest_delay_s=300, patience_s=600),
    notices=NoticeRules(told=frozenset(Purpose), useful_for=timedelta(days=14)),
    languages=LANGUAGES,
    sender=Sender(
        name="Backpack of Success Skills",
        contact={"en": "the school's office", "es": "la oficina de la escuela"},
        portal={"en": "the family portal"},
    ),
    hours=HourRules(quiet={}, same_day=frozenset(), time_zone="America/Kentucky/Louisville"),
    preferences=PreferenceRules(
        topics={
            "reminders": Topic(purposes=REMINDING, usual={}),
            "milestones": Topic(
                purposes={
                    Purpose.MILESTONE_SCHEDULED,
                    Purpose.MILESTONE_MOVED,
                    Purpose.MILESTONE_CANCELLED,
                    Purpose.MILESTONE_MISSED,
                },
                usual={},
            ),
            "defenses": Topic(purposes=DEFENSES, usual={}),
        },
        must_know=DEFENSES,
        digest_at=time(17),
        digest_parts=6,
        links_last=timedelta(days=365),
    ),
    reach=REACH,
)


class Examples:
    """The usual case of everything; a test names what it varies."""

    now = NOW
    starts_at = STARTS
    rules = RULES
    delivery = DELIVERY
    languages = LANGUAGES

    def after(self, seconds: float) -> datetime:
        return NOW + timedelta(seconds=seconds)

    def place(self, **fields: Any) -> Place:
        usual = Place(
            starts_at=STARTS,
            ends_at=STARTS + timedelta(minutes=30),
            time_zone="America/Kentucky/Louisville",
            room="Room 12",
        )
        return replace(usual, **fields)

    def defense(self, **fields: Any) -> Fact:
        usual = Fact(
            kind=Kind.DEFENSE,
            fact_id="d-1",
            revision=1,
            student_id="s-1",
            school_id="sch-1",
            standing=Standing.SET,
            deadline=STARTS,
            place=self.place(),
        )
        return replace(usual, **fields)

    def milestone(self, **fields: Any) -> Fact:
        """Return an exhibition at the same time and place as the usual defense."""
        usual = self.defense(
            kind=Kind.MILESTONE,
            fact_id="ms-1",
            forms=(
                NamedForm("en", "Exhibition of Learning"),
                NamedForm("es", "Exposición de aprendizaje"),
            ),
        )
        return replace(usual, **fields)

    def hearing(self, **fields: Any) -> Fact:
        """Return a hearing whose result the family may read."""
        usual = Fact(
            kind=Kind.HEARING,
            fact_id="h-1",
            revision=6,
            student_id="s-1",
            school_id="sch-1",
            standing=Standing.RELEASED,
            deadline=NOW + timedelta(days=14),
        )
        return replace(usual, **fields)

    def event(self, **fields: Any) -> DefenseScheduled:
        usual = DefenseScheduled(
            defense_id="d-1",
            revision=1,
            student_id="s-1",
            school_id="sch-1",
            transition="5",
            starts_at=STARTS,
            ends_at=STARTS + timedelta(minutes=30),
            time_zone="America/Kentucky/Louisville",
            room="Room 12",
            panel=(Seat(panelist_id="p-1", role="teacher"),),
        )
        return replace(usual, **fields)

    def cancellation(self, **fields: Any) -> DefenseCancelled:
        usual = DefenseCancelled(
            defense_id="d-1",
            revision=2,
            student_id="s-1",
            school_id="sch-1",
            transition="5",
            starts_at=STARTS,
            time_zone="America/Kentucky/Louisville",
            to_be_rescheduled=False,
            cause="panelist_lost",
            reason="A panelist is ill.",
        )
        return replace(usual, **fields)

    def cancelled(self, **fields: Any) -> Fact:
        """Return the usual defense as its second revision, called off."""
        usual = self.defense(
            revision=2, standing=Standing.CANCELLED, place=self.place(ends_at=STARTS, room="")
        )
        return replace(usual, **fields)

    def telling(self, **fields: Any) -> Telling:
        usual = Telling(fact=self.defense(), state=TellingState.WAITING, since=NOW, due_at=NOW)
        return replace(usual, **fields)

    def school(self, **fields: Any) -> School:
        usual = School(
            school_id="sch-1",
            name="Lincoln Elementary",
            time_zone="America/Kentucky/Louisville",
            active=True,
        )
        return replace(usual, **fields)

    def student(self, **fields: Any) -> Student:
        usual = Student(
            student_id="s-1",
            school_id="sch-1",
            given_name="Maya",
            family_name="García",
            guardian_ids=("g-1",),
            active=True,
        )
        return replace(usual, **fields)

    def guardian(self, **fields: Any) -> Guardian:
        usual = Guardian(
            guardian_id="g-1",
            language="en",
            email="ana@example.org",
            phone="+15025550101",
            relations=(Relation(student_id="s-1", may_be_told=True),),
            consents=(self.consent(Channel.EMAIL), self.consent(Channel.SMS)),
            active=True,
        )
        return replace(usual, **fields)

    def consent(self, channel: Channel, *, granted: bool = True, on: date = date(2026, 8, 1)) -> Consent:
        return Consent(channel=channel, granted=granted, recorded_on=on)

    def letter(self, **fields: Any) -> Letter:
        fact = fields.get("fact", self.defense())
        usual = Letter(
            news=News(purpose=Purpose.DEFENSE_SCHEDULED, place=fact.place),
            channel=Channel.EMAIL,
            fact=fact,
            student=self.student(),
            school=self.school(),
            address="ana@example.org",
            wanted_language="en",
            written_at=NOW,
        )
        return replace(usual, **fields)

    def content(self, **fields: Any) -> Content:
        return replace(Content(language="en", template_version="2026-11", text="Hello"), **fields)

    def message(self, **fields: Any) -> Message:
        """Return a text message that is due now."""
        usual = Message(
            message_id="m-1",
            purpose=Purpose.DEFENSE_SCHEDULED,
            channel=Channel.SMS,
            guardian_id="g-1",
            student_id="s-1",
            school_id="sch-1",
            fact_id="d-1",
            revision=1,
            deadline=STARTS,
            state=State.CREATED,
            created_at=NOW,
            due_at=NOW,
            address="+15025550101",
            wanted_language="en",
            content=self.content(),
            tells=self.place(),
        )
        return replace(usual, **fields)

    def sending(self, **fields: Any) -> Message:
        """Return a message that was taken up now, under the lease `mine`."""
        usual = self.message(
            state=State.SENDING, lease="mine", attempts=1, attempted_at=NOW, due_at=self.after(60)
        )
        return replace(usual, **fields)

    def unknown(self, **fields: Any) -> Message:
        """Return a message whose answer was lost now."""
        usual = self.message(
            state=State.UNKNOWN,
            reason=Reason.ANSWER_LOST,
            attempts=1,
            attempted_at=NOW,
            due_at=self.after(30),
        )
        return replace(usual, **fields)


class MemoryCopies(MemoryRepository[Any]):
    """Copies, each with its version."""

    def __init__(self, *values: Any, key: str) -> None:
        super().__init__({getattr(value, key): value for value in values})
        self.versions: dict[str, int] = {}
        self._key = key

    def keep(self, value: Any, *, version: int) -> bool:
        name = getattr(value, self._key)
        if self.versions.get(name, 0) >= version:
            return False
        self.values[name], self.versions[name] = value, version
        return True


class MemoryMessages(MemoryRepository[Message]):
    """Messages, which can also be found by the provider's ids."""

    def __init__(self, *messages: Message) -> None:
        super().__init__({each.message_id: each for each in messages})

    def with_provider_ids(self, provider_ids: Collection[str]) -> list[Message]:
        return self.select(provider_id=list(provider_ids))

    def about(self, facts: Collection[Fact]) -> list[Message]:
        return self.select(fact_id=[each.fact_id for each in facts])

    def in_digests(self, digest_ids: Collection[str]) -> list[Message]:
        return self.select(digest_id=list(digest_ids))


class MemoryReplies(MemoryRepository[Reply]):
    """Texts that came in, which can also be found by their number."""

    def from_number(self, sender: str) -> list[Reply]:
        return self.select(sender=sender, order_by="received_at")


class MemoryTellings(MemoryRepository[Telling]):
    """Facts, which can also be found by their students."""

    def of_students(self, student_ids: Collection[str]) -> list[Telling]:
        return [each for each in self.values.values() if each.fact.student_id in student_ids]


class World:
    """Everything that the use cases work on, in memory."""

    def __init__(self, examples: Examples) -> None:
        self.tellings = MemoryTellings()
        self.schools = MemoryCopies(examples.school(), key="school_id")
        self.students = MemoryCopies(examples.student(), key="student_id")
        self.guardians = MemoryCopies(examples.guardian(), key="guardian_id")
        self.messages = MemoryMessages()
        self.suppressions: MemoryRepository[Any] = MemoryRepository()
        self.replies = MemoryReplies()
        self.wishes: MemoryRepository[Preferences] = MemoryRepository()
        self.reaches: MemoryRepository[Reach] = MemoryRepository()

    @property
    def roster(self) -> Roster:
        return Roster(self.schools, self.students, self.guardians, self.wishes)

    def desk(
        self, now: datetime = NOW, rules: DistrictRules = RULES, renderer: Renderer | None = None
    ) -> Desk:
        return Desk(
            tellings=self.tellings,
            messages=self.messages,
            roster=self.roster,
            suppressions=self.suppressions,
            renderer=renderer or PlainRenderer(),
            rules=rules,
            now=now,
        )

    def notebook(self, now: datetime = NOW, rules: DistrictRules = RULES) -> Notebook:
        return Notebook(tellings=self.tellings, rules=rules, now=now)

    def of(self, *messages: Message) -> None:
        self.messages = MemoryMessages(*messages)


class PlainRenderer:
    """Writes nothing but the student's name; refuses when it is told to."""

    refuses: Reason | None = None

    def render(self, letter: Letter, *, rules: DistrictRules) -> Content:
        if self.refuses:
            raise TextRefusedError(self.refuses)
        return Content(language="en", template_version="2026-11", text=letter.student.given_name)

    def render_digest(self, letter: DigestLetter, *, rules: DistrictRules) -> Content:
        if self.refuses:
            raise TextRefusedError(self.refuses)
        said = (each.text for section in letter.sections for each in section.contents)
        return Content(language="en", template_version="2026-11", text=" ".join(said))


class ScriptedGateway:
    """A provider that answers as it is told, and remembers what it was given."""

    longest_send_s = 20.0

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.answers: dict[str, Answer | list[str]] = {}
        self.sent: list[str] = []
        self.asked: list[str] = []
        self.went_on: list[bool] = []

    def choose(self, message: Message) -> str:
        return message.route

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        for message in messages:
            self.went_on.append(may_go_on())
            self.sent.append(message.message_id)
            yield message, self.outcomes.get(message.message_id, Accepted(f"SM-{message.message_id}"))

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        """Answer as told; a list of provider ids stands for copies of equal words at the provider."""
        self.asked.append(message.message_id)
        answer = self.answers.get(message.message_id, NoAnswer())
        if isinstance(answer, list):
            free = [each for each in answer if each not in others(answer)]
            return Found(free[-1]) if free else Absent()
        return answer
