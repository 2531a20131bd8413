"""Reading several logs at once."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from stack import logs


def test_shows_the_last_lines_with_the_name_of_each_part(tmp_path: Path) -> None:
    paths = {"store": tmp_path / "store.log", "mail": tmp_path / "mail.log"}
    paths["store"].write_text("one\ntwo\nthree\n")
    paths["mail"].write_text("hello\n")

    shown = list(logs.read(paths, lines=2, follow=False))

    assert shown == ["store | two", "store | three", "mail  | hello"]


def test_shows_one_log_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "store.log"
    path.write_text("one\n")

    assert list(logs.read({"store": path}, lines=5, follow=False)) == ["one"]


def test_goes_on_with_what_is_added_and_with_the_next_file(tmp_path: Path) -> None:
    path = tmp_path / "store.log"
    path.write_text("old, and long enough\n")
    following = logs.read({"store": path}, lines=1, follow=True)
    shown = list(islice(following, 1))

    with path.open("a") as file:
        file.write("added\n")
    shown += islice(following, 1)
    path.rename(tmp_path / "store.log.1")
    path.write_text("new\n")
    shown += islice(following, 1)

    assert shown == ["old, and long enough", "added", "new"]
