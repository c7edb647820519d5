"""Files of `--config` while running: what has come to rest is told, once, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ako.core.control.config_watch import ConfigFiles
from ako.core.settings import ConfigTexts, read_config_files

FIRST, SECOND, HALF = b"{a: 1, b: 1}\n", b"{a: 2, b: 1}\n", b"{a: 2, b"


def contents(texts: ConfigTexts | None) -> list[bytes | None] | None:
    return None if texts is None else [text.text for text in texts]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "values.yaml"
    path.write_bytes(FIRST)
    return path


def replaced(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


def same_time(path: Path, content: bytes) -> None:
    """Write so that neither length nor time tells."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("write", [replaced, same_time, Path.write_bytes])
def test_other_contents_are_told_once_they_rest(path: Path, write: Callable[[Path, bytes], object]) -> None:
    files = ConfigFiles(read_config_files([path]))
    assert [files.look() for _ in range(3)] == [None] * 3
    write(path, SECOND)
    assert files.look() is None, "it may still be written"
    assert contents(files.look()) == [SECOND]
    assert [files.look() for _ in range(3)] == [None] * 3
    write(path, FIRST)
    assert [contents(files.look()) for _ in range(3)] == [None, [FIRST], None]


def test_a_file_that_is_half_written_at_a_look_is_not_told(path: Path) -> None:
    files = ConfigFiles(read_config_files([path]))
    seen = []
    for content in (b"", HALF, SECOND, SECOND):
        path.write_bytes(content)
        seen.append(contents(files.look()))
    assert seen == [None, None, None, [SECOND]]


def test_a_file_that_is_away_for_a_moment_is_nothing(path: Path) -> None:
    files = ConfigFiles(read_config_files([path]))
    path.unlink()
    assert files.look() is None
    path.write_bytes(FIRST)
    assert [files.look() for _ in range(3)] == [None] * 3


def test_a_file_that_stays_away_is_told_as_one_that_cannot_be_read(path: Path) -> None:
    files = ConfigFiles(read_config_files([path]))
    path.unlink()
    assert files.look() is None
    told = files.look()
    assert told is not None
    assert (told[0].text, "No such file" in told[0].failure) == (None, True)
    assert files.look() is None, "told once"


def test_mounted_files_are_told_together(tmp_path: Path) -> None:
    """A mounted ConfigMap shows a folder through the link `..data`, which is put on another folder."""
    for name, content in (("..1", FIRST), ("..2", SECOND)):
        (tmp_path / name).mkdir()
        for file in ("a", "b"):
            (tmp_path / name / file).write_bytes(content)
    (tmp_path / "..data").symlink_to("..1")
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.symlink_to(f"..data/{path.name}")
    files = ConfigFiles(read_config_files(paths))
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").replace(tmp_path / "..data")
    assert [contents(files.look()) for _ in range(3)] == [None, [SECOND, SECOND], None]


def test_of_several_files_none_is_told_before_all_rest(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        path.write_bytes(FIRST)
    files = ConfigFiles(read_config_files([one, other]))
    one.write_bytes(SECOND)
    assert files.look() is None
    other.write_bytes(SECOND)
    assert files.look() is None, "of the first look one half is old"
    assert contents(files.look()) == [SECOND, SECOND]


def test_a_pipe_is_not_read_again(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.write_bytes(FIRST)
    keep_open = os.open(pipe, os.O_RDWR)
    (text,) = read_config_files([file])
    files = ConfigFiles((text._replace(path=pipe), text))
    file.write_bytes(SECOND)
    assert [contents(files.look()) for _ in range(2)] == [None, [FIRST, SECOND]]
    os.close(keep_open)
