import socket
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


def socket_content(path: str, user: str = "eggd", group: str = "eggd", mode: str = "0660") -> str:
    access = f"SocketUser={user}\nSocketGroup={group}\nSocketMode={mode}\nNoDelay=no\n"
    return content(path) + access


def listen_on_file(host: Host, path: str, *options: str) -> str:
    units = str(host.home / "units")
    done = host.eggd("listen", "--units", units, f"unix:{path}", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


SOCKETS = [
    ((), ("eggd", "eggd", "0660")),
    (("--owner", "root"), ("root", "root", "0660")),
    (("--owner", "daemon:www-data", "--mode", "600"), ("daemon", "www-data", "0600")),
    (("--owner", ":www-data", "--mode", "0666"), ("eggd", "www-data", "0666")),
]


@pytest.mark.parametrize(("options", "access"), SOCKETS)
def test_a_unix_socket_has_owner_and_mode(
    host: Host, options: tuple[str, ...], access: tuple[str, str, str]
) -> None:
    """Without options only eggd itself may connect: every peer may be a trusted proxy."""
    path = f"{host.home}/http.sock"
    said = listen_on_file(host, path, *options)
    assert said == (
        f"egg.socket will listen on {path} (owner {access[0]}:{access[1]}, mode {access[2]})"
        " after 'eggd start'\n"
    )
    assert drop_ins(host) == {"listen.conf": socket_content(path, *access)}


def test_a_changed_owner_of_the_open_socket_is_pending(host: Host) -> None:
    path = f"{host.home}/http.sock"
    listen_on_file(host, path)
    host.up()
    host.set("egg.socket", listen=path)
    assert "no change is pending" in listen_on_file(host, path)
    assert "after 'eggd restart'" in listen_on_file(host, path, "--owner", ":www-data")
    assert sorted(drop_ins(host)) == ["listen.conf", "listen.pending"]
    assert "no change is pending" in listen_on_file(host, path)
    assert sorted(drop_ins(host)) == ["listen.conf"]
    shown = host.eggd("status").stdout
    assert "pending" not in shown


def test_a_port_removes_the_owner(host: Host) -> None:
    listen_on_file(host, f"{host.home}/http.sock")
    listen(host, "8080")
    assert drop_ins(host) == {"listen.conf": content("8080")}


WRONG = [
    (["unix:run/http.sock"], "unix:run/http.sock: the path must be absolute, such as unix:/run"),
    (["unix:{home}/"], "the path must end with the name of a file and be printable"),
    (["unix:{home}/" + "x" * 107], "the path of a Unix socket has at most 107 bytes"),
    (["unix:{home}"], "{home} is a directory: add a name, such as {home}/http.sock"),
    (["unix:{home}/defaults"], "{home}/defaults exists and is not a socket: remove it, or"),
    (["unix:{home}/defaults/a"], "{home}/defaults is not a directory"),
    (["unix:{home}/taken"], "another process listens on {home}/taken: choose another path"),
    (["unix:/tmp/http.sock"], "every user may create files in /tmp: choose a path in /run/eggd"),
    (["unix:/home/shop/http.sock"], "the units cannot use /home/shop: choose a path in /run/eggd"),
    (["unix:{home}/link/http.sock"], "the units cannot use /dev"),
    (["unix:/run/eggd/%i"], "the path may only have letters, digits and the characters / . _ @"),
    (["unix:/run/eggd/a b"], "the path may only have letters, digits and the characters / . _ @"),
    (["unix:{home}/a", "--owner", "egd"], "--owner: user 'egd' does not exist"),
    (["unix:{home}/a", "--owner", "rot"], "user 'rot' does not exist (did you mean 'root'?)"),
    (["unix:{home}/a", "--owner", "root:"], "--owner: 'root:' must be USER, USER:GROUP or :GROUP"),
    (["unix:{home}/a", "--owner", ":w"], "--owner: group 'w' does not exist"),
    (["unix:{home}/a", "--mode", "rw"], "--mode: 'rw' must be an octal number from 0200 to 0777"),
    (["unix:{home}/a", "--mode", "1777"], "--mode: '1777' must be an octal number from 0200"),
    (["unix:{home}/a", "--mode", "440"], "--mode: with '440' no user may connect"),
    (["8080", "--mode", "660"], "--mode has an effect on unix:PATH only"),
    (["8080", "--owner", "root"], "--owner has an effect on unix:PATH only"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG)
def test_a_wrong_unix_socket_is_one_line(host: Host, arguments: list[str], text: str) -> None:
    """A file at the path would be lost: systemd removes it to bind its socket."""
    (host.home / "link").symlink_to("/dev")
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(str(host.home / "taken"))
        taken.listen()
        given = [each.format(home=host.home) for each in arguments]
        done = host.eggd("listen", "--units", str(host.home / "units"), *given)
    assert done.returncode == 2
    assert text.format(home=host.home) in error(done)
    assert not (host.home / "units").exists()
    assert "Traceback" not in done.stderr


def test_a_socket_that_no_process_holds_is_replaced(host: Host) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(f"{host.home}/http.sock")
    assert "after 'eggd start'" in listen_on_file(host, f"{host.home}/http.sock")


def test_an_address_in_use_is_a_warning(host: Host) -> None:
    """Without it `eggd restart` would stop the suite, and fail."""
    host.up()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for address in (f"127.0.0.1:{port}", str(port)):
            done = host.eggd("listen", "--units", str(host.home / "units"), address)
            line = "Address already in use: the suite cannot start on this address now"
            assert (done.returncode, done.stderr) == (0, f"warning: {address}: {line}\n")
    host.set("egg.socket", listen=f"127.0.0.1:{port}")
    assert listen(host, str(port)).startswith("egg.socket will listen on")
