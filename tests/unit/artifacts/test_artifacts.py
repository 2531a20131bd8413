from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from artifacts.domain.artifacts import (
    Artifact,
    EmptyFileError,
    FileTooLargeError,
    Form,
    QuotaExceededError,
    Skill,
    TypeNotAllowedError,
    UnknownSkillError,
    UnknownStudentError,
    UploadPolicy,
    WithdrawnStudentError,
)
from artifacts.domain.backpack import Backpack, CriterionScore, Readiness, Score, ScoredArtifact
from artifacts.domain.people import Student
from artifacts.use_cases.copying import keep_readiness, keep_score
from artifacts.use_cases.reading import read_content, show_backpack
from artifacts.use_cases.uploading import Upload, upload_artifact
from chassis.errors import NotFoundError
from chassis.testing import MemoryRepository
from contracts.artifacts import ARTIFACT_UPLOADED, ArtifactUploaded
from contracts.defenses import ReadinessChanged
from contracts.scoring import ArtifactScored
from contracts.scoring import CriterionScore as ScoredCriterion

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
STUDENT = Student(
    student_id="ana",
    source_id="stu-1",
    school_id="shelby",
    grade="5",
    given_name="Ana",
    family_name="Díaz",
    home_language="es",
    guardian_ids=(),
    teacher_ids=(),
)
FORM = Form(student_id="ana", skill_id="communicator", title="A letter", reflection="I rewrote it.")
POLICY = UploadPolicy(most_bytes={"text/plain": 10, "video/mp4": 20}, quota_bytes=25)
SKILLS = (Skill(skill_id="communicator", name="Effective Communicator"),)


class MemoryArtifacts(MemoryRepository[Artifact]):
    def of_student(self, student_id: str, /) -> list[Artifact]:
        return self.select(student_id=student_id)


class MemoryDraft:
    def __init__(self, kept: dict[str, bytes]) -> None:
        self._kept = kept
        self._content = b""

    def write(self, piece: bytes, /) -> None:
        self._content += piece

    def keep(self) -> str:
        key = sha256(self._content).hexdigest()
        self._kept[key] = self._content
        return key


class MemoryContents:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    @contextmanager
    def receive(self) -> Iterator[MemoryDraft]:
        yield MemoryDraft(self.kept)

    def read(self, key: str, /) -> Iterator[bytes]:
        return iter([self.kept[key]])


