"""The inherited listener against the app's own config (process:CL-40)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from eggd.app.cluster_config import ClusterConfig
from eggd.config import Config
from eggd.config.sources import Source
from eggd.errors import ListenError
from eggd.process.listener import check_address, is_trial, trial_listener
from eggd.suite import address


def listening(host: str = "127.0.0.1") -> socket.socket:
    return socket.create_server(
        (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    )


def config(values: dict[str, object]) -> Config:
    made = Config({"cluster": ClusterConfig})
    if values:
        made.add(Source("config_prod.py", {"cluster": {"listen": values}}))
    made.freeze()
    return made


@pytest.mark.parametrize("own", [{}, {"hostname": "127.0.0.1"}])
def test_a_default_or_missing_address_is_not_a_difference(own: dict[str, object]) -> None:
    with listening() as listener:
        check_address(listener, config(own))


@pytest.mark.parametrize(
    ("own", "line"),
    [
        ({"port": 1}, "config_prod.py: cluster.listen.port is 1, but egg.socket listens on 127"),
        ({"hostname": "10.0.0.1"}, "cluster.listen.hostname is '10.0.0.1', but egg.socket"),
    ],
)
def test_a_difference_names_both(own: dict[str, object], line: str) -> None:
    with listening() as listener, pytest.raises(ListenError, match=line):
        check_address(listener, config(own))


@pytest.mark.parametrize(
    ("host", "shown", "reached"),
    [
        ("127.0.0.1", "127.0.0.1:{}", "http://127.0.0.1:{}"),
        ("::", "[::]:{}", "http://127.0.0.1:{}"),
        ("::1", "[::1]:{}", "http://[::1]:{}"),
    ],
)
def test_how_an_address_is_shown(host: str, shown: str, reached: str) -> None:
    # process:CL-22
    with listening(host) as listener:
        name = listener.getsockname()
        assert address.display(name) == shown.format(name[1])
        assert address.url(name, "http", {}) == reached.format(name[1])
        assert address.url("/run/shop.sock", "https", {}) == "/run/shop.sock"


@pytest.mark.parametrize(
    ("slot", "value", "expected"), [(0, "1", True), (0, "", False), (1, "1", False)]
)
def test_only_the_spare_can_be_a_trial(
    monkeypatch: pytest.MonkeyPatch, slot: int, value: str, expected: bool
) -> None:
    monkeypatch.setenv("EGGD_TRIAL", value)
    assert is_trial(slot) == expected


def test_a_trial_answers_on_its_own_socket_also_after_a_killed_one(tmp_path: Path) -> None:
    for _ in range(2):
        inherited = listening()
        with trial_listener(tmp_path, inherited) as listener, socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(tmp_path / "trial.sock"))
            listener.accept()[0].close()
        assert inherited.fileno() == -1


def test_a_trial_without_a_runtime_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match=r"trial\.sock: No such file or directory"):
        trial_listener(tmp_path / "missing", listening())
