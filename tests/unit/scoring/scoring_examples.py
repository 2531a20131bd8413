"""A rubric of two criteria, a submission, people and rules: literals that the tests of scoring share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from scoring.domain.routing import Post, RoutingRule, Scorer, Student, Waiting
from scoring.domain.rubrics import Criterion, CriterionLevel, Descriptor, Rubric
from scoring.domain.tasks import (
    AgreementRule,
    Calendar,
    Deadlines,
    LeaseRule,
    ReaderFacts,
    ReviewRule,
    SecondReadRule,
    Stage,
    Step,
    Submission,
    Task,
    Window,
    Workflow,
    give_read,
    lease,
    submit,
)

#: A Friday.
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

SCALE = tuple(Descriptor(level=level, text=f"level {level}") for level in (1, 2, 3, 4))

RUBRIC = Rubric(
    rubric_id="effective-communicator-k-5",
    version="2026.1",
    title="Effective communicator",
    skill_id="effective-communicator",
    band="K-5",
    grades=("4", "5"),
    criteria=(
        Criterion(criterion_id="message", name="Has a message", descriptors=SCALE),
        Criterion(criterion_id="craft", name="Uses language well", descriptors=SCALE),
    ),
)
AREA = (RUBRIC.skill_id, RUBRIC.band)

SUBMISSION = Submission(
    artifact_id="a-1",
    student_id="s-1",
    school_id="east",
    grade="5",
    skill_id="effective-communicator",
    title="Letter to the city",
    reflection="I rewrote the opening.",
    media_type="text/plain",
)

STUDENT = Student(student_id="s-1", school_id="east", teacher_ids=frozenset({"t-own"}), enrolled=True)

CALENDAR = Calendar(
    time_zone="America/Kentucky/Louisville",
    weekdays=frozenset(range(5)),
    closed=frozenset({date(2026, 11, 26), date(2026, 11, 27)}),
)
DEADLINES = Deadlines(
    version="2026.1",
    calendar=CALENDAR,
    days={Stage.FIRST: 10, Stage.SECOND: 3, Stage.ADJUDICATION: 3, Stage.REVIEW: 15},
    window_days={Stage.FIRST: 5},
    windows=(Window(grades=frozenset({"8"}), first=date(2026, 11, 1), last=date(2026, 11, 30)),),
    steps={Step.NUDGE: 0.7, Step.ON_CALL: 1.0, Step.INCIDENT: 1.5},
)
#: One read is enough, unless a test says otherwise; scores go out at once.
RULE = Workflow(
    version="2026.1",
    media_types=("text/plain", "image/"),
    lease=LeaseRule(
        length=timedelta(hours=72),
        warn_after=timedelta(hours=48),
        most_open=5,
        expiries=2,
        window=timedelta(days=14),
    ),
    second=SecondReadRule(
        share=0.0,
        new_scorer_share=0.0,
        new_scorer_reads=50,
        new_rubric_share=0.0,
        new_rubric=timedelta(days=30),
        near_cut=0.5,
        transition_grades=frozenset({"5"}),
        extremes=frozenset(),
    ),
    agreement=AgreementRule(adjacent=1, cut=2.5, same_side="nominated"),
    adjudication_within=1,
    release_time=None,
    review=ReviewRule(within_days=20, readers=2, outside=2),
    unscorable_codes=frozenset({"blank"}),
    deadlines=DEADLINES,
)
#: Every artifact is read twice.
TWICE = replace(RULE, second=replace(RULE.second, share=1.0))
NIGHTLY = replace(RULE, release_time=time(2))
FACTS = ReaderFacts(reads_before=100, rubric_since=datetime(2026, 7, 1, tzinfo=UTC))

ROUTING = RoutingRule(
    version="2026.1",
    roles=frozenset({"teacher"}),
    lead_roles=frozenset({"counselor"}),
    lead_ids=frozenset(),
    taught_within=timedelta(days=365),
    reads_of_student=2,
    year_starts=(7, 1),
)


def teacher(staff_id: str, *schools: str, role: str = "teacher", active: bool = True) -> Scorer:
    return Scorer(
        staff_id=staff_id,
        posts=tuple(Post(school_id=school, role=role) for school in schools),
        active=active,
    )


def levels(message: int, craft: int, feedback: str = "") -> list[CriterionLevel]:
    return [
        CriterionLevel(criterion_id="message", level=message, feedback=feedback),
        CriterionLevel(criterion_id="craft", level=craft, feedback=feedback),
    ]


def queued(rule: Workflow = RULE, submission: Submission = SUBMISSION) -> Task:
    return submit("task-1", submission, RUBRIC, at=NINE, rule=rule)


def waiting(task: Task) -> Waiting:
    """Return what routing sees of a task."""
    about = task.submission
    return Waiting(
        task_id=task.task_id,
        student_id=about.student_id,
        school_id=about.school_id,
        involved=task.involved,
    )


def leased(task: Task, scorer_id: str, *, at: datetime = TEN, rule: Workflow = RULE) -> Task:
    return lease(task, f"lease-{scorer_id}", scorer_id, slot=0, at=at, rule=rule.lease)


def read(
    task: Task, scorer_id: str, message: int, craft: int, *, rule: Workflow = RULE, at: datetime = NOON
) -> Task:
    """Open a task and read it."""
    opened = leased(task, scorer_id, at=at - timedelta(hours=2), rule=rule)
    return give_read(
        opened, RUBRIC, levels(message, craft), scorer_id=scorer_id, at=at, facts=FACTS, rule=rule
    )
