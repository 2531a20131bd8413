"""Artifacts over HTTP, against the real service process, store and broker."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from stack.demo import media
from stack.http import direct_session

MB = 1024 * 1024
SKILL = "effective-communicator"


class District:
    """The service with the demo's roster in it, and some of its people."""

    def __init__(self, service: Any, contents: Path) -> None:
        self.service = service
        self.contents = contents
        self.session = direct_session()
        self.office = service.token("portal-1", "portal")
        self.students = self.get("/v1/students", limit=10)["items"]
        self.student = self.students[0]["student_id"]

    def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        answer = self.ask(path, token, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path: str, token: str | None = None, **query: Any) -> requests.Response:
        return self.session.get(
            self.service.url + path,
            params=query,
            headers={"Authorization": f"Bearer {token or self.office}"},
            timeout=30,
        )

    def upload(
        self,
        content: bytes | Any = b"My letter to the city.\n",
        *,
        token: str | None = None,
        key: str | None = None,
        **fields: str,
    ) -> requests.Response:
        form = {
            "student_id": self.student,
            "skill_id": SKILL,
            "title": "A letter",
            "reflection": "I rewrote it.",
        }
        headers = {"Authorization": f"Bearer {token or self.office}"}
        return self.session.post(
            f"{self.service.url}/v1/artifacts",
            data={name: value for name, value in {**form, **fields}.items() if value},
            files={"file": ("letter.txt", content)},
            headers={**headers, "Idempotency-Key": key} if key else headers,
            timeout=60,
        )

    def files(self) -> list[Path]:
        return [path for path in self.contents.rglob("*") if path.is_file()]


@pytest.fixture
def district(
    service: Callable[..., Any], roster_import: Callable[..., Any], demo_bundle: Path, tmp_path: Path
) -> District:
    assert roster_import(demo_bundle).exit_code == 0
    contents = tmp_path / "contents"
    return District(service("artifacts", ARTIFACT_STORE_DIR=str(contents)), contents)


def problem(answer: requests.Response) -> tuple[int, list[str]]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    return answer.status_code, [error["field"] for error in document.get("errors", [])]


def test_an_upload_is_stored_under_its_hash_and_can_be_read_back(district: District) -> None:
    content = media.pdf("A letter", "To the city.", "seed")

    answer = district.upload(content, assignment_id="letter-to-the-city")

    artifact = answer.json()
    digest = hashlib.sha256(content).hexdigest()
    assert answer.status_code == 201
    assert artifact == {
        "artifact_id": artifact["artifact_id"],
        "student_id": district.student,
        "school_id": district.students[0]["school_id"],
        "grade": district.students[0]["grade"],
        "skill_id": SKILL,
        "title": "A letter",
        "reflection": "I rewrote it.",
        "media_type": "application/pdf",
        "size_bytes": len(content),
        "sha256": digest,
        "uploaded_at": artifact["uploaded_at"],
        "assignment_id": "letter-to-the-city",
    }
    assert [path.name for path in district.files()] == [digest]
    assert district.get(f"/v1/artifacts/{artifact['artifact_id']}") == artifact
    shown = district.ask(f"/v1/artifacts/{artifact['artifact_id']}/content")
    assert (shown.content, shown.headers["Content-Type"]) == (content, "application/pdf")
    assert shown.headers["Content-Disposition"] == "attachment"
    assert district.get("/v1/artifacts", student_id=district.student)["items"] == [artifact]
    assert district.get("/v1/artifacts", skill_id="emerging-innovator")["items"] == []


def test_what_cannot_be_taken_is_a_problem_document_and_leaves_no_file(district: District) -> None:
    elsewhere = district.service.token("portal-2", "portal", district="elsewhere")
    other = district.students[1]["student_id"]
    pupil = district.service.token(district.student, "student", [district.student])

    assert problem(district.upload(skill_id="juggling")) == (422, ["skill_id"])
    assert problem(district.upload(b"")) == (422, ["file"])
    assert problem(district.upload(student_id="nobody")) == (404, ["student_id"])
    assert problem(district.upload(token=elsewhere)) == (404, ["student_id"])
    assert problem(district.upload(token=pupil, student_id=other)) == (404, ["student_id"])
    assert problem(district.upload(b"text " * MB + b"more")) == (413, ["file"])
    assert problem(district.upload(b"MZ" + bytes(5000))) == (415, ["file"])
    assert problem(district.upload(b"<html><script>alert(1)</script>")) == (415, ["file"])
    assert problem(district.upload(title="")) == (422, ["title"])
    assert problem(district.upload(colour="red")) == (422, ["colour"])
    assert problem(district.upload(reflection="x" * 70_000)) == (422, ["reflection"])
    assert problem(district.upload(token=district.service.token("g", "guardian", [district.student]))) == (
        403,
        [],
    )
    assert district.files() == []
    assert district.get("/v1/artifacts")["items"] == []


