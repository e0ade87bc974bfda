from pathlib import Path

import pytest

from eggd.suite.address import parse
from tests.cli.host import Host, error, worker

GOOD = {
    "8080": "8080",
    "127.0.0.1:7001": "127.0.0.1:7001",
    "[::1]:7001": "[::1]:7001",
    "[0:0::1]:080": "[::1]:80",
    "0.0.0.0:65535": "0.0.0.0:65535",
}


@pytest.mark.parametrize(("text", "stream"), GOOD.items())
def test_an_address_is_normalised(text: str, stream: str) -> None:
    assert parse(text) == stream


BAD = ("", "0", "65536", "x", "localhost:80", "::1:80", "[1.2.3.4]:80", "1.2.3:80", ":80", "٣")


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|octets|IPv|character|part|Address"):
        parse(text)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def listen(host: Host, address: str) -> str:
    done = host.eggd("listen", "--units", str(host.home / "units"), address)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def drop_ins(host: Host) -> dict[str, str]:
    """Returns the drop-ins of egg.socket by name."""
    return {each.name: each.read_text() for each in (host.home / "units/egg.socket.d").iterdir()}


def content(address: str) -> str:
    return f"[Socket]\nListenStream=\nListenStream={address}\n"


def test_an_address_for_a_stopped_suite_is_in_force_at_once(host: Host) -> None:
    said = listen(host, "[::1]:8080")
    assert said == "egg.socket will listen on [::1]:8080 after 'eggd start'\n"
    assert drop_ins(host) == {"listen.conf": content("[::1]:8080")}
    file = host.home / "units/egg.socket.d/listen.conf"
    assert (file.stat().st_mode & 0o777, host.calls("daemon-reload")) == (0o644, ["daemon-reload"])


def test_an_address_for_a_running_suite_is_pending(host: Host) -> None:
    """The drop-in waits: a daemon-reload, also one by apt, would close the workers' listener."""
    host.up()
    assert listen(host, "9090") == "egg.socket will listen on 9090 after 'eggd restart'\n"
    assert drop_ins(host) == {"listen.pending": content("9090")}
    assert host.calls("daemon-reload") == []


@pytest.mark.parametrize("state", ["active", "activating", "deactivating"])
def test_one_worker_without_egg_master_is_a_running_suite(host: Host, state: str) -> None:
    host.set(worker(2), active=state)
    assert "after 'eggd restart'" in listen(host, "9090")


def test_the_last_address_is_the_one_that_is_pending(host: Host) -> None:
    host.up()
    listen(host, "9090")
    listen(host, "127.0.0.1:9091")
    assert drop_ins(host) == {"listen.pending": content("127.0.0.1:9091")}


@pytest.mark.parametrize("same", ["7001", "[::]:7001"])
def test_the_address_that_is_open_takes_the_change_back(host: Host, same: str) -> None:
    host.up()
    listen(host, "9090")
    assert listen(host, same) == (f"egg.socket already listens on {same}; no change is pending\n")
    assert drop_ins(host) == {}


def test_a_file_that_cannot_be_written_is_named(host: Host) -> None:
    (host.home / "units").write_text("")
    done = host.eggd("listen", "--units", str(host.home / "units"), "80")
    where = host.home / "units/egg.socket.d/listen.pending"
    assert error(done) == f"error: {where}: Not a directory (run it as root)"


def test_an_invalid_address_is_a_usage_error(tmp_path: Path) -> None:
    done = Host(tmp_path).eggd("listen", "localhost:80")
    assert done.returncode == 2
    assert done.stderr.startswith("error: localhost:80: ")
