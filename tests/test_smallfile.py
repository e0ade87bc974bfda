"""A file that another user may have written: reading it never waits, and always ends."""

import fcntl
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.smallfile import LIMIT, open_append, open_own, read_own, read_small

READERS = [read_small, read_own]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def terminal(path: Path) -> None:
    path.symlink_to("/dev/tty")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def endless(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "make", [fifo, unix_socket, device, terminal, sparse, endless, Path.mkdir, lambda path: None]
)
def test_a_path_that_is_not_a_small_regular_file_is_an_error_at_once(
    tmp_path: Path, read: Callable[[Path], bytes], make: Callable[[Path], None]
) -> None:
    make(tmp_path / "file")
    with pytest.raises(OSError, match=r".") as caught:
        read(tmp_path / "file")
    assert caught.value.strerror


@pytest.mark.parametrize("read", READERS)
def test_the_limit_is_a_number_of_bytes(tmp_path: Path, read: Callable[..., bytes]) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100_001)
    assert len(read(file, 100_001)) == 100_001
    with pytest.raises(OSError, match="is larger than 100000 bytes"):
        read(file, 100_000)
    assert LIMIT == 1 << 20


def test_a_lease_does_not_delay_the_reader(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)  # notifies the holder
    try:
        with file.open("wb") as holder:
            fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            with pytest.raises(BlockingIOError):
                read_own(file)
    finally:
        signal.signal(signal.SIGIO, before)


def test_files_without_a_size_are_read() -> None:
    assert read_small(Path("/proc/self/stat")).startswith(str(os.getpid()).encode())


def test_only_one_reader_follows_links(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("file")
    assert read_small(tmp_path / "link") == b"secret"
    with pytest.raises(OSError, match="symbolic links"):
        read_own(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(("folder", "file", "fine"), [(4, 4, True), (4, 0, True), (4, 5, False)])
def test_a_file_of_a_third_user_is_not_believed(
    tmp_path: Path, folder: int, file: int, fine: bool
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    os.chown(tmp_path, folder, -1)
    os.chown(path, file, -1)
    if fine:
        open_own(path).close()
        return
    with pytest.raises(OSError, match="belongs to user 5, but its directory to user 4"):
        open_own(path)


def test_a_log_is_appended_to_and_made_with_its_mode(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        for text in (b"a", b"b"):
            fd = open_append(tmp_path / "log", 0o640)
            os.write(fd, text)
            assert os.get_blocking(fd)
            os.close(fd)
    finally:
        os.umask(before)
    assert (tmp_path / "log").read_bytes() == b"ab"
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o640


def test_a_link_of_ours_leads_to_the_log(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("real")
    os.close(open_append(tmp_path / "log", 0o640))
    assert (tmp_path / "real").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_link_of_another_user_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("real")
    os.chown(tmp_path / "log", 4, -1, follow_symlinks=False)
    with pytest.raises(OSError, match="is a symbolic link of user 4"):
        open_append(tmp_path / "log", 0o640)
    assert not (tmp_path / "real").exists()


def test_a_log_that_is_a_pipe_without_a_reader_does_not_block(tmp_path: Path) -> None:
    fifo(tmp_path / "log")
    with pytest.raises(OSError, match="No such device"):
        open_append(tmp_path / "log", 0o640)
