"""The row of two applications, of which one crashes for ever."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.answers import Window
from tests.chaos.trial import Trial
from tests.host.host import APPS, Host

PAIRS = 3
PORT = 8001
CRASH = "import os\n\nos.abort()\n"
UNITS = "egg-shop-worker@1 egg-shop-agent"


def crashes(trial: Trial) -> None:
    """Lets the application shop abort at each start, again and again, beside quiet windows."""
    host = trial.host
    with _shop(host):
        before = trial.pids()
        with trial.load():
            trial.pairs = [_pair(trial) for _ in range(PAIRS)]
        trial.require_none_failed()
        trial.require(trial.pids() == before, "processes of the default application were replaced")
        trial.require_ratio(1.5)


def _pair(trial: Trial) -> tuple[Window, Window]:
    """Measures with a healthy shop, then with one that crashes."""
    host, seconds = trial.host, trial.seconds / PAIRS
    quiet = trial.quiet(seconds)
    host.write("/srv/shop/app.py", CRASH)
    at = host.now()
    host.run(f"systemctl kill -s KILL {UNITS}")
    window = trial.quiet(seconds)
    host.await_journal("egg-shop-worker@1", "Main process exited", count=2, after=at)
    (host.root / "srv/shop/app.py").unlink()
    host.run(f"systemctl reset-failed {UNITS}; eggd --app shop restart")
    trial.quiet(1)
    return quiet, window


@contextmanager
def _shop(host: Host) -> Iterator[None]:
    """The application shop beside the default one in the block, with one worker."""
    shutil.rmtree(host.root / "srv/shop", ignore_errors=True)
    shutil.copytree(APPS / "intruder", host.root / "srv/shop")
    host.run(f"eggd app add shop --port {PORT} --dir /srv/shop")
    try:
        yield
    finally:
        host.run("eggd app remove shop --purge", check=False)
