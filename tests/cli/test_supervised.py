"""`eggd start DIR` and its kin: real agent and workers under a supervisor, as a user sees them."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.control.client import ask
from tests.cli.supervised import Foreground, Here, free_port, get, here

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def shop() -> Iterator[Here]:
    with here() as made:
        yield made


@pytest.fixture
def port() -> str:
    """Returns a free address."""
    return f"127.0.0.1:{free_port()}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_in_the_foreground_until_a_signal(shop: Here, port: str, number: signal.Signals) -> None:
    """Hooks run; the exit code is 0 (process:CL-21, CL-80, CL-84, CL-89, SCR-5, SCR-24)."""
    with shop.foreground("--port", port, "--workers", "2") as suite:
        assert suite.ready() == f"http://{port}"
        assert get(f"http://{port}").isdecimal()
        suite.process.send_signal(number)
        suite.wait(f"received {number.name}, stopping")
        suite.process.send_signal(number)
        lines = suite.rest()
        assert suite.process.returncode == 0
    assert len([line for line in lines if line.endswith("closing\n") and "egg-worker" in line]) == 2
    assert "egg-agent.service: exited with 0" in lines[-1]


@pytest.mark.parametrize(("flags", "env"), [(("--env", "red"), "red"), ((), "blue")])
def test_an_environment_that_is_asked_for_wins(
    shop: Here, port: str, flags: tuple[str, ...], env: str
) -> None:
    """`--env` precedes the file config/env, for the address and the config (core:ENV-2)."""
    number = port.rpartition(":")[2]
    text = f"cluster = {{'listen': {{'hostname': '127.0.0.1', 'port': {number}}}}}\n"
    shop.write({"config/env": "blue\n", f"config/config_{env}.py": text})
    with shop.foreground("--workers", "1", *flags) as suite:
        assert suite.ready() == f"http://{port}"
        assert told(suite, f"agent of {shop.app.name} ({env}) is ready")


def told(suite: Foreground, text: str) -> list[str]:
    return [line for line in suite.lines if text in line]


def test_in_the_background_until_it_is_stopped(shop: Here, port: str) -> None:
    """Lines on stderr fail no start (process:SCR-6, SCR-7, SCR-8, SCR-20, SCR-21, SCR-25)."""
    app = str(shop.app)
    done = shop.eggd("start", app, "--port", port, "--workers", "1", "--daemon")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"eggd started on http://{port} (")
    assert f"in the background as {shop.title}" in done.stdout
    first = get(f"http://{port}")
    with open(shop.run / "eggd.pid", encoding="utf-8") as file:
        pid = int(file.readline())
    assert os.getsid(pid) not in (0, os.getsid(0))

    again = shop.eggd("start", app, "--port", port)
    assert again.returncode == 1
    assert f"is already running as {shop.title} [{pid}]" in again.stderr

    said: list[str] = []
    ask(shop.run, {"command": "reload"}, said.append)
    assert said == list(dict.fromkeys(said))  # only this command gets them

    for command, expected in {
        ("reload", app): f"reloaded: {shop.title} [",
        ("scale", "2", app): "2 workers ready on http://",
        ("status", app): f"running: {shop.app.name} (prod) in ",
        ("restart", app): f"restarted: {shop.title} [",
    }.items():
        answer = shop.eggd(*command)
        assert (answer.returncode, expected in answer.stdout) == (0, True), answer
    assert get(f"http://{port}") != first

    (shop.app / "agent.py").write_text("# a newer version\n")
    reloaded = shop.eggd("reload", app)
    warning = "agent.py changed since the agent started: run 'eggd restart'"
    assert f"warning: {warning}\n" in reloaded.stderr
    assert warning in shop.eggd("status", app).stdout

    for title in ("egg-server", f"{shop.title}2", "shop"):
        missed = shop.eggd("stop", "--title", title)
        assert missed.stderr.startswith(f"warning: --title: '{title}': unknown title")
    stopped = shop.eggd("stop", "--title", shop.title)
    assert stopped.stdout == f"stopped: {shop.title} [{pid}] in {app}\n"
    host, _, number = port.rpartition(":")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, int(number)))
    left = shop.eggd("status", app)
    assert (left.returncode, f"{app}, eggd " in left.stdout) == (3, True)
    nowhere = shop.eggd("status", f"{app}/nowhere")
    assert (nowhere.returncode, nowhere.stderr) == (
        1,
        f"error: {app}/nowhere: is not a directory\n",
    )
    logs = (shop.app / "logs" / "master-stdout.log").read_text()
    assert "egg-master[" in logs
    assert "]: harmless\n" in logs


def test_a_start_that_fails_says_why_and_leaves_nothing(shop: Here, port: str) -> None:
    """The same in the foreground and in the background (process:CL-51, CL-53, SCR-9)."""
    shop.write({"app/router.py": "def router(app)\n"})
    for more in ([], ["--daemon"]):
        done = shop.eggd("start", str(shop.app), "--port", port, "--workers", "2", *more)
        assert done.returncode == 1
        text = done.stderr + done.stdout
        assert "not started, and nothing is left running: egg-worker@1, egg-worker@2: " in text
        assert "app/router.py:1" in text
        log = shop.app / "logs" / "master-stdout.log"
        assert "]: closing\n" in (log.read_text() if more else text)
        assert "Traceback" not in text
        assert not shop.run.exists()


def test_a_config_error_is_reported_before_any_process_starts(shop: Here) -> None:
    # process:SCR-11, SCR-14, CL-5, CL-41
    for files, arguments, problem in [
        ({"config/config_default.py": "http = {'body_limt': 1}\n"}, [], "did you mean 'body_limit"),
        ({"config/config_default.py": "cluster = {'listen': {'port': None}}\n"}, [], "listen.port"),
        ({"config/config_default.py": ""}, ["--framework", "acme_nowhere"], "acme_nowhere"),
        ({}, ["--python", "/nowhere/python"], "--python: '/nowhere/python' is not an executable"),
        ({}, ["--title", "a\nb"], "--title: 'a\\nb' must be 1 to 200 printable characters"),
    ]:
        shop.write(files)
        done = shop.eggd("start", str(shop.app), "--daemon", *arguments)
        code = 2 if "--title" in arguments else 1  # a wrong option, or a wrong app
        assert (done.returncode, done.stdout) == (code, "")
        assert problem in done.stderr
        assert not (shop.app / "logs" / "master-stdout.log").exists()


def test_a_taken_port_is_named(shop: Here) -> None:
    # process:CL-42
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = f"127.0.0.1:{sock.getsockname()[1]}"
        done = shop.eggd("start", str(shop.app), "--port", port, "--daemon")
    assert done.returncode == 1
    assert f"egg.socket: {port} is already in use" in done.stderr


def test_the_config_says_where_and_the_table_how_many(shop: Here, port: str) -> None:
    # process:CL-40, SCR-3
    host, _, number = port.rpartition(":")
    config = f"cluster = {{'listen': {{'port': {number}, 'hostname': '{host}'}}}}\n"
    project = '[project]\nname = "shop"\n[tool.eggd.start]\nworkers = 2\n'
    shop.write({"config/config_default.py": config, "pyproject.toml": project})
    with shop.foreground() as suite:
        assert suite.ready() == f"http://{port}"
        assert any("workers ready: 2" in line for line in suite.lines)


def test_not_ready_in_time_is_the_end(shop: Here, port: str) -> None:
    # process:SCR-9, CL-28
    shop.write(
        {
            "agent.py": """
            import asyncio
            from eggd import Boot

            class AgentBoot(Boot):
                async def will_ready(self):
                    await asyncio.Event().wait()
            """
        }
    )
    done = shop.eggd("start", str(shop.app), "--port", port, "--daemon", "--timeout", "1")
    assert done.returncode == 1
    assert done.stderr.count("not ready within 1 s: egg-agent.service: ") == 1
    assert not shop.run.exists()


def test_names_with_shell_characters_are_only_names(shop: Here, port: str) -> None:
    # process:SCR-10
    name = "$(touch hacked) `touch hacked`; touch hacked"
    out, title = str(shop.home / f"{name}.log"), f"{name}"
    flags = ["--port", port, "--daemon", "--stdout", out, "--stderr", f"{out}2", "--title", title]
    done = shop.eggd("start", str(shop.app), "--workers", "1", *flags)
    assert done.returncode == 0, done.stderr
    assert os.path.getsize(out) > 0
    assert not list(shop.home.rglob("hacked"))
    assert shop.eggd("stop", "--title", title).stdout.startswith("stopped: ")


def answer_of(path: Path) -> bytes:
    """Returns the status line of a request on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(path))
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return client.makefile("rb").readline()


