"""An app behind nginx, as docs/proxies.md shows it: what a client can and cannot make up."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app.serving import served
from tests.interop.test_egg import await_pid
from tests.interop.test_migrate import MAIN
from tests.ports import free_port
from tests.program import Program

PAGE = Path(__file__).parents[2] / "docs/proxies.md"
ROUTER = """
def show(ctx):
    ctx.body = f"{ctx.ip} {ctx.ips} {ctx.protocol} {ctx.host}"

def router(app):
    app.get("/", show)
"""
EVIL = ("X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "Host: evil.example")


def block(pattern: str) -> str:
    found = re.search(pattern, PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[0]


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[int]:
    """Runs nginx with the page's `server` in front of the port; yields its own."""
    front = free_port()
    text = block(r"^    server \{.*?^    \}$")
    text = text.replace("listen 80", f"listen 127.0.0.1:{front}").replace("7001", str(port))
    (folder / "shop.conf").write_text(text)
    (folder / "main").write_text(MAIN.format(folder=folder))
    command = ["/usr/sbin/nginx", "-c", str(folder / "main")]
    process = Program[bytes](command, stderr=subprocess.DEVNULL)
    try:
        await_pid(folder / "pid", process)
        yield front
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize(
    ("config", "seen"),
    [
        (block(r"^    proxy = True\n    trusted_proxies = \[.*?$"), "127.0.0.2 ['127.0.0.2'] http"),
        ("    proxy = True\n    trusted_proxies = ['10.0.0.0/8']", "127.0.0.1 [] http"),
        ("    proxy = True", "6.6.6.6 ['6.6.6.6', '127.0.0.2'] http"),
    ],
)
def test_a_client_that_makes_up_its_address(tmp_path: Path, config: str, seen: str) -> None:
    """The client has another address than nginx, which overwrites the protocol."""
    files = {"config/config_default.py": config, "app/router.py": ROUTER}
    with served(tmp_path / "shop", files) as client, nginx(tmp_path, client.port) as front:
        fields = [option for field in EVIL for option in ("-H", field)]
        command = ["curl", "-sS", "-m5", "--interface", "127.0.0.2", *fields]
        answer = subprocess.check_output([*command, f"http://127.0.0.1:{front}/"], text=True)
        assert answer == f"{seen} evil.example"
