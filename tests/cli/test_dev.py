"""`eggd dev`: what was saved last is served; an error is shown once, and survived."""

import os
import queue
import socket
import subprocess
from collections.abc import Iterator

import pytest

from eggd import FileChange, Watching
from tests.cli.supervised import APP, Foreground, Here, free_port, get, here
from tests.polling import await_that
from tests.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

ROUTER = APP["app/router.py"]
BROKEN = "def router(app)\n"
ANSWER = """
    async def answer(ctx):
        ctx.body = "{}"


    def router(app):
        app.router.get("/", answer)
"""


@pytest.fixture
def shop() -> Iterator[Here]:
    with here() as made:
        made.verb = "dev"
        yield made


@pytest.fixture
def port() -> str:
    return free_port()


def told(suite: Foreground, text: str) -> list[str]:
    return [line for line in suite.lines if text in line]


def test_a_save_is_served_by_a_new_worker_before_the_old_one_goes(shop: Here, port: str) -> None:
    """The env is local, with one worker; the URL is printed (core:BIN-4, BIN-7; process:CL-100)."""
    with shop.foreground("--port", port, EGG_LOG="info") as suite:
        assert suite.wait("ready: http").split()[1] == f"http://127.0.0.1:{port}"
        before = get(f"http://127.0.0.1:{port}")
        shop.write({"app/router.py": ROUTER + "\n        # saved\n"})
        suite.wait("egg-master[", "reloaded (", "app/router.py")
        assert get(f"http://127.0.0.1:{port}") != before
        assert told(suite, f"{shop.app.name} in local")
        said = [line.partition("]: ")[2] for line in told(suite, "egg-master[")]
        new = said.index("egg-worker@2.service: ready\n")
        assert new < said.index("egg-worker@1.service: exited with 0\n")
        suite.process.terminate()
        suite.rest()
        assert suite.process.returncode == 0


def test_it_is_local_whatever_the_app_says(shop: Here, port: str) -> None:
    """The environment is local even if the file config/env names another one (core:BIN-4)."""
    shop.write({"config/env": "blue\n"})
    with shop.foreground("--port", port, EGG_LOG="info") as suite:
        suite.wait("ready: http")
        assert told(suite, f"agent of {shop.app.name} (local) is ready")


def test_a_start_prints_the_url_and_what_the_app_logs(shop: Here, port: str) -> None:
    """Lines of eggd itself are shown with EGG_LOG=info, and written to the files in any case."""
    shop.write(
        {
            "app.py": """
                from eggd import Boot


                class AppBoot(Boot):
                    def did_load(self):
                        self.app.logger.info("loaded %s", "it")
                """
        }
    )
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        get(f"http://127.0.0.1:{port}")
        suite.wait("GET /] 200")
        lines = [line.rpartition("]: ")[2].rstrip() for line in suite.lines]
        loaded, ready, request = lines
        assert loaded == "loaded it"
        assert ready == f"ready: http://127.0.0.1:{port}  (env local; Ctrl-C stops)"
        assert request.startswith("[-/127.0.0.1/")


def test_stubs_are_written_anew_after_a_save(shop: Here, port: str) -> None:
    """The application has the folder typings/eggd: `eggd types` was run once."""
    stub = "typings/eggd/members.pyi"
    shop.write({stub: ""})
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        until_in(shop, stub, "class Services")
        shop.write({"app/service/cart.py": "from eggd import Service\nclass Cart(Service): ...\n"})
        suite.wait("egg-master[", "reloaded (")
        until_in(shop, stub, "cart: ")


def until_in(shop: Here, name: str, text: str) -> None:
    """Waits until a file of the application contains a text."""
    changes: queue.SimpleQueue[list[FileChange]] = queue.SimpleQueue()
    path = shop.app / name
    watching = Watching(changes.put, lambda problem: None)
    watching.watch([str(path)], lambda: changes.put([]))
    try:
        while text not in path.read_text():
            changes.get(timeout=30)
    finally:
        watching.close()


def test_a_syntax_error_is_shown_once_and_the_old_code_serves_on(shop: Here, port: str) -> None:
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        before = get(f"http://127.0.0.1:{port}")
        shop.write({"app/router.py": BROKEN})
        suite.wait("failed, see above: the old code keeps serving")
        assert get(f"http://127.0.0.1:{port}") == before
        shop.write({"app/router.py": ANSWER.format("repaired")})
        suite.wait("reloaded (")
        assert get(f"http://127.0.0.1:{port}") == "repaired"
        assert len(told(suite, "SyntaxError")) == 1