@pytest.mark.parametrize("verb", ["start", "dev"])
def test_a_unix_socket_with_owner_and_mode(shop: Here, verb: str) -> None:
    """The status shows the path, and a stop removes the file."""
    path, options = shop.home / "http.sock", ("--owner", ":www-data", "--mode", "620")
    shop.verb = verb
    with shop.foreground("--port", f"unix:{path}", *options) as suite:
        suite.wait("started on " if verb == "start" else "ready: ", str(path))
        assert (path.group(), stat.S_IMODE(path.stat().st_mode)) == ("www-data", 0o620)
        assert answer_of(path) == b"HTTP/1.1 200 OK\r\n"
        assert f" on {path}" in shop.eggd("status", str(shop.app)).stdout
        suite.process.terminate()
        suite.rest()
    assert not path.exists()


def test_the_config_chooses_a_unix_socket(shop: Here) -> None:
    """Owner and mode may be in the project's table (process:CL-40)."""
    path = shop.home / "http.sock"
    config = f"cluster = {{'listen': {{'path': '{path}'}}}}\n"
    project = '[project]\nname = "shop"\n[tool.eggd.start]\nowner = ":www-data"\n'
    shop.write({"config/config_default.py": config, "pyproject.toml": project})
    with shop.foreground("--workers", "1") as suite:
        assert suite.ready() == str(path)
        assert (path.group(), stat.S_IMODE(path.stat().st_mode)) == ("www-data", 0o660)


