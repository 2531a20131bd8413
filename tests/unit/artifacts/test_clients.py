from __future__ import annotations

import os
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from rich.progress import Progress

from artifacts.clients import sniffing
from artifacts.clients.bundles import open_bundle
from artifacts.clients.contents import FolderContents
from artifacts.clients.policies import ArtifactPolicies
from artifacts.commands.progress import TerminalProgress
from artifacts.commands.report import ProblemReport
from artifacts.domain.problems import BundleRefusedError, LeftOut, Problem
from artifacts.use_cases.sweeping import sweep_contents
from chassis.policy import PolicyError
from stack.demo import media
from stack.demo.evidence import SKILLS

MOST_BYTES = 1_000_000
MANIFEST = "propertyName,value\n"


def refused(path: Path, most_bytes: int = MOST_BYTES) -> str:
    with pytest.raises(BundleRefusedError) as error, open_bundle(path, most_bytes=most_bytes):
        pass
    return str(error.value)


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return path


def test_a_folder_and_its_zip_are_the_same_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    (folder / "supplement").mkdir(parents=True)
    (folder / "manifest.csv").write_text("\ufeff" + MANIFEST + "a,é\n")
    (folder / "supplement" / "languages.csv").write_bytes(b"caf\xe9\r\n")
    (folder / "notes.txt").write_text("not ours")
    names = ("manifest.csv", "supplement/languages.csv")
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            packed.write(folder / name, f"jcps/{name}")

    digests = set()
    for path in (folder, archive):
        with open_bundle(path, most_bytes=MOST_BYTES) as bundle:
            assert set(bundle.sizes) == set(names)
            assert list(bundle.lines("manifest.csv")) == [MANIFEST, "a,é\n"]
            assert list(bundle.lines("supplement/languages.csv")) == ["caf\udce9\r\n"]
            digests.add(bundle.digest)
    with open_bundle(folder, most_bytes=MOST_BYTES) as bundle:
        assert bundle.digest in digests


def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("x" * 600_000)

    with open_bundle(tmp_path, most_bytes=MOST_BYTES) as bundle:
        assert max(map(len, bundle.lines("users.csv"))) <= 256 * 1024


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a\\..\\users.csv", "C:users.csv"])
def test_a_zip_that_leads_out_of_itself_is_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of it" in refused(zipped(tmp_path / "b.zip", (name, "x")))


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "b.zip", ("users.csv", "0" * 50_000_000))

    assert refused(bomb, most_bytes=10**9) == "manifest.csv: the ZIP unpacks to far more than a roster does"


def test_a_zip_with_links_or_too_many_or_doubled_names_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("users.csv")
    link.external_attr = 0o120777 << 16
    assert "has a link in it" in refused(zipped(tmp_path / "a.zip", (link, "/etc/passwd")))
    crowd = zipped(tmp_path / "b.zip", *((f"{number}.csv", "") for number in range(1001)))
    assert "more than 1000 entries" in refused(crowd)
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(tmp_path / "c.zip", ("users.csv", "a"), ("users.csv", "b"))
    assert "has a name twice" in refused(twice)


def test_a_bundle_that_is_too_large_or_broken_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "b.zip", ("users.csv", "".join(f"s-{n}\n" for n in range(500))))
    assert refused(archive, most_bytes=1000) == "users.csv: the bundle is larger than the district allows"
    whole = archive.read_bytes()
    archive.write_bytes(whole[:60] + b"\xff" * 40 + whole[100:])
    assert refused(archive) == "users.csv: cannot be read or unpacked"
    archive.write_text("no zip")
    assert refused(archive) == "b.zip: is neither a folder nor a ZIP file"


def test_a_folder_with_a_link_out_of_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "users.csv").symlink_to(tmp_path / "secret")

    assert refused(folder) == "users.csv: is not a file of this folder"


def test_a_content_is_kept_whole_under_its_hash(tmp_path: Path) -> None:
    contents = FolderContents(tmp_path)
    keys = []
    for _ in range(2):
        with contents.receive() as draft:
            draft.write(b"some ")
            draft.write(b"bytes")
            keys.append(draft.keep())

    key = sha256(b"some bytes").hexdigest()
    assert keys == [key, key]
    assert b"".join(contents.read(key)) == b"some bytes"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / key[:2] / key]


