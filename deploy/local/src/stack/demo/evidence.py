"""Plan what each student puts into their backpack, and how well it will be scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from stack.demo import media
from stack.demo.names import seeded
from stack.demo.people import TRANSITION_GRADES, Student

#: Two scored artifacts a skill are what the default readiness rule asks for.
ARTIFACTS_PER_SKILL = 2


class Outcome(Enum):
    """What the default readiness rule will decide about a student; PRACTICE is not in a transition grade."""

    READY = "READY_TO_DEFEND"
    NOT_YET = "NOT_YET"
    INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE"
    PRACTICE = "PRACTICE"


class Strength(Enum):
    """How an artifact will be scored on a scale of 1 to 4; the levels repeat over the rubric's criteria."""

    STRONG = (4, 3, 3, 4)
    SOLID = (3, 3, 2, 3)
    #: Below the cut of 2.5 on average.
    WEAK = (2, 2, 1, 2)
    #: At the cut on average, but with one criterion below the floor of 2.
    UNEVEN = (4, 3, 1, 3)


@dataclass(frozen=True, kw_only=True)
class Skill:
    """A success skill and the kinds of evidence that students bring for it: title and reflection."""

    skill_id: str
    works: tuple[tuple[str, str], ...]


SKILLS = (
    Skill(
        skill_id="prepared-resilient-learner",
        works=(
            ("My study plan after a hard quarter", "I failed two quizzes, made a plan and kept to it."),
            (
                "Science notebook: three tries, one circuit",
                "The third try worked because I wrote down why.",
            ),
            ("Goal sheet for the spring", "I chose one goal and checked it every Friday."),
        ),
    ),
    Skill(
        skill_id="productive-collaborator",
        works=(
            ("Our bridge of paper straws", "I learned to ask before I changed somebody's part."),
            ("Minutes of our garden team", "We disagreed about the beds and found a fair way to decide."),
            ("Group podcast, roles and schedule", "Next time I would share the editing earlier."),
        ),
    ),
    Skill(
        skill_id="emerging-innovator",
        works=(
            ("A lunch tray that stacks", "My first model broke; the second one holds six trays."),
            ("Game with a score of its own", "I tested it with four friends and changed the rules twice."),
            ("Rain barrel for the school garden", "I combined two ideas that I found into one of mine."),
        ),
    ),
    Skill(
        skill_id="effective-communicator",
        works=(
            (
                "Letter to the city about our crosswalk",
                "I rewrote the opening after a friend was confused.",
            ),
            ("Carta a mi abuela, con traducción", "Pensé en quién la lee y cambié el tono."),
            ("Speech on the history of our block", "I practised pausing so that people could follow."),
        ),
    ),
    Skill(
        skill_id="globally-culturally-competent-citizen",
        works=(
            ("Interview with a neighbour from Rwanda", "I asked instead of guessing and heard a new story."),
            ("Map of who lives far from a grocery store", "The people most affected saw what I had missed."),
            ("Proposal for a welcome table", "Three languages on one sign made more people stop."),
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One artifact as its student will upload it.

    Attributes:
        index: 0 for the first artifact of this skill.
        media_type: one of `media.MAKERS`.
        strength: how it will be scored.
    """

    student: Student
    skill_id: str
    index: int
    title: str
    reflection: str
    media_type: str
    strength: Strength

    @property
    def key(self) -> str:
        """The same artifact always has the same key; it carries no name."""
        return f"demo:{self.student.sourced_id}:{self.skill_id}:{self.index}"

    @property
    def filename(self) -> str:
        """The name under which it is uploaded."""
        return f"{self.skill_id}-{self.index + 1}.{media.ENDINGS[self.media_type]}"

    def content(self) -> bytes:
        """Make the file."""
        return media.MAKERS[self.media_type](self.title, self.reflection, self.key)

    def levels(self, criterion_ids: Sequence[str]) -> dict[str, int]:
        """Return the level that the scorer will give on each criterion."""
        pattern = self.strength.value
        return {each: pattern[place % len(pattern)] for place, each in enumerate(criterion_ids)}


def outcome(student: Student, seed: int) -> Outcome:
    """Return what will become of a student: of those in a transition grade about three in four are ready."""
    if student.grade not in TRANSITION_GRADES:
        return Outcome.PRACTICE
    outcomes = (Outcome.READY, Outcome.NOT_YET, Outcome.INSUFFICIENT_EVIDENCE)
    return seeded(seed, "outcome", student.sourced_id).choices(outcomes, weights=(76, 12, 12))[0]


def plan(student: Student, seed: int) -> Iterator[Evidence]:
    """Return a student's artifacts, so that the default rule decides what `outcome` says."""
    numbers = seeded(seed, "evidence", student.sourced_id)
    fate = outcome(student, seed)
    exception = numbers.choice(SKILLS)
    practised = numbers.randint(1, ARTIFACTS_PER_SKILL)
    for skill in SKILLS:
        works = numbers.sample(skill.works, ARTIFACTS_PER_SKILL)
        types = numbers.sample(tuple(media.MAKERS), ARTIFACTS_PER_SKILL)
        good = numbers.choices((Strength.STRONG, Strength.SOLID), k=ARTIFACTS_PER_SKILL)
        poor = [numbers.choice((Strength.WEAK, Strength.UNEVEN))] * ARTIFACTS_PER_SKILL
        strengths = poor if fate is Outcome.NOT_YET and skill is exception else good
        for index in range(_count(fate, is_exception=skill is exception, practised=practised)):
            title, reflection = works[index]
            yield Evidence(
                student=student,
                skill_id=skill.skill_id,
                index=index,
                title=title,
                reflection=reflection,
                media_type=types[index],
                strength=strengths[index],
            )


def _count(fate: Outcome, *, is_exception: bool, practised: int) -> int:
    """Return how many artifacts there are for a skill; practice is one skill only."""
    if fate is Outcome.PRACTICE:
        return practised if is_exception else 0
    if fate is Outcome.INSUFFICIENT_EVIDENCE and is_exception:
        return ARTIFACTS_PER_SKILL - 1
    return ARTIFACTS_PER_SKILL
