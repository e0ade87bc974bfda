from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest

from eggd.systemd import Notifier

Receive = Callable[[], bytes]


@pytest.fixture
def notifier(environ: dict[str, str]) -> Iterator[Notifier]:
    notifier = Notifier(environ)
    yield notifier
    notifier.close()


def test_each_field_goes_alone(notifier: Notifier, receive: Receive) -> None:
    notifier.ready()
    notifier.watchdog()
    notifier.stopping()
    notifier.extend_timeout(2.5)
    sent = [receive() for _ in range(4)]
    assert sent == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1", b"EXTEND_TIMEOUT_USEC=2500000"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("worker 2, 8 plugins", "worker 2, 8 plugins"),
        ("boot 4 failed → 次", "boot 4 failed → 次"),
        ("bad\nREADY=1\r\nMAINPID=1", "bad READY=1 MAINPID=1"),
        ("a\0b\x1b[31m\x85c\u2028d", "a\\x00b\\x1b[31m c d"),
        ("\udcff lost byte", "\\udcff lost byte"),
        ("cannot reach redis://:hunter2@h", "cannot reach redis://:***@h"),
        ("", ""),
    ],
)
def test_status_is_one_line(notifier: Notifier, receive: Receive, text: str, shown: str) -> None:
    notifier.status(text)
    assert receive() == b"STATUS=" + shown.encode()
    assert notifier.text == shown


def test_a_long_status_is_cut_between_characters(notifier: Notifier, receive: Receive) -> None:
    notifier.status("é" * 3000)
    assert receive().decode() == "STATUS=" + "é" * 1000


def test_without_a_manager_nothing_happens() -> None:
    notifier = Notifier({})
    notifier.ready()
    notifier.status("serving")
    assert notifier.text == "serving"


def test_a_manager_that_comes_back_is_heard_again(
    notifier: Notifier, manager: socket.socket, environ: dict[str, str]
) -> None:
    notifier.ready()
    manager.close()
    os.unlink(environ["NOTIFY_SOCKET"])
    notifier.watchdog()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as again:
        again.bind(environ["NOTIFY_SOCKET"])
        notifier.watchdog()
        assert again.recv(64) == b"WATCHDOG=1"


def test_an_abstract_address() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")  # the kernel chooses an abstract name, unix(7)
        notifier = Notifier({"NOTIFY_SOCKET": "@" + sock.getsockname()[1:].decode()})
        notifier.ready()
        assert sock.recv(64) == b"READY=1"
        notifier.close()


def test_a_supervisor_of_our_own_is_asked_for_new_workers(
    notifier: Notifier, receive: Receive
) -> None:
    """Systemd ignores a field that it does not know (core:DEV-2)."""
    assert notifier.heard
    assert not Notifier({}).heard
    notifier.reload("app/é\n.py modified")
    assert receive() == "X_EGGD_RELOAD=app/é .py modified".encode()


def test_a_failure_is_marked_before_its_text(notifier: Notifier, receive: Receive) -> None:
    """A reader between the two datagrams must not take the reason for progress."""
    notifier.failed("no database")
    assert [receive(), receive()] == [b"ERRNO=125", b"STATUS=no database"]
    notifier.retrying()
    assert [receive(), receive()] == [b"STATUS=", b"ERRNO=0"]