LIB = {
    "lib/text.py": "HI = 'one'\n",
    "app/router.py": """
        from lib.text import HI


        def router(app):
            app.router.get("/", lambda ctx: HI)
    """,
}


def test_a_save_in_lib_is_served(shop: Here, port: str) -> None:
    shop.write(LIB)
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        assert get(f"http://127.0.0.1:{port}") == "one"
        shop.write({"lib/text.py": "HI = 'two'\n"})
        suite.wait("reloaded (", "lib/text.py")
        assert get(f"http://127.0.0.1:{port}") == "two"


def test_a_save_of_the_agent_starts_it_anew(shop: Here, port: str) -> None:
    agent = """
        from eggd import Boot

        class AgentBoot(Boot):
            async def did_load(self):
                self.logger.info("agent {}")
    """
    shop.write({"agent.py": agent.format("one")})
    with shop.foreground("--port", port) as suite:
        suite.wait("agent one")
        suite.wait("ready: http")
        shop.write({"agent.py": agent.format("two")})
        suite.wait("agent two")
        suite.wait("reloaded (", "agent.py")


def test_information_of_the_app_is_shown(shop: Here, port: str) -> None:
    """In local the terminal shows INFO, as in Egg (process:LOG-4, LOG-5)."""
    text = ANSWER.format("ok").replace("ctx.body", 'ctx.logger.info("seen it")\n        ctx.body')
    shop.write({"app/router.py": text})
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        get(f"http://127.0.0.1:{port}")
        suite.wait("seen it")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("app/router.py", BROKEN),
        ("agent.py", "1 / 0\n"),
        ("config/config_default.py", "a = \n"),
        ("config/plugin.py", "a = 5\n"),
    ],
)
def test_an_error_at_the_first_boot_is_survived_and_repaired_by_a_save(
    shop: Here, port: str, file: str, text: str
) -> None:
    good = {"app/router.py": ANSWER.format("up"), "agent.py": ""}.get(file, "")
    shop.write({"app/router.py": ANSWER.format("up"), file: text})
    with shop.foreground("--port", port) as suite:
        suite.wait("failed, see above: nothing serves yet")
        if file == "agent.py":
            (shop.app / file).unlink()
        else:
            shop.write({file: good})
        suite.wait("ready: http")
        assert get(f"http://127.0.0.1:{port}") == "up"
        assert len([line for line in suite.lines if f"{file}:1" in line or "'a'" in line]) <= 1


def test_a_second_save_while_a_worker_hangs_in_its_start_is_not_kept_waiting(
    shop: Here, port: str
) -> None:
    hanging = """
        import asyncio
        from eggd import Boot

        class AppBoot(Boot):
            async def will_ready(self):
                self.app.core_logger.warning("hanging")
                await asyncio.Event().wait()
    """
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        shop.write({"app.py": hanging})
        suite.wait("hanging")
        shop.write({"app.py": APP["app.py"], "app/router.py": ANSWER.format("second")})
        suite.wait("reloaded (")
        assert get(f"http://127.0.0.1:{port}") == "second"


def test_a_taken_port_is_an_error_where_it_was_asked_for(shop: Here) -> None:
    # core:BIN-5
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = str(sock.getsockname()[1])
        done = shop.eggd("dev", str(shop.app), "--port", port)
        assert done.returncode == 1
        assert f"127.0.0.1:{port} is already in use" in done.stderr
        shop.write({"config/config_local.py": f"cluster = {{'listen': {{'port': {port}}}}}\n"})
        done = shop.eggd("dev", str(shop.app))
        assert f"127.0.0.1:{port} is already in use" in done.stderr


def test_without_a_given_port_the_next_free_one_is_used_and_printed(shop: Here, port: str) -> None:
    """The default port is EGG_BIN_DEFAULT_PORT, else 7001 (core:BIN-5)."""
    with socket.create_server(("127.0.0.1", int(port))):
        with shop.foreground(EGG_BIN_DEFAULT_PORT=port) as suite:
            url = suite.wait("ready: http").split()[1]
            free = url.rpartition(":")[2]
            assert int(free) > int(port)
            suite.process.terminate()
            suite.rest()
            assert suite.process.stderr is not None
            text = suite.process.stderr.read()
    assert text == f"port {port} is in use, using port {free}\n"


def test_a_framework_that_is_not_there_is_named(shop: Here, port: str) -> None:
    # core:BIN-6
    with shop.foreground("--port", port, "--framework", "acme_nowhere") as suite:
        assert "acme_nowhere" in suite.wait("egg-agent[", "acme_nowhere")
        suite.wait("nothing serves yet")


