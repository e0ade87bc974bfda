"""Real clients: curl, requests, Node's fetch, Chromium's form and fetch, also through nginx."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.test_uploads import NGINX
from tests.plugins.development.browser import browser
from tests.plugins.uploads.forms import ROUTER, TYPE, Site, field, file, form, part, site
from tests.polling import await_server, is_open
from tests.ports import free_port
from tests.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

NAME = "grün €.png"
CONTENT = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000
TOO_LARGE = 20_000_000
TIMEOUT = 60

REQUESTS = """
import sys, requests
url, name, path = sys.argv[1:]
files = {"f": (name, open(path, "rb"), "image/png")}
answer = requests.post(url, data={"a": "ü"}, files=files, timeout=60)
print(answer.status_code)
print(answer.text)
"""
NODE = """
const [url, name, path] = process.argv.slice(1);
const {readFileSync} = require("fs");
const form = new FormData();
form.append("a", "ü");
form.append("f", new Blob([readFileSync(path)], {type: "image/png"}), name);
fetch(url, {method: "POST", body: form}).then(async answer => {
    console.log(answer.status);
    console.log(await answer.text());
});
"""
PAGE = """

    PAGE = '''<!doctype html><meta charset=utf-8><form method=post action=/save
        enctype=multipart/form-data><input name=a value="ü"><input type=file name=f id=f>
        <input type=file name=empty></form>'''

    def pages(app):
        app.get("/page", lambda ctx: PAGE)
"""
CHOOSE = """
    const size = %d, bytes = new Uint8Array(size);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
    window.file = new File([bytes], "grün €.png", {type: "image/png"});
"""
SUBMIT = """
    const chosen = new DataTransfer();
    chosen.items.add(window.file);
    document.getElementById("f").files = chosen.files;
    document.forms[0].submit();
"""
FETCH = """
    const form = new FormData();
    form.append("a", "ü");
    form.append("f", window.file);
    return fetch("/save", {method: "POST", body: form}).then(
        async answer => [answer.status, await answer.text()], error => [0, String(error)]);
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    router = ROUTER.replace("        app.get(", "        pages(app)\n        app.get(", 1) + PAGE
    with site(tmp_path_factory.mktemp("clients"), router=router) as running:
        yield running


