from __future__ import annotations

import pytest

from eggd.errors import SystemdError
from eggd.wire.activation import Activation

LISTEN = {"LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http:agent"}


def test_descriptors_with_names() -> None:
    environ = LISTEN | {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "10000000"}
    activation = Activation.from_environ(environ, 42)
    assert (activation.fd("http"), activation.fd("agent")) == (3, 4)
    assert (activation.notify_socket, activation.watchdog_usec) == ("/run/n", 10_000_000)


@pytest.mark.parametrize(
    ("environ", "names", "usec"),
    [
        ({}, (), 0),
        (LISTEN | {"LISTEN_PID": "43"}, (), 0),
        ({"LISTEN_FDS": "1"}, (), 0),
        ({"LISTEN_PID": "42", "LISTEN_FDS": "1"}, ("unknown",), 0),
        ({"LISTEN_PID": "42", "LISTEN_FDS": "0", "LISTEN_FDNAMES": ""}, (), 0),
        ({"WATCHDOG_USEC": "5", "WATCHDOG_PID": "42"}, (), 5),
        ({"WATCHDOG_USEC": "5", "WATCHDOG_PID": "43"}, (), 0),
    ],
)
def test_descriptors_that_count(environ: dict[str, str], names: tuple[str, ...], usec: int) -> None:
    activation = Activation.from_environ(environ, 42)
    assert (activation.names, activation.watchdog_usec) == (names, usec)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"LISTEN_PID": "x"}, "LISTEN_PID='x' is not a number"),
        ({"LISTEN_FDS": "-1"}, "LISTEN_FDS='-1' is not a number"),
        ({"LISTEN_FDS": "٣"}, "LISTEN_FDS='٣' is not a number"),
        ({"LISTEN_FDS": "5000"}, "LISTEN_FDS=5000: more than 1024 descriptors"),
        (
            {"LISTEN_FDS": "3"},
            "LISTEN_FDNAMES='http:agent' does not name LISTEN_FDS=3 descriptors",
        ),
        ({"WATCHDOG_USEC": "soon"}, "WATCHDOG_USEC='soon' is not a number"),
        (
            {"NOTIFY_SOCKET": "run/n"},
            "NOTIFY_SOCKET='run/n' is neither an absolute path nor an abstract name",
        ),
    ],
)
def test_malformed(change: dict[str, str], message: str) -> None:
    with pytest.raises(SystemdError) as caught:
        Activation.from_environ(LISTEN | change, 42)
    assert caught.value.message == message


@pytest.mark.parametrize("names", ["agent:egg.socket", "http:http"])
def test_a_socket_that_is_not_the_one(names: str) -> None:
    activation = Activation.from_environ(LISTEN | {"LISTEN_FDNAMES": names}, 42)
    with pytest.raises(SystemdError, match="must be named 'http'"):
        activation.fd("http")


def test_no_socket_at_all_is_none() -> None:
    assert Activation().fd("http") is None


def test_take_leaves_the_rest() -> None:
    environ = LISTEN | {"NOTIFY_SOCKET": "/run/n"}
    Activation.take(environ)
    assert environ == {"NOTIFY_SOCKET": "/run/n"}
