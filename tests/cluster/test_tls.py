"""A worker with a certificate: from where, what it says, and a new one at its next start."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.testing.suite import Suite
from tests.cluster.conftest import Start
from tests.http.certificates import Pair, make_pair

ROUTER = """
async def where(ctx):
    ctx.body = f"{ctx.protocol} {ctx.secure} {ctx.origin}"

def router(app):
    app.router.get("/where", where)
"""
FILES = {"app/router.py": ROUTER}


def get(suite: Suite, trusted: Pair, path: str = "/where") -> str:
    trust = ssl.create_default_context(cafile=str(trusted.cert))
    connection = http.client.HTTPSConnection("localhost", suite.port, context=trust, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def hand_over(folder: Path, pair: Pair) -> None:
    (folder / "tls.crt").write_bytes(pair.cert.read_bytes())
    (folder / "tls.key").write_bytes(pair.key.read_bytes())


def test_a_pair_from_systemd_and_the_next_one(start: Start, tmp_path: Path) -> None:
    # process:CL-22, CL-44, core:REQ-7
    first, second = make_pair(tmp_path, "first"), make_pair(tmp_path, "second")
    hand_over(tmp_path, first)
    suite = start(files=FILES, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert get(suite, first) == f"https True https://localhost:{suite.port}"
    assert suite.worker(1).status == f"ready: shop (prod) on 127.0.0.1:{suite.port}, TLS"
    hand_over(tmp_path, second)
    suite.restart("worker-1").wait_ready()
    assert get(suite, second).startswith("https True")
    log = (suite.logdir / "egg-web.log").read_text()
    assert f"serving on https://127.0.0.1:{suite.port} (" in log
    with pytest.raises(ssl.SSLCertVerificationError):
        get(suite, first)


def test_a_pair_from_the_config(start: Start, tmp_path: Path) -> None:
    # process:CL-44
    pair = make_pair(tmp_path)
    config = f"cluster = {{'https': {{'cert': '{pair.cert}', 'key': '{pair.key}'}}}}\n"
    suite = start(files={**FILES, "config/config_default.py": config})
    assert get(suite, pair).startswith("https True")


def test_a_pair_that_is_none_stops_the_start_in_one_line(start: Start, tmp_path: Path) -> None:
    # process:CL-6
    hand_over(tmp_path, make_pair(tmp_path))
    (tmp_path / "tls.key").write_bytes(make_pair(tmp_path, "other").key.read_bytes())
    with pytest.raises(BootError) as failed:
        start(files=FILES, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert f"key '{tmp_path}/tls.key' does not belong to certificate" in failed.value.line
    assert "Traceback" not in failed.value.line