def test_a_content_that_is_not_kept_leaves_no_file(tmp_path: Path) -> None:
    contents = FolderContents(tmp_path)

    with contents.receive() as draft:
        draft.write(b"some")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(FileNotFoundError):
        contents.read("0" * 64)


@pytest.mark.parametrize("media_type", media.MAKERS)
def test_the_demos_files_are_known_by_their_content(media_type: str) -> None:
    content = media.MAKERS[media_type]("Carta a mi abuela", "Pensé en quién la lee.", "seed")

    assert sniffing.sniff(content[: sniffing.HEAD_BYTES]) == media_type


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"0" * 100, "image/jpeg"),
        (b"\x00\x00\x00\x18ftypM4A " + bytes(50), "audio/mp4"),
        (b"\x00\x00\x00\x14ftypqt  " + bytes(50), "video/quicktime"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), "image/heif"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(50), "audio/wav"),
        (
            b"PK\x03\x04" + bytes(26) + b"word/document.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04" + bytes(26) + b"virus.exe", "application/zip"),
        (b"  <!DOCTYPE html><script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "text/html"),
        (b"%PDF-1.7\n%text only", "application/pdf"),
        ("naïve".encode()[:-3], "text/plain"),
        (b"caf\xe9 au lait, s'il vous pla\xeet", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_content_says(head: bytes, media_type: str) -> None:
    assert sniffing.sniff(head) == media_type


def test_the_packaged_policies_are_those_of_the_demo(tmp_path: Path) -> None:
    today = date(2026, 11, 1)
    policies = ArtifactPolicies()

    assert [each.skill_id for each in policies.skills("jcps", today)] == [each.skill_id for each in SKILLS]
    assert set(media.MAKERS) <= set(policies.uploads("jcps", today).most_bytes)
    assert policies.district("jcps", today).time_zone == "America/Kentucky/Louisville"
    wrong = tmp_path / "jcps" / "district.json"
    wrong.parent.mkdir()
    wrong.write_text('[{"version": "1", "effective": "2024-01-01", "time_zone": "Mars/Olympus"}]')
    with pytest.raises(PolicyError, match="is not an IANA time zone"):
        ArtifactPolicies(str(tmp_path))


def test_contents_that_no_artifact_uses_are_removed_after_a_day(tmp_path: Path) -> None:
    contents = FolderContents(tmp_path)
    keys = []
    for content in (b"used", b"unused", b"new"):
        with contents.receive() as draft:
            draft.write(content)
            keys.append(draft.keep())
    (tmp_path / "incoming" / "left-by-a-crash").write_bytes(b"half")
    now = datetime(2026, 11, 2, tzinfo=UTC)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != keys[2]:
            os.utime(path, times=(0, 0))
        elif path.is_file():
            os.utime(path, times=(now.timestamp(), now.timestamp()))

    removed = sweep_contents(now, contents=contents, used=lambda found: {keys[0]} & set(found))

    assert removed == 2
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {keys[0], keys[2]}
    contents.remove(keys[2], older=now)
    contents.remove("gone", older=now)
    assert b"".join(contents.read(keys[2])) == b"new"


def test_a_report_has_a_row_for_each_problem_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    problem = Problem(
        file="users.csv", line=3, column="grades", reason="is wrong", left_out=LeftOut.ROW, sourced_id="=1+1"
    )

    with ProblemReport(path) as report:
        report.add(problem)
    with ProblemReport(None) as silent:
        for _ in range(30):
            silent.add(problem)

    assert path.read_text().splitlines() == [
        "file,line,column,reason,left_out,sourced_id",
        "users.csv,3,grades,is wrong,row,'=1+1",
    ]
    assert (silent.count, len(silent.first(30))) == (30, 20)


def test_the_bar_is_full_at_the_end_of_each_stage() -> None:
    with Progress(disable=True) as bars:
        progress = TerminalProgress(bars)
        progress.advance(1)
        progress.begin("users.csv", total=1000)
        progress.advance(4)
        progress.advance(500)
        assert bars.tasks[0].completed == 504
        progress.begin("who is who", total=0)
        progress.end()

        assert [task.finished for task in bars.tasks] == [True, True]
