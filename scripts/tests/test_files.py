"""Whatever a path names is opened at once or refused with a message; files are written whole."""

import os
import socket
from pathlib import Path

import pytest

from aina_data_engine.files import (
    BLOCK,
    file_hash,
    measure,
    open_regular,
    read_json,
    read_text_bounded,
    write_atomically,
)


def test_only_regular_files_are_opened_and_nothing_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "to_pipe").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, kind in [
            ("pipe", "a named pipe"),
            ("to_pipe", "a named pipe"),
            ("directory", "a directory"),
            ("zero", "a device"),
            ("socket", "a socket"),
        ]:
            for read in (open_regular, read_text_bounded, read_json, file_hash, measure):
                with pytest.raises(OSError, match=kind) as caught:
                    read(tmp_path / name)
                assert caught.value.strerror == f"{kind}, where a file belongs"


def test_a_link_is_followed_only_where_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"{}")
    (tmp_path / "link").symlink_to("file")
    assert read_json(tmp_path / "link") == {}
    with pytest.raises(OSError, match="a link"):
        read_json(tmp_path / "link", follow=False)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'[{"a":' * 60 + b"1" + b"}]" * 60,
        b"\xff",
        b"",
        b"{",
        b"NaN",
        b"9" * 5000,
        b"-1e999",
        b"[0.12345678901234567890123]",
        b"12345678901234567890.5",
        b"1e-999",
        b"0e-99999999999999999999",
    ],
    ids=lambda c: repr(c[:3]),
)
def test_what_is_no_json_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError):
        read_json(tmp_path / "file")


def test_a_number_of_the_same_value_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"[1.10, 1E2, -0.0, 0.1, 1.7976931348623157e308, 5e-324]")
    assert read_json(tmp_path / "file") == [1.1, 100, 0, 0.1, 1.7976931348623157e308, 5e-324]


def test_a_long_text_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(OSError, match="longer than"):
        read_json(tmp_path / "file")


def test_a_file_is_measured_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one\ntwo  \n\nfour is open")
    measured = measure(tmp_path / "file")
    assert (measured.bytes, measured.lines, measured.longest_line) == (23, 3, 12)
    assert file_hash(tmp_path / "file") == f"sha256:{measured.sha256}"
    for length in (BLOCK, 3 * BLOCK - 1):
        (tmp_path / "file").write_bytes(b"one\n" + length * b"x" + b"\nthree\n")
        found = measure(tmp_path / "file")
        assert (found.lines, found.longest_line) == (3, length)


def test_writing_replaces_a_name_and_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"of somebody else")
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "second name").hardlink_to(other)
    for name in ("link", "second name", "fresh"):
        write_atomically(tmp_path / name, b"written")
        assert (tmp_path / name).read_bytes() == b"written"
        assert not (tmp_path / name).is_symlink()
    assert other.read_bytes() == b"of somebody else"
    with pytest.raises(FileExistsError):
        write_atomically(other, b"written", new=True)
    assert other.read_bytes() == b"of somebody else"
    assert len(list(tmp_path.iterdir())) == 4