class Pieces:
    """A file whose pieces are counted as they are read."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.read += 1
            yield piece


def sniff(head: bytes) -> str:
    return {b"t": "text/plain", b"v": "video/mp4"}.get(head[:1], "application/zip")


@pytest.fixture
def artifacts() -> MemoryArtifacts:
    return MemoryArtifacts()


@pytest.fixture
def contents() -> MemoryContents:
    return MemoryContents()


@pytest.fixture
def upload(artifacts: MemoryArtifacts, contents: MemoryContents) -> Any:
    def run(
        pieces: Iterable[bytes], *, key: str = "one", student: Student = STUDENT, **form: str
    ) -> Artifact:
        order = Upload(
            artifact_id=key,
            form=replace(FORM, **form),
            pieces=pieces,
            sniff=sniff,
            head_bytes=4,
            by="teacher-1",
            at=NOW,
        )
        return upload_artifact(
            order,
            students=MemoryRepository({"ana": student}),
            artifacts=artifacts,
            contents=contents,
            skills=SKILLS,
            policy=POLICY,
        )

    return run


def test_an_upload_is_kept_under_its_hash_and_announced(
    upload: Any, artifacts: MemoryArtifacts, contents: MemoryContents
) -> None:
    artifact = upload([b"te", b"xt it", b" is"])

    assert artifact == Artifact(
        artifact_id="one",
        student_id="ana",
        school_id="shelby",
        grade="5",
        skill_id="communicator",
        title="A letter",
        reflection="I rewrote it.",
        sha256=sha256(b"text it is").hexdigest(),
        size_bytes=10,
        media_type="text/plain",
        uploaded_at=NOW,
        uploaded_by="teacher-1",
    )
    assert contents.kept == {artifact.sha256: b"text it is"}
    assert artifacts.values == {"one": artifact}
    (fact,) = artifacts.facts
    assert fact.contract is ARTIFACT_UPLOADED
    assert fact.data == ArtifactUploaded(
        artifact_id="one",
        student_id="ana",
        school_id="shelby",
        grade="5",
        skill_id="communicator",
        title="A letter",
        reflection="I rewrote it.",
        sha256=artifact.sha256,
        size_bytes=10,
        media_type="text/plain",
        uploaded_at=NOW,
    )


def test_an_upload_may_say_what_it_was_made_for(upload: Any, artifacts: MemoryArtifacts) -> None:
    artifact = upload([b"text"], assignment_id="letter-to-the-city")

    assert artifact.assignment_id == "letter-to-the-city"
    assert artifacts.facts[-1].data.assignment_id == "letter-to-the-city"


def test_the_same_key_gives_the_same_artifact_and_reads_nothing(upload: Any) -> None:
    first = upload([b"text"])
    pieces = Pieces(b"other text")

    assert upload(pieces) == first
    assert pieces.read == 0


def test_a_type_is_known_by_its_content_however_it_is_cut(upload: Any) -> None:
    assert upload([b"v"], key="a").media_type == "video/mp4"
    assert upload([b"v" * 20], key="b").media_type == "video/mp4"


@pytest.mark.parametrize(
    ("pieces", "form", "error", "field"),
    [
        ([b"text"], {"student_id": "nobody"}, UnknownStudentError, "student_id"),
        ([b"text"], {"skill_id": "juggling"}, UnknownSkillError, "skill_id"),
        ([], {}, EmptyFileError, "file"),
        ([b"zip"], {}, TypeNotAllowedError, "file"),
        ([b"zip file"], {}, TypeNotAllowedError, "file"),
        ([b"ttt", b"tttttttt"], {}, FileTooLargeError, "file"),
        ([b"ttttttttttt"], {}, FileTooLargeError, "file"),
        ([b"vvv", b"v" * 18], {}, FileTooLargeError, "file"),
    ],
)
def test_what_cannot_be_taken_leaves_nothing(
    upload: Any,
    artifacts: MemoryArtifacts,
    contents: MemoryContents,
    pieces: list[bytes],
    form: dict[str, str],
    error: type[Exception],
    field: str,
) -> None:
    with pytest.raises(error) as refused:
        upload(pieces, **form)

    assert getattr(refused.value, "field", None) == field
    assert (contents.kept, artifacts.values) == ({}, {})


def test_a_small_file_is_measured_by_its_type_once_it_is_known(upload: Any) -> None:
    short_head = UploadPolicy(most_bytes={"text/plain": 2, "video/mp4": 20}, quota_bytes=25)
    order = Upload(
        artifact_id="one", form=FORM, pieces=[b"ttt"], sniff=sniff, head_bytes=4, by="teacher-1", at=NOW
    )

    with pytest.raises(FileTooLargeError):
        upload_artifact(
            order,
            students=MemoryRepository({"ana": STUDENT}),
            artifacts=MemoryArtifacts(),
            contents=MemoryContents(),
            skills=SKILLS,
            policy=short_head,
        )


def test_nothing_is_read_after_the_limit(upload: Any) -> None:
    pieces = Pieces(b"tttt", b"ttttttt", b"never", b"read")

    with pytest.raises(FileTooLargeError):
        upload(pieces)

    assert pieces.read == 2


def test_a_student_who_has_left_uploads_nothing(upload: Any) -> None:
    with pytest.raises(WithdrawnStudentError):
        upload([b"text"], student=replace(STUDENT, enrolled=False))


def test_a_full_backpack_takes_nothing_more(upload: Any, contents: MemoryContents) -> None:
    upload([b"v" * 20], key="a")

    with pytest.raises(QuotaExceededError):
        upload([b"v" * 6], key="b")
    upload([b"v" * 5], key="c")
    with pytest.raises(QuotaExceededError):
        upload([b"t"], key="d")
    assert len(contents.kept) == 2


def test_an_artifact_is_shown_with_its_bytes(
    upload: Any, artifacts: MemoryArtifacts, contents: MemoryContents
) -> None:
    artifact = upload([b"text"])

    shown, pieces = read_content("one", artifacts=artifacts, contents=contents)

    assert (shown, b"".join(pieces)) == (artifact, b"text")


class MemoryCopies:
    def __init__(self) -> None:
        self.kept: list[Any] = []

    def keep(self, value: Any, /) -> None:
        self.kept.append(value)

    def of_student(self, student_id: str, /) -> list[Any]:
        return [each for each in self.kept if each.student_id == student_id]


def test_a_backpack_shows_artifacts_with_scores_and_readiness(
    upload: Any, artifacts: MemoryArtifacts
) -> None:
    scores, decisions = MemoryCopies(), MemoryCopies()
    first, second = upload([b"text"], key="one"), upload([b"tent"], key="two")
    keep_score(
        ArtifactScored(
            artifact_id="one",
            student_id="ana",
            school_id="shelby",
            grade="5",
            skill_id="communicator",
            rubric_id="r",
            rubric_version="1",
            criteria=(ScoredCriterion(criterion_id="clarity", level=3.0, feedback="Clear."),),
            mean_level=3.0,
            scored_at=NOW,
        ),
        scores=scores,
    )
    keep_readiness(
        ReadinessChanged(
            student_id="ana",
            school_id="shelby",
            transition="5",
            status="READY",
            previous_status=None,
            rule_version="1",
            explanation={"id": "all", "met": True},
            input_hash="0" * 64,
            decided_at=NOW,
        ),
        decisions=decisions,
    )

    backpack = show_backpack(
        "ana",
        students=MemoryRepository({"ana": STUDENT}),
        artifacts=artifacts,
        scores=scores,
        decisions=decisions,
    )

    score = Score(
        artifact_id="one",
        student_id="ana",
        skill_id="communicator",
        rubric_id="r",
        rubric_version="1",
        criteria=(CriterionScore(criterion_id="clarity", level=3.0, feedback="Clear."),),
        mean_level=3.0,
        scored_at=NOW,
    )
    assert backpack == Backpack(
        student=STUDENT,
        artifacts=(
            ScoredArtifact(artifact=first, score=score),
            ScoredArtifact(artifact=second, score=None),
        ),
        readiness=(
            Readiness(
                student_id="ana",
                transition="5",
                status="READY",
                rule_version="1",
                explanation={"id": "all", "met": True},
                decided_at=NOW,
            ),
        ),
    )


def test_nobody_has_the_backpack_of_an_unknown_student() -> None:
    with pytest.raises(NotFoundError):
        show_backpack(
            "nobody",
            students=MemoryRepository[Student](),
            artifacts=MemoryArtifacts(),
            scores=MemoryCopies(),
            decisions=MemoryCopies(),
        )
