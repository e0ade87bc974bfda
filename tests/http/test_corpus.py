"""The corpus: every file is one request, valid or malformed.

It is sent at once, byte by byte, and between two other requests on one connection. A file begins
with `# STATUS`, the expected answer; for a valid request, METHOD TARGET VERSION HOST BODY as the
handler sees them follow the status. Then `# close` or `# keep` may state whether the connection is
closed; without either, HTTP/1.1 keeps the connection open and HTTP/1.0 closes it. The rest is the
request: line ends of the file are ignored; `\\r \\n \\t \\\\ \\xHH` are escapes; `\\zN` is the
letter z, N times.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eggd.http.config import HttpConfig
from tests.http.fake import Client, summary

REQUESTS = Path(__file__).parent / "requests"
VALID = sorted((REQUESTS / "valid").glob("*.http"))
INVALID = sorted((REQUESTS / "invalid").glob("*.http"))
GOOD = b"GET /good HTTP/1.1\r\nHost: a\r\n\r\n"
CONFIG = HttpConfig(body_limit=10_000)
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}


def read(path: Path) -> tuple[list[str], bytes]:
    lines = path.read_text("ascii").splitlines()
    expected = [line[2:] for line in lines if line.startswith("# ")]
    source = "".join(lines[len(expected) :])
    parts = re.split(r"\\(x[0-9a-f]{2}|z\d+|[rnt\\])", source)
    return expected, b"".join(
        _unescape(part) if number % 2 else part.encode() for number, part in enumerate(parts)
    )


def _unescape(escape: str) -> bytes:
    if escape[0] == "x":
        return bytes([int(escape[1:], 16)])
    return b"z" * int(escape[1:]) if escape[0] == "z" else ESCAPES[escape]


def request_name(path: Path) -> str:
    return path.stem


def outcome(client: Client) -> list[str]:
    return [f"{answer.status} {answer.body.decode()}" for answer in client.answers]


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("path", VALID, ids=request_name)
async def test_valid(path: Path, step: int) -> None:
    expected, data = read(path)
    client = Client(summary, CONFIG)
    await client.send(data, step)
    assert outcome(client) == [line for line in expected if line[0].isdigit()]
    assert client.done == ("close" in expected or (" 1.0 " in expected[0] and len(expected) == 1))


@pytest.mark.parametrize("path", VALID, ids=request_name)
async def test_valid_between_others(path: Path) -> None:
    expected, data = read(path)
    client = Client(summary, CONFIG)
    await client.send(GOOD + data + GOOD)
    good = "200 GET /good 1.1 a b''"
    after = [] if client.done else [good]
    assert outcome(client) == [good, *(line for line in expected if line[0].isdigit()), *after]


@pytest.mark.parametrize("path", INVALID, ids=request_name)
async def test_invalid(path: Path) -> None:
    """The answer is the error page and nothing else (core:APP-8, X-1, process:CL-94)."""
    expected, data = read(path)
    # Long requests are sent in larger pieces, for time.
    for step in (0, 1 if len(data) < 4000 else 97):
        client = Client(summary, CONFIG)
        await client.send(data, step)
        assert [answer.status for answer in client.answers] == [int(expected[0])]
        assert client.answers[0].headers["connection"] == "close"
        assert client.done


@pytest.mark.parametrize("path", INVALID, ids=request_name)
async def test_invalid_between_others(path: Path) -> None:
    expected, data = read(path)
    client = Client(summary, CONFIG)
    await client.send(GOOD + data + GOOD)
    assert [answer.status for answer in client.answers] == [200, int(expected[0])]
    assert client.done
