"""The row of `eggd deploy`: good, broken and unhealthy releases, and a rollback."""

from __future__ import annotations

import json
import shutil

from tests.chaos.trial import Trial
from tests.host.host import APPS, Host

HOME = "/srv/eggd"
SETTINGS = "etc/default/eggd"
PAGE = """

async def page(ctx):
    {line}
    ctx.body = "VERSION"


def router(app):
    app.router.get("/page", page)
"""
# Healthy in the spare, and no longer once clients depend on it.
LATE = 'ctx.status = 200 if "EGGD_TRIAL" in __import__("os").environ else 503; return'


def deploys(trial: Trial) -> None:
    """Deploys twice, then what must not get to clients, then rolls back."""
    host = trial.host
    settings = (host.root / SETTINGS).read_text()
    with trial.load():
        _deploy(host, "1")
        _deploy(host, "2")
        _deploy(host, "syntax", "def", "router.py:")
        _deploy(host, "failing", "ctx.throw(500)", "GET /page answers 500")
        _deploy(host, "late", LATE, "GET /page answers 503")
        trial.require(_current(host) == "2", f"after the undone release: {_current(host)}")
        host.run("eggd rollback --healthy 1s")
        trial.require(_current(host) == "1", f"after the rollback: {_current(host)}")
        trial.quiet(2)
        _restore(host, settings)
    trial.require_none_failed()
    trial.notes.append("3 bad releases refused or undone")


def _deploy(host: Host, version: str, line: str = "", error: str = "") -> None:
    """Deploys the test app with one more page; with `error`, the command must fail with it."""
    folder = _source(host, version, line or "pass")
    healthy = "10s" if error else "1s"
    done = host.run(f"eggd deploy {folder} --check /page --healthy {healthy}", check=False)
    assert done.returncode == bool(error), f"eggd deploy {folder}: {done.stderr}"
    assert error in done.stderr, done.stderr


def _source(host: Host, version: str, line: str) -> str:
    target = host.root / f"root/release-{version}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(APPS / "suite", target, ignore=shutil.ignore_patterns("__pycache__"))
    routes = target / "app/router.py"
    page = PAGE.format(line=line).replace("VERSION", version)
    home = routes.read_text().removeprefix("def router(app):\n")
    routes.write_text(page.lstrip() + home)
    return f"/root/release-{version}"


def _current(host: Host) -> str:
    return host.http("/page").text


def _restore(host: Host, settings: str) -> None:
    """Puts the app of the other rows in service again."""
    (host.root / SETTINGS).write_text(settings)
    host.run(f"systemctl reload egg-master && rm -rf {HOME}")
    base = json.loads(host.run("eggd status --json", check=False).stdout)["app"]["base_dir"]
    assert base == "/srv/app", base
