"""The programs curl and wrk accept eggd's answers."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

import pytest

from tests.app.serving import Client
from tests.peers.app import BEYOND, CHUNKS, NUMBERS

pytestmark = pytest.mark.slow

FORMAT = "\\n%{http_version} %{http_code} %{size_download} %{num_connects}"

TABLE: list[tuple[list[str], str, str, str]] = [
    # options, path, what -w says, the body
    ([], "/hello", "1.1 200 5 1", "hello"),
    (["--http1.0"], "/hello", "1.1 200 5 1", "hello"),
    (["--head"], "/hello", "1.1 200 0 1", ""),
    ([], "/nothing", "1.1 204 0 1", ""),
    ([], "/chunks", f"1.1 200 {len(CHUNKS)} 1", CHUNKS),
    (["--http1.0"], "/chunks", f"1.1 200 {len(CHUNKS)} 1", CHUNKS),
    (["-r", "5-8"], "/file", "1.1 206 4 1", NUMBERS[5:9]),
    (["-r", "-5"], "/file", "1.1 206 5 1", NUMBERS[-5:]),
    (["-r", "999999-"], "/file", f"1.1 416 {len(BEYOND)} 1", BEYOND),
    (["-d", "a=1"], "/echo", "1.1 200 9 1", '{"a":"1"}'),
    (["-H", "Transfer-Encoding: chunked", "-d", "a=1"], "/echo", "1.1 200 9 1", '{"a":"1"}'),
    (["-H", "Expect: 100-continue", "-d", "a=1"], "/echo", "1.1 200 9 1", '{"a":"1"}'),
    (["-X", "PROPFIND"], "/hello", "1.1 501 28 1", "<h1>501 Not Implemented</h1>"),
]


def curl(client: Client, *arguments: str) -> str:
    """Returns what curl printed; AssertionError where it found fault with an answer."""
    done = subprocess.run(
        ["curl", "-sS", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(("options", "path", "said", "body"), TABLE)
def test_curl(client: Client, options: list[str], path: str, said: str, body: str) -> None:
    url = f"http://127.0.0.1:{client.port}{path}"
    output, _, figures = curl(client, "-w", FORMAT, *options, url).rpartition("\n")
    assert figures == said
    if "--head" not in options:
        assert output == body


def test_curl_keeps_one_connection(client: Client) -> None:
    paths = ("hello", "nothing", "chunks", "file", "missing", "hello")
    urls = [f"http://127.0.0.1:{client.port}/{path}" for path in paths]
    output = curl(client, "-w", "%{num_connects}", "-o", "/dev/null", *_each(urls))
    assert output == "1" + "0" * (len(urls) - 1)


def _each(urls: list[str]) -> list[str]:
    return [part for url in urls for part in (url, "-o", "/dev/null")]


def test_curl_resumes_and_asks_whether_it_changed(client: Client, tmp_path: Path) -> None:
    url, part, tag = f"http://127.0.0.1:{client.port}/file", tmp_path / "part", tmp_path / "tag"
    part.write_text(NUMBERS[:1234])
    curl(client, "-C", "-", "-o", str(part), url)
    assert part.read_text() == NUMBERS
    curl(client, "--etag-save", str(tag), "-o", "/dev/null", url)
    said = curl(client, "--etag-compare", str(tag), "-w", "%{http_code}", url)
    assert said == "304"


def test_curl_sends_what_is_compressed(client: Client, tmp_path: Path) -> None:
    body = tmp_path / "body.gz"
    body.write_bytes(gzip.compress(b'{"a": "' + b"x" * 100_000 + b'"}'))
    fields = ("-H", "Content-Type: application/json", "-H", "Content-Encoding: gzip")
    url = f"http://127.0.0.1:{client.port}/echo"
    assert len(curl(client, *fields, "--data-binary", f"@{body}", url)) == 100_008


def test_curl_reads_events(client: Client) -> None:
    text = curl(
        client, "-N", "-H", "Accept: text/event-stream", f"http://127.0.0.1:{client.port}/news"
    )
    assert text.split("\n\n")[2] == "event: named\nid: 2\ndata: two\ndata: lines"


@pytest.mark.parametrize("path", ["/hello", "/chunks", "/file"])
def test_wrk_finds_no_fault(client: Client, path: str) -> None:
    done = subprocess.run(
        ["wrk", "-t1", "-c8", "-d1s", "--timeout", "20s", f"http://127.0.0.1:{client.port}{path}"],
        capture_output=True,
        text=True,
        check=True,
    )
    counted = re.search(r"(\d+) requests in", done.stdout)
    assert counted is not None, done.stdout
    assert int(counted[1]) > 0
    assert "errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