WRONG_SOCKETS = [
    (["unix:http.sock"], 2, "--port: unix:http.sock: the path must be absolute, such as unix:/run"),
    (["unix:/" + "x" * 107], 2, "the path of a Unix socket has at most 107 bytes"),
    (["unix:{app}/pyproject.toml"], 1, "is already in use ({app}/pyproject.toml exists and is not"),
    (["unix:{app}"], 1, "is already in use ({app} is a directory: add a name, such as {app}/http"),
    (["unix:{app}/a/b"], 1, "{app}/a/b: No such file or directory (create its directory)"),
    (["unix:{app}/a", "--owner", "rot"], 2, "user 'rot' does not exist (did you mean 'root'?)"),
    (["unix:{app}/a", "--mode", "8"], 2, "--mode: '8' must be an octal number from 0200 to 0777"),
    (["127.0.0.1:0", "--mode", "600"], 2, "--mode has an effect on unix:PATH only, not on 127.0"),
]


@pytest.mark.parametrize(("port", "code", "text"), WRONG_SOCKETS)
def test_a_wrong_unix_socket_is_one_line(shop: Here, port: list[str], code: int, text: str) -> None:
    given = [each.format(app=shop.app) for each in port]
    done = shop.eggd("start", str(shop.app), "--workers", "1", "--port", *given)
    assert (done.returncode, "Traceback" in done.stderr + done.stdout) == (code, False)
    assert text.format(app=shop.app) in done.stderr + done.stdout
