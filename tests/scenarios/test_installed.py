"""The package has the supervisor, too: a user's own suite beside the host's, which systemd runs."""

from __future__ import annotations

import pytest

from eggd.testing.make_app import make_app
from tests.host.conftest import params
from tests.host.host import Host
from tests.host.rootfs import BOOKWORM_NODBUS, TRIXIE

pytestmark = [pytest.mark.host, pytest.mark.timeout(180)]
# On Debian 12 in `make soak`: the supervisor is the same, and its own tests run it there, too.
SUITES = pytest.mark.parametrize("flavour", params(TRIXIE, soak=[BOOKWORM_NODBUS]), indirect=True)

ROUTER = """
    import os


    def router(app):
        app.router.get("/", answer)


    async def answer(ctx):
        ctx.body = f"{os.getuid()} {ctx.app.config.env}"
"""


@SUITES
def test_a_user_runs_a_suite_of_ones_own_beside_the_hosts(host: Host) -> None:
    make_app(host.root / "srv/own", {"app/router.py": ROUTER})
    host.run("useradd -m dev && chown -R dev /srv/own")
    start = "eggd start /srv/own --port 127.0.0.1:8001 --workers 2 --daemon"
    started = host.run(f"EGG_MIN_READY_SECONDS=0 {start}", user="dev")
    assert "eggd started on http://127.0.0.1:8001 (" in started.stdout
    uid = host.out("id -u dev")
    assert host.http(port=8001).text == f"{uid} prod"
    assert host.run("eggd status /srv/own", user="nobody").stdout.startswith("running: own (prod)")
    assert "by systemd" in host.run("eggd start").stdout
    assert host.run("eggd reload", user="dev", check=False).returncode == 1  # the host's: not dev's
    assert "2 workers ready" in host.run("eggd reload /srv/own", user="dev").stdout
    denied = host.run("eggd reload /srv/own", user="nobody", check=False)
    assert "is run by dev (run the command as dev or root)" in denied.stderr
    stopped = host.run("eggd stop --title egg-server-own", user="dev")
    assert stopped.stdout.startswith("stopped: egg-server-own [")
    assert host.refuses(8001)
    assert host.http().status == 200
