"""From the options of `eggd start` to a suite that can be run; all that can be wrong is said first.

Folder, lock, title, config and port are checked before anything goes to the background (SCR-14).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from eggd.cli.listen import address
from eggd.cli.options import Options
from eggd.errors import BootError
from eggd.supervisor import cpus, handover
from eggd.supervisor.foreground import Run
from eggd.supervisor.pidfile import PidFile, everywhere
from eggd.supervisor.settings import Settings
from eggd.supervisor.sockets import check_length

PROBE = "eggd.process.listen"


def prepared(options: Options, given: Path, name: str) -> Run:
    """Return the run of an app, its pid file locked; raise EggError before anything is started."""
    title = options.title or f"egg-server-{name}"
    run = given.resolve() / "run"
    check_length(str(run / "worker-999.sock"))
    pidfile = PidFile(run)
    pidfile.lock()
    try:
        _check_title(title)
        settings = _settings(options, given)
    except BaseException:
        pidfile.close()
        raise
    return Run(
        settings=settings,
        title=title,
        given=given,
        timeout=options.timeout or 300.0,
        pidfile=pidfile,
    )


def listening(given: Path, environ: Mapping[str, str], python: str, env: str) -> dict[str, object]:
    """Return `cluster.listen` of the app's config; raise the error that its config has."""
    done = subprocess.run(
        [python, "-P", "-m", PROBE, str(given), env],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (done.stderr.splitlines() or [f"exited with {done.returncode}"])[-1]
        raise BootError(f"{given}: the config cannot be loaded: {last}") from None
    if "error" in answer:
        raise BootError(str(answer["error"]), hint=str(answer.get("hint", "")))
    return answer


def listen_of(port: str | None, config: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Return where to listen, and what the config is to say of it (CL-40, the flag goes first)."""
    if port is None and config.get("path"):
        return str(config["path"]), {}
    host = str(config.get("hostname", ""))
    if port is None:
        return _joined(host, config.get("port", 7001)), {}
    if port.startswith("/"):
        return port, {"path": port}
    try:
        listen = address(port)
    except ValueError as exc:
        raise BootError(f"--port: {port}: {exc}", hint="--port [ADDRESS:]PORT") from exc
    own, colon, number = listen.rpartition(":")
    said: dict[str, object] = {"port": int(number), "path": ""}
    if colon:
        said["hostname"] = own.strip("[]")
    return listen if colon else _joined(host, number), said


def app_config(listen: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, str]:
    """Return EGG_APP_CONFIG with `cluster.listen` in it; a bad one is left to the processes."""
    if not listen:
        return {}
    try:
        config = json.loads(environ.get("EGG_APP_CONFIG") or "{}")
        config.setdefault("cluster", {}).setdefault("listen", {}).update(listen)
    except (ValueError, AttributeError):
        return {}
    return {"EGG_APP_CONFIG": json.dumps(config)}


def search_path() -> dict[str, str]:
    """Return PYTHONPATH by which a process of ours finds this eggd."""
    return {"PYTHONPATH": handover.search_path(os.environ.get("PYTHONPATH", ""))}


def _settings(options: Options, given: Path) -> Settings:
    python = options.python or sys.executable
    if not os.access(python, os.X_OK) or os.path.isdir(python):
        raise BootError(f"--python: {python!r} is not an executable file")
    env = options.env or os.environ.get("EGG_SERVER_ENV") or "prod"
    environ = {"EGG_FRAMEWORK": options.framework} if options.framework else {}
    config = listening(given, {**search_path(), **environ}, python, env)
    listen, said = listen_of(options.port, config)
    real = given.resolve()
    return Settings(
        base_dir=given,
        workers=cpus.count() if options.workers is None else options.workers,
        listen=listen,
        env=options.env or "",
        environ={**environ, **app_config(said, os.environ)},
        run=real / "run",
        logs=real / "logs",
        python=python,
    )


def _joined(host: str, port: object) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if host else str(port)


def _check_title(title: str) -> None:
    if not title.isprintable() or not title.strip() or len(title) > 200:
        raise BootError(f"--title: {title!r} must be 1 to 200 printable characters")
    other = next((each for each in everywhere() if each.title == title), None)
    if other is not None:
        raise BootError(
            f"--title: {title!r} is the suite in {other.given} [{other.pid}]",
            hint="--title gives this one another name",
        )