@pytest.fixture(scope="module", params=["direct", "nginx", "nginx without a buffer"])
def port(
    request: pytest.FixtureRequest, shop: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The port of the app, or of an nginx in front of it."""
    if request.param == "direct":
        yield shop.client.port
        return
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    buffering = "off" if "without" in request.param else "on"
    values = {"folder": folder, "port": port, "behind": shop.client.port, "buffering": buffering}
    (folder / "nginx.conf").write_text(NGINX.format(**values))
    command = ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf")]
    process = Program[bytes](command, stderr=subprocess.DEVNULL)
    try:
        await_server(process, lambda: is_open(port))
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    """A file to upload."""
    path = tmp_path / "chosen"
    path.write_bytes(CONTENT)
    return path


def run(*command: str | Path) -> tuple[int, str]:
    """Returns the status and the text that a client prints."""
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    status, _, text = done.stdout.decode().partition("\n")
    return int(status), text


def by_curl(url: str, path: Path) -> tuple[int, str]:
    part = f'f=@{path};type=image/png;filename="{NAME}"'
    out = path.with_suffix(".out")
    fields = ("-F", "a=ü", "-F", part)
    status, _ = run("curl", "-sS", "-o", out, "-w", "%{http_code}\n", *fields, url)
    return status, out.read_text()


def by_requests(url: str, path: Path) -> tuple[int, str]:
    return run(sys.executable, "-c", REQUESTS, url, NAME, path)


def by_undici(url: str, path: Path) -> tuple[int, str]:
    """Uploads with Node's fetch, which is undici."""
    return run("node", "-e", NODE, "--", url, NAME, path)


CLIENTS = [by_curl, by_requests, by_undici]


def check(data: Any, size: int, digest: str = "") -> None:
    """Checks the answer to an upload."""
    [file] = data["files"]
    assert data["fields"] == {"a": "ü"}
    assert (file["field"], file["filename"], file["mime"]) == ("f", NAME, "image/png")
    assert (file["size"], file["detected"]) == (size, "image/png")
    assert digest in ("", file["sha256"])
    Path(file["path"]).unlink()


@pytest.mark.parametrize("ask", CLIENTS)
def test_a_client(port: int, chosen: Path, ask: Callable[[str, Path], tuple[int, str]]) -> None:
    """The name, the type and the content arrive (process:MP-33)."""
    status, text = ask(f"http://127.0.0.1:{port}/save", chosen)
    assert status == 200, text
    check(json.loads(text), len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@pytest.mark.parametrize("ask", CLIENTS)
@pytest.mark.parametrize(
    ("path", "text"),
    [("/save", "Reach fileSize limit"), ("/stream", "Request file too large")],
)
def test_a_client_that_is_still_sending_gets_the_answer(
    shop: Site,
    port: int,
    chosen: Path,
    ask: Callable[[str, Path], tuple[int, str]],
    path: str,
    text: str,
) -> None:
    """Status and text of a limit, with 10 MB to come (process:MP-13)."""
    chosen.write_bytes(bytes(TOO_LARGE))
    status, answer = ask(f"http://127.0.0.1:{port}{path}", chosen)
    assert (status, text in answer) == (413, True)
    assert shop.files() == []


LIMITS = [
    ("fileSize", [file(content=bytes(10_500_000))]),
    ("files", [file(f"a{n}") for n in range(11)]),
    ("fieldSize", [field("a", "x" * 110_000)]),
    ("fields", [field(f"a{n}") for n in range(11)]),
    ("fieldNameSize", [field("a" * 100)]),
    ("parts", [part("attachment", b"")] * 41),
    ("headerSize", [field("a" * 9000)]),
]


@pytest.mark.parametrize(("limit", "parts"), LIMITS, ids=[each[0] for each in LIMITS])
def test_each_limit_has_its_answer_while_the_client_sends(
    shop: Site, port: int, limit: str, parts: list[bytes]
) -> None:
    """Its status, code and text, with 3 MB to come (process:MP-11, MP-13)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    body = form(*parts, file("rest", content=bytes(3_000_000)))
    connection.request("POST", "/save", body, {**TYPE, "Accept": "application/json"})
    answer = connection.getresponse()
    expected = {"code": f"Request_{limit}_limit", "message": f"Reach {limit} limit"}
    assert answer.status == (431 if limit == "headerSize" else 413)
    assert json.loads(answer.read()) == expected
    connection.close()
    assert shop.files() == []


def test_a_connection_is_kept_after_a_short_rest(shop: Site) -> None:
    """Less than 1 MiB behind a limit: the next request uses the connection (process:MP-13)."""
    connection = http.client.HTTPConnection("127.0.0.1", shop.client.port, timeout=TIMEOUT)
    body = form(file(content=bytes(10 * 1024 * 1024 + 500_000)))
    for _ in range(3):
        connection.request("POST", "/save", body, TYPE)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (413, "keep-alive")
        answer.read()
    connection.close()
    assert shop.files() == []


def test_a_form_and_fetch_of_chromium(shop: Site, port: int) -> None:
    """A file input that was left empty gives no part; a large file is refused, and the page gets
    the text (process:MP-21)."""
    with browser() as page:
        page.go(f"http://127.0.0.1:{port}/page")
        page.run(CHOOSE % 500_000)
        status, text = page.run(FETCH)
        assert status == 200, text
        check(json.loads(text), 500_000)
        page.run(SUBMIT)
        text = page.run("return document.body.innerText")
        while "files" not in text:
            text = page.run("return document.body.innerText")
        check(json.loads(text), 500_000)
        page.go(f"http://127.0.0.1:{port}/page")
        page.run(CHOOSE % TOO_LARGE)
        status, text = page.run(FETCH)
        assert (status, "Reach fileSize limit" in text) == (413, True)
    assert shop.files() == []
