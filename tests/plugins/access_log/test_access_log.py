"""One line for each request, after its answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from eggd.errors import EggError
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
    assert "access_log.sample must be from 0 to 1, not 2" in caught.value.line
