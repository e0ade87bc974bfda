"""`examples/migrate`: paths move from Egg to eggd behind nginx, and no visitor notices."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app.serving import Client, served
from tests.house.imports import ROOT
from tests.interop import test_egg
from tests.interop.test_egg import await_pid, node
from tests.plugins.session.visitor import Visitor
from tests.ports import free_port
from tests.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLE = ROOT / "examples/migrate"
home = test_egg.home
MAIN = """
user root; daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
    fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    include {folder}/shop.conf;
}}
"""


@contextmanager
def egg(home: Path, folder: Path) -> Iterator[int]:
    """Runs the example's Egg with the packages of the other tests; yields its port."""
    shutil.copytree(EXAMPLE / "node", folder)
    (folder / "node_modules").symlink_to(home / "node_modules")
    environ = {**os.environ, "EGG_HOME": str(folder)}
    with node(["server.js", "0"], folder, environ) as port:
        yield port


@contextmanager
def eggd(folder: Path) -> Iterator[Client]:
    app = EXAMPLE / "python"
    files = {str(file.relative_to(app)): file.read_text() for file in app.rglob("*.*")}
    with served(folder, files, env="prod") as client:
        yield client


@contextmanager
def nginx(folder: Path, egg: int, eggd: int, moved: list[str]) -> Iterator[int]:
    """Runs nginx with the example's configuration, in which these paths have moved."""
    folder.mkdir()
    port = free_port()
    text = (EXAMPLE / "nginx.conf").read_text()
    for old, new in ((7001, egg), (7002, eggd), (8080, port)):
        text = text.replace(str(old), str(new))
    lines = "".join(f"    {path} eggd;\n" for path in moved)
    text, changes = re.subn(r"    /cart eggd;\n", lines, text)
    assert changes == 1
    (folder / "shop.conf").write_text(text)
    (folder / "main").write_text(MAIN.format(folder=folder))
    process = Program[bytes](["/usr/sbin/nginx", "-c", folder / "main"], stderr=subprocess.DEVNULL)
    try:
        await_pid(folder / "pid", process)
        yield port
    finally:
        process.terminate()
        process.wait()


STAGES = [[], ["/cart"], ["/cart", "/login"], ["/", "/cart", "/login", "/logout"], ["/cart"], []]
"""Paths that have moved: step by step to eggd, and back."""


def test_a_visitor_stays_while_paths_move(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He or she logs in before the first move; another one at each stage, and logs out."""
    monkeypatch.setenv("SHOP_KEYS", "new key,old key")
    jar: dict[str, str] = {}
    with egg(home, tmp_path / "node") as port, eggd(tmp_path / "shop") as client:
        for stage, moved in enumerate(STAGES):
            with nginx(tmp_path / f"nginx{stage}", port, client.port, moved) as front:
                by = {path: "eggd" if path in moved else "egg" for path in STAGES[3]}
                visitor = Visitor(Client(front, client.log_dir), jar)
                if not jar:
                    visitor.ask("/login", {"name": "ada"})
                cart = visitor.ask("/cart", {"item": stage})
                assert cart == {"by": by["/cart"], "cart": list(range(stage + 1))}
                assert visitor.ask("/") == {"by": by["/"], "user": "ada"}
                other = Visitor(Client(front, client.log_dir))
                answer = other.ask("/login", {"name": "bob"})
                assert answer == {"by": by["/login"], "user": "bob"}
                assert other.ask("/") == {"by": by["/"], "user": "bob"}
                assert other.ask("/logout", {}) == {"by": by["/logout"]}
                assert (other.ask("/"), other.cookies) == ({"by": by["/"], "user": None}, {})


def test_the_example_has_the_egg_of_the_other_tests() -> None:
    wanted = json.loads((EXAMPLE / "node/package.json").read_text())["dependencies"]
    locked = json.loads((test_egg.HERE / "egg/package.json").read_text())["dependencies"]
    assert wanted["egg"] == locked["egg"]
