"""The journal's native protocol, on a socket that this test reads."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.log import Console, LoggerConfig, Loggers, setup_console
from eggd.log.journal import LARGEST, Journal, add_fields, encode, field_name
from eggd.log.levels import INFO
from tests.log.test_channels import Ctx


class FakeJournal:
    """A socket like the journal's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(10)

    def entry(self) -> dict[str, str]:
        """Returns the next entry."""
        data, fds, _, _ = socket.recv_fds(self.socket, 1 << 20, 1)
        for fd in fds:
            assert fcntl.fcntl(fd, fcntl.F_GET_SEALS) == 15
            data = os.pread(fd, os.fstat(fd).st_size, 0)
            os.close(fd)
        return decoded(data)


def decoded(data: bytes) -> dict[str, str]:
    """Returns the fields of an entry, as systemd documents its form."""
    fields = {}
    while data:
        line, _, rest = data.partition(b"\n")
        if b"=" in line:
            name, _, value = line.partition(b"=")
            data = rest
        else:
            size = int.from_bytes(rest[:8], "little")
            name, value = line, rest[8 : 8 + size]
            assert rest[8 + size : 9 + size] == b"\n"
            data = rest[9 + size :]
        assert name.decode() not in fields
        fields[name.decode()] = value.decode()
    return fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FakeJournal]:
    fake = FakeJournal(tmp_path / "socket")
    yield fake
    fake.socket.close()


@pytest.fixture
def console(journal: FakeJournal, tmp_path: Path) -> Iterator[Console]:
    """The console of a service of systemd, whose stderr is a file here."""
    with (tmp_path / "stderr").open("w") as file:
        status = os.fstat(file.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        console = setup_console(None, "egg-worker", environ, file.fileno(), str(journal.path))
        console.identify("worker", 3)
        yield console
        console.close()


@pytest.fixture
def loggers(console: Console, tmp_path: Path) -> Iterator[Loggers]:
    section = LoggerConfig(dir=str(tmp_path / "logs"))
    loggers = Loggers(section, "shop", "application", "prod", console)
    yield loggers
    loggers.close()


def test_an_entry_has_the_fields_of_its_request(loggers: Loggers, journal: FakeJournal) -> None:
    """`journalctl TRACE_ID=...` finds it (process:LOG-8)."""
    ctx = Ctx()
    extra = {"orderId": 7, "PRIORITY": 0, "password": "hush"}
    loggers.logger.bind(ctx.log_padding, ctx).warn("late", extra=extra)
    entry = journal.entry()
    assert int(entry.pop("CODE_LINE")) > 0
    assert entry == {
        "MESSAGE": "[7/::1/t/3ms GET /] late",
        "PRIORITY": "4",
        "PRIORITY_2": "0",
        "SYSLOG_IDENTIFIER": "egg-worker@3",
        "EGG_WORKER": "3",
        "EGG_LOGGER": "logger",
        "TRACE_ID": "t" * 32,
        "HTTP_PATH": "/",
        "ORDER_ID": "7",
        "PASSWORD": "***",
        "CODE_FILE": __file__,
        "CODE_FUNC": "test_an_entry_has_the_fields_of_its_request",
    }


def test_an_exception_is_one_entry(loggers: Loggers, journal: FakeJournal) -> None:
    """A traceback keeps its lines in one entry, and no text adds another (known:KO-37)."""
    try:
        raise ValueError("bad\n<0>paid\nPRIORITY=0\x00\x1b[2J\ud800")
    except ValueError as exc:
        loggers.logger.error(exc)
    entry = journal.entry()
    first, second, *_ = entry["MESSAGE"].splitlines()
    assert first == "python.ValueError: bad"
    assert second == " <0>paid"
    assert "PRIORITY=0\\x00\\x1b[2J\\ud800\nTraceback" in entry["MESSAGE"]
    assert entry["PRIORITY"] == "3"
    journal.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        journal.entry()


@pytest.mark.parametrize("size", [50_000, 300_000])
def test_a_large_entry_is_whole(console: Console, journal: FakeJournal, size: int) -> None:
    """An entry above the limit of a datagram is a sealed memfd, closed after (known:KO-36)."""
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        console.write(INFO, "x" * size)
        assert journal.entry()["MESSAGE"] == "x" * size
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_an_entry_is_cut_at_16_mib() -> None:
    """The journal drops what is too large; the message is cut with a mark (known:KO-36)."""
    data = encode({"MESSAGE": "é" * LARGEST, "PRIORITY": "6"})
    assert LARGEST - 100 < len(data) < LARGEST + 100
    assert decoded(data)["MESSAGE"].endswith("é...(cut)")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("orderId", "ORDER_ID"),
        ("order-id", "ORDER_ID"),
        ("_x", "X"),
        ("9lives", "LIVES"),
        ("é", "FIELD"),
        ("a" * 80, "A" * 64),
        ("HTTPStatus", "HTTPSTATUS"),
    ],
)
def test_the_name_of_a_field(name: str, field: str) -> None:
    """A name that the journal would drop is mapped to one that it takes (known:KO-37)."""
    assert field_name(name) == field


def test_two_names_that_fall_together() -> None:
    """A name that is taken gets a number, and a value without a text is left out (known:KO-37)."""

    class Mute:
        def __str__(self) -> str:
            raise RuntimeError("no")

    fields = {"MESSAGE": "x"}
    add_fields(fields, {"message": 1, "a-b": 2, "a_b": 3, "mute": Mute()})
    assert fields == {"MESSAGE": "x", "MESSAGE_2": "1", "A_B": "2", "A_B_2": "3"}


def test_a_restarted_journal_gets_the_next_entry(
    console: Console, journal: FakeJournal, tmp_path: Path
) -> None:
    """Without a journal, lines are on stderr; the socket is used again at once (known:KO-35)."""
    console.write(INFO, "one")
    assert journal.entry()["MESSAGE"] == "one"
    journal.socket.close()
    journal.path.unlink()
    console.write(INFO, "two")
    again = FakeJournal(journal.path)
    console.write(INFO, "three")
    assert again.entry()["MESSAGE"] == "three"
    again.socket.close()
    assert (tmp_path / "stderr").read_text() == "<6>two\n"


def test_a_journal_that_does_not_read(journal: FakeJournal) -> None:
    """A full queue costs one short wait, not one for each entry (known:KO-35)."""
    sender = Journal(str(journal.path))
    sent = 0
    while sender.send({"MESSAGE": "x"}):
        sent += 1
    assert not any(sender.send({"MESSAGE": "x"}) for _ in range(1000))
    for _ in range(sent):
        journal.entry()
    assert sender.send({"MESSAGE": "again"})
    sender.close()


def test_lines_that_go_nowhere_are_counted(tmp_path: Path) -> None:
    """The next line that can be written is preceded by their number (known:KO-38)."""
    full = os.open("/dev/full", os.O_WRONLY)
    console = setup_console(None, "x", {"INVOCATION_ID": "1"}, full)
    console.write(INFO, "one")
    console.write(INFO, "two")
    with (tmp_path / "out").open("w") as file:
        os.dup2(file.fileno(), full)
        console.write(INFO, "three")
    console.close()
    os.close(full)
    assert (tmp_path / "out").read_text() == "<4>log lines lost here: 2\n<6>three\n"