def test_a_link_to_itself_stops_nothing(shop: Here, port: str) -> None:
    """A folder of the app may have one (ELOOP): it is neither a folder nor a file."""
    shop.write({"app/public/a.css": ""})
    (shop.app / "app/public/loop").symlink_to("loop")
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")
        shop.write({"app/router.py": ROUTER + "\n        # saved\n"})
        suite.wait("egg-master[", "reloaded (", "app/router.py")
        assert told(suite, "Too many levels") == []


def test_a_wrong_job_is_one_line(shop: Here, port: str) -> None:
    """No plugin fails at the end of an agent whose config hooks failed."""
    shop.write(
        {
            "app/schedule/a.py": """
        schedule = {"type": "worker", "cron": "x"}

        def task(ctx): ...
        """
        }
    )
    with shop.foreground("--port", port) as suite:
        assert "app/schedule/a.py:1: schedule: cron 'x': has 1 field " in suite.wait("egg-agent[")
        suite.wait("nothing serves yet")
        assert told(suite, "Traceback") == []


def test_a_folder_that_is_not_an_app(shop: Here) -> None:
    done = shop.eggd("dev", str(shop.home))
    assert done.returncode == 1
    assert "pyproject.toml is missing" in done.stderr


def told_status(shop: Here) -> str:
    """Returns the output of `eggd status`."""
    return shop.eggd("status", str(shop.app)).stdout


def test_the_commands_find_it(shop: Here, port: str) -> None:
    with shop.foreground("--port", port) as suite:
        suite.wait("ready: http")  # with fast_ready, the worker's hooks may run on
        started = f"running: {shop.app.name} (local) in "
        await_that(lambda: told_status(shop).startswith(started), "started suite")
        assert f"egg-dev-{shop.app.name} [" in told_status(shop)
        again = shop.eggd("dev", str(shop.app))
        assert f"is already running as egg-dev-{shop.app.name}" in again.stderr
        assert shop.eggd("stop", str(shop.app)).returncode == 0
        suite.rest()
        assert suite.process.returncode == 0


DEBUGGED = """
    async def answer(ctx):
        word = "before"
        breakpoint()
        ctx.body = word


    def router(app):
        app.router.get("/", answer)
"""


def test_debug_opens_pdb_on_the_terminal(shop: Here, port: str) -> None:
    """Without debugpy; the watchdog does not kill a process at a breakpoint (core:BIN-8)."""
    shop.write({"app/router.py": DEBUGGED})
    main, side = os.openpty()
    command = shop.command("dev", str(shop.app), "--port", port, "--debug")
    env = shop.environ(PYTHONPATH=f"{shop.environ()['PYTHONPATH']}:{no_debugpy(shop)}")
    with Program[bytes](
        command, env=env, stdin=side, stdout=side, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        os.close(side)
        try:
            assert "breakpoint() in the worker opens pdb here" in until(main, "ready: ")
            with socket.create_connection(("127.0.0.1", int(port)), 60) as sock:
                sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                until(main, "(Pdb) ")
                os.write(main, b"word = 'after'\n")
                until(main, "(Pdb) ")
                os.write(main, b"c\n")
                answer = b""
                while b"after" not in answer:
                    piece = sock.recv(9999)
                    assert piece, answer
                    answer += piece
        finally:
            process.kill()
            os.close(main)


def no_debugpy(shop: Here) -> str:
    """A folder in which debugpy cannot be imported, whatever is installed."""
    folder = shop.home / "without"
    folder.mkdir()
    (folder / "debugpy.py").write_text("raise ImportError\n")
    return str(folder)


def until(terminal: int, text: str) -> str:
    """Reads a terminal until it shows a text; returns all that was read."""
    data = b""
    while text.encode() not in data:
        data += os.read(terminal, 65536)
    return data.decode(errors="replace")


@pytest.mark.parametrize("which", ["worker", "agent"])
def test_debug_runs_a_process_under_debugpy(shop: Here, port: str, which: str) -> None:
    # core:BIN-8, process:CL-103
    own = free_port()
    variable = {f"EGG_{which.upper()}_DEBUG_PORT": own}
    with shop.foreground("--port", port, "--debug", which, **variable) as suite:
        suite.wait("ready: http")
        socket.create_connection(("127.0.0.1", int(own)), 60).close()
        assert get(f"http://127.0.0.1:{port}").isdecimal()
