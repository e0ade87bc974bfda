"""`logger.flush = "request"`: a line of a request is in its file before its answer arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.serving import served

ROUTER = """
from eggd import HttpError

def hello(ctx):
    ctx.logger.info("asked for %s", ctx.path)
    ctx.before_send(lambda: ctx.logger.info("before the answer"))
    return "hi"

async def stream(ctx):
    ctx.logger.info("streamed")
    async def pieces():
        yield b"one"
    ctx.body = pieces()

def fail(ctx):
    ctx.logger.info("about to fail")
    raise HttpError(409, "no")

def quiet(ctx):
    return "quiet"

def router(app):
    app.get("/hello", hello)
    app.get("/stream", stream)
    app.get("/fail", fail)
    app.get("/quiet", quiet)
"""
SLOW = "'flush_interval': 3600.0, 'buffer': True"


@pytest.mark.parametrize(
    ("path", "status", "lines"),
    [
        ("/hello", 200, ["asked for /hello", "before the answer"]),
        ("/stream", 200, ["streamed"]),
        ("/fail", 409, ["about to fail"]),
        ("/quiet", 200, []),
    ],
)
def test_lines_are_written_before_the_answer(
    tmp_path: Path, path: str, status: int, lines: list[str]
) -> None:
    """A worker that is killed after an answer keeps its lines (process:LOG-65)."""
    config = f"logger = {{'flush': 'request', {SLOW}}}\n"
    with served(
        tmp_path / "shop", {"app/router.py": ROUTER, "config/config_default.py": config}
    ) as client:
        assert client.ask("GET", path).status == status
        text = "".join(each.read_text() for each in client.log_dir.glob("*-web.log"))
        assert [line for line in lines if line not in text] == []


def test_without_it_lines_wait(tmp_path: Path) -> None:
    """By default lines of answered requests are in memory for a while (process:LOG-60, LOG-65)."""
    config = f"logger = {{{SLOW}}}\n"
    with served(
        tmp_path / "shop", {"app/router.py": ROUTER, "config/config_default.py": config}
    ) as client:
        assert client.ask("GET", "/hello").status == 200
        texts = [each.read_text() for each in client.log_dir.glob("*.log")]
        assert not [text for text in texts if "asked for" in text]
