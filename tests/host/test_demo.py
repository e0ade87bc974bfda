"""`make run` and `make stop`: a host on the network of the caller, here one of the test's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.host import rootfs

SCRIPT = """
import http.client
import sys
from pathlib import Path

from tests.host import demo

demo.STATE = Path(sys.argv[1])
demo.up()
connection = http.client.HTTPConnection("127.0.0.1", demo.PORT)
connection.request("GET", "/")
print("answered", connection.getresponse().status)
demo.down()
print("left", demo.STATE.exists())
"""


@pytest.mark.soak
@pytest.mark.xdist_group("bookworm")
def test_a_host_comes_up_serves_and_leaves_nothing(tmp_path: Path, deb: Path) -> None:
    argv = [sys.executable, "-c", SCRIPT, str(tmp_path / "run.json")]
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *argv],
        cwd=rootfs.TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "is served by 4 workers; `make stop` ends it" in done.stdout
    assert done.stdout.splitlines()[-3:] == [
        "answered 200",
        next(line for line in done.stdout.splitlines() if line.endswith("`make run` is down")),
        "left False",
    ]
    assert "egg-worker@4.service" in done.stdout