def test_a_broken_form_is_a_problem_document(district: District) -> None:
    def post(body: bytes, content_type: str) -> requests.Response:
        return district.session.post(
            f"{district.service.url}/v1/artifacts",
            data=body,
            headers={"Authorization": f"Bearer {district.office}", "Content-Type": content_type},
            timeout=30,
        )

    form = "multipart/form-data; boundary=b"
    field = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\nx\r\n'
    assert problem(post(b"{}", "application/json")) == (415, [])
    assert problem(post(b"", form)) == (422, ["body"])
    assert problem(post(b"--b", "multipart/form-data")) == (422, ["Content-Type"])
    assert problem(post(field % (b"title", b"") * 2 + b"--b--\r\n", form)) == (422, ["title"])
    assert problem(post(field % (b"picture", b'; filename="p"') + b"--b--\r\n", form)) == (422, ["picture"])
    assert problem(post(field % (b"title", b"") + b"--b--\r\n", form)) == (
        422,
        ["reflection", "skill_id", "student_id"],
    )


def test_the_same_idempotency_key_gives_the_same_artifact_once(district: District) -> None:
    first = district.upload(key="one").json()

    again = district.upload(key="one")
    other = district.upload(key="two").json()

    assert (again.status_code, again.json()) == (201, first)
    assert other["artifact_id"] != first["artifact_id"]
    assert len(district.get("/v1/artifacts", student_id=district.student)["items"]) == 2
    assert len(district.files()) == 1


def test_students_upload_and_see_their_own_alone(district: District) -> None:
    pupil = district.service.token(district.student, "student", [district.student])
    other = district.students[1]["student_id"]
    mine = district.upload(token=pupil).json()
    theirs = district.upload(student_id=other).json()

    assert district.get("/v1/artifacts", token=pupil)["items"] == [mine]
    assert district.ask(f"/v1/artifacts/{theirs['artifact_id']}", token=pupil).status_code == 404
    assert district.ask(f"/v1/artifacts/{theirs['artifact_id']}/content", token=pupil).status_code == 404
    assert district.ask(f"/v1/students/{other}/backpack", token=pupil).status_code == 404
    assert [each["student_id"] for each in district.get("/v1/students", token=pupil)["items"]] == [
        district.student
    ]


def test_every_read_by_anybody_else_is_remembered(district: District) -> None:
    pupil = district.service.token(district.student, "student", [district.student])
    guardian = district.service.token("g-1", "guardian", [district.student])
    teacher = district.service.token("teacher-1", "teacher")
    artifact = district.upload().json()["artifact_id"]

    for token in (pupil, guardian, teacher):
        assert district.ask(f"/v1/artifacts/{artifact}/content", token=token).status_code == 200
        assert district.ask(f"/v1/students/{district.student}/backpack", token=token).status_code == 200

    for token in (None, guardian):
        seen = district.get(f"/v1/students/{district.student}/disclosures", token=token)["items"]
        assert [(each["seen_by"], each["role"], each["what"], each["record_ids"]) for each in seen] == [
            ("teacher-1", "teacher", "artifact", [artifact]),
            ("teacher-1", "teacher", "backpack", []),
        ]


def test_a_large_upload_does_not_grow_the_process(district: District) -> None:
    size = 50 * MB
    district.upload(media.mp4("Warm", "up", "seed"))
    before = peak_rss_bytes(district.service.process.pid)
    video = media.mp4("Film", "Long", "seed") + bytes(size)

    answer = district.upload(video)

    assert answer.status_code == 201
    assert answer.json()["size_bytes"] == len(video)
    assert peak_rss_bytes(district.service.process.pid) - before < 15 * MB


def test_schools_staff_and_skills_are_listed(district: District) -> None:
    guardian = district.service.token("g", "guardian", [district.student])

    schools = district.get("/v1/schools", token=guardian)["items"]
    staff = district.get("/v1/staff", school_id=schools[0]["school_id"])["items"]

    assert sorted(each["source_id"] for each in schools) == ["sch-101", "sch-202", "sch-303"]
    assert all(schools[0]["school_id"] in {post["school_id"] for post in each["posts"]} for each in staff)
    assert len(staff) >= 8
    assert SKILL in {each["skill_id"] for each in district.get("/v1/skills")["items"]}
    assert district.ask("/v1/staff", token=guardian).status_code == 403


def peak_rss_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def test_an_upload_of_gigabytes_is_refused_without_being_read(district: District) -> None:
    fields = {"student_id": district.student, "skill_id": SKILL, "title": "Long", "reflection": "Very."}
    form = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    form += '--b\r\nContent-Disposition: form-data; name="file"; filename="long.txt"\r\n\r\n'
    address = urlsplit(district.service.url)
    assert address.hostname is not None
    assert address.port is not None
    head = (
        "POST /v1/artifacts HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {district.office}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {10 * 1024 * MB}\r\n\r\n"
    )

    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall((head + form).encode() + b"all work and no play\n" * (6 * MB // 21))
        answer = b""
        # What we have sent and nobody has read may reset the connection once the answer is out.
        with suppress(ConnectionResetError):
            while piece := connection.recv(4096):
                answer += piece

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert district.files() == []
