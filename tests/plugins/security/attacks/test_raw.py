"""Every attack of the table by one request, over raw sockets: bytes that no HTTP library sends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.app.serving import Client
from tests.plugins.security.attacks.rows import CLASSES, Attack, PageAttack
from tests.plugins.security.attacks.sample import router
from tests.plugins.security.site import site

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("rows_*.py"))
ALL: list[Attack | PageAttack] = [
    row for name in MODULES for row in import_module(f"tests.plugins.security.attacks.{name}").ROWS
]
PLUGINS = "security = True\nstatic = True\n"


@pytest.fixture(scope="module", params=["egg", "strict"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    level: str = request.param
    config = f"session = {{'store': 'memory'}}\nsecurity = {{'level': '{level}'}}"
    files = {
        "app/router.py": router(),
        "app/public/a.txt": "a",
        "config/plugin.py": PLUGINS,
    }
    with site(tmp_path_factory.mktemp(level), config, files=files) as client:
        yield client


@pytest.mark.parametrize(
    "attack", [row for row in ALL if isinstance(row, Attack)], ids=lambda row: row.name
)
def test_an_attack_by_a_request_is_held_off(client: Client, attack: Attack) -> None:
    """A tossed cookie (known:KW-23) and a false host (known:KW-48) are among the rows."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        raw.sendall(attack.data)
        answer = b""
        while piece := raw.recv(65536):
            answer += piece
    attack.check(answer)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_rows(name: str) -> None:
    assert any(row.name.startswith(f"{name}: ") for row in ALL)


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.name for row in ALL]
    assert len(set(names)) == len(names)
    assert {name.partition(": ")[0] for name in names} <= set(CLASSES)
