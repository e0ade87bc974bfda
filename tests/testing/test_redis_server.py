"""A server of Redis that does not start is one error, after a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.testing import redis_server
from eggd.testing.redis_server import RedisServer


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exec sleep 600", "it printed nothing"),
        ("echo no memory; exec sleep 600", "no memory"),
        ("echo bad option; exit 1", "bad option"),
    ],
)
def test_a_server_that_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    monkeypatch.setattr(redis_server, "LONGEST", 0.5)
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(EggError, match=f"redis-server did not start: {reason}$"):
        RedisServer(program=str(program)).start()
