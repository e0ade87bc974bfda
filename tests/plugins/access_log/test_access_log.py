"""One line for each request, after its answer."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.testing.client import Client
from eggd.testing.running_app import RunningApp
from tests.app.loading import loaded
from tests.app.serving import served

ON = "security = False\nonerror = False\naccess_log = True\n"
ROUTER = """
from eggd import HttpError

def hello(ctx):
    ctx.user_id = "ann"
    return "hi"

async def stream(ctx):
    async def pieces():
        yield b"one"
        yield b"three"
    ctx.body = pieces()

def fail(ctx):
    raise HttpError(503, "no")

def router(app):
    app.get("/hello", hello)
    app.get("/stream", stream)
    app.get("/fail", fail)
"""
AGENT = {"User-Agent": 'curl "8"', "Referer": "https://a.example/?token=s3cr3tvalue"}


def lines(root: Path, options: str, *paths: str) -> list[str]:
    """Returns the lines of the access log after requests of these paths."""
    files = {
        "config/plugin.py": ON,
        "config/config_default.py": f"access_log = {options}\n",
        "app/router.py": ROUTER,
    }
    with served(root / "shop", files) as client:
        for path in paths:
            client.ask("GET", path, headers=AGENT)
        log_dir = client.log_dir
    return (log_dir / "access.log").read_text().splitlines()


def test_the_combined_format(tmp_path: Path) -> None:
    """Secrets of a query are masked, quotes are escaped (process:LOG-72)."""
    hello, stream, missing = lines(tmp_path, "{}", "/hello?token=s3cr3tvalue", "/stream", "/no")
    time = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
    assert re.fullmatch(
        rf'127\.0\.0\.1 - ann {time} "GET /hello\?token=\*\*\* HTTP/1\.1" 200 2'
        r' "https://a\.example/\?token=\*\*\*" "curl \\"8\\""',
        hello,
    )
    assert "- - [" in stream
    assert '"GET /stream HTTP/1.1" 200 8 ' in stream
    assert '"GET /no HTTP/1.1" 404 ' in missing


def test_each_request_of_a_connection_has_its_own_fields(tmp_path: Path) -> None:
    """Fields that a client repeats are formatted once, and other ones on its connection, too."""
    files = {
        "config/plugin.py": ON,
        "app/router.py": ROUTER,
        "app/extend/context.py": "class Context:\n    user_id = ''\n",
    }
    requests = [
        ("/no", "HTTP/1.1", "a"),
        ("/gone", "HTTP/1.1", "a"),
        ('/no"ne', "HTTP/1.1", "b"),
        ("/hello", "HTTP/1.0", "b"),
    ]
    with served(tmp_path / "shop", files) as client:
        with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
            for path, version, agent in requests:
                head = f"GET {path} {version}\r\nHost: a\r\nUser-Agent: {agent}\r\n\r\n"
                connection.sendall(head.encode())
            while connection.recv(65536):
                pass
        log_dir = client.log_dir
    lines = (log_dir / "access.log").read_text().splitlines()
    assert [re.sub(r" \[.*\]", "", line) for line in lines] == [
        '127.0.0.1 - - "GET /no HTTP/1.1" 404 22 "-" "a"',
        '127.0.0.1 - - "GET /gone HTTP/1.1" 404 22 "-" "a"',
        r'127.0.0.1 - - "GET /no\"ne HTTP/1.1" 404 22 "-" "b"',
        '127.0.0.1 - ann "GET /hello HTTP/1.0" 200 2 "-" "b"',
    ]


def test_the_address_of_a_proxy_and_of_the_app(tmp_path: Path) -> None:
    """The address is `ctx.ip`, also if the app assigns it."""
    router = ROUTER.replace('return "hi"', 'ctx.ip = "2001:db8::1"')
    files = {
        "config/plugin.py": ON,
        "config/config_default.py": "proxy = True",
        "app/router.py": router,
    }
    with served(tmp_path / "shop", files) as client:
        for address in ("192.0.2.1", "192.0.2.2"):
            client.get("/stream", **{"X-Forwarded-For": address})
        client.get("/hello")
        log_dir = client.log_dir
    lines = (log_dir / "access.log").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["192.0.2.1", "192.0.2.2", "2001:db8::1"]


def test_lines_on_the_console_follow_its_level(
    start_app: Callable[..., RunningApp],
    make_app: Callable[..., Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each request has a line on the console while that shows INFO."""
    running = start_app(make_app({"config/plugin.py": ON, "app/router.py": ROUTER}))
    shown = []
    for level in ("INFO", "WARN", "INFO"):
        running.app.loggers.set_console_level(level)
        capfd.readouterr()
        assert Client(running).get("/hello").status == 200
        shown += [(level, line) for line in capfd.readouterr().err.splitlines()]
    assert [level for level, _ in shown] == ["INFO", "INFO"]
    assert "GET /hello] 200 2 bytes, " in shown[0][1]


def test_the_common_format(tmp_path: Path) -> None:
    """The common format ends with the number of bytes (process:LOG-72)."""
    [line] = lines(tmp_path, "{'format': 'common'}", "/hello")
    assert line.endswith('] "GET /hello HTTP/1.1" 200 2')


def test_json(tmp_path: Path) -> None:
    """JSON has the time spent and the trace (process:LOG-72)."""
    [line] = lines(tmp_path, "{'format': 'json'}", "/hello")
    data = json.loads(line)
    assert (data["status"], data["bytes"], data["user"]) == (200, 2, "ann")
    assert data["ms"] > 0
    assert re.fullmatch("[0-9a-f]{32}", data["trace_id"])


def test_a_sample_has_all_failures(tmp_path: Path) -> None:
    """A sample leaves out no answer of 500 and above (process:LOG-72)."""
    [line] = lines(tmp_path, "{'sample': 0}", "/hello", "/fail", "/hello")
    assert '"GET /fail HTTP/1.1" 503' in line


def test_ignored_paths(tmp_path: Path) -> None:
    """Requests of a health check have no lines."""
    [line] = lines(tmp_path, "{'ignore': '/hello'}", "/hello", "/stream")
    assert "/stream" in line


def test_a_share_above_one_is_an_error(tmp_path: Path) -> None:
    """A mistake in the section ends the start."""
    files = {"config/plugin.py": ON, "config/config_default.py": "access_log = {'sample': 2}\n"}
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", files)
    assert "access_log.sample must be a number from 0 to 1, not 2" in caught.value.line
