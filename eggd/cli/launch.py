"""Turns the options of `eggd start` and `eggd dev` into a suite that a supervisor can run.

Directory, lock, title, config and port are checked first, so that a mistake is reported before the
supervisor goes to the background (process:SCR-14).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from eggd.cli.options import OptionError, Options
from eggd.cli.relay import QUESTION, collect
from eggd.errors import (
    ConfigError,
    EggError,
    InterpreterError,
    ListenError,
    ReportedError,
    RunningError,
)
from eggd.loader.metadata import CHOSEN, FRAMEWORK, environment
from eggd.log.console import TERMINAL
from eggd.socketfile import Access, parse_access
from eggd.suite import address
from eggd.suite.min_ready import min_ready
from eggd.suite.reload_policy import DEVELOPED
from eggd.supervisor import cpus, launcher, rundir
from eggd.supervisor.foreground import Run
from eggd.supervisor.pidfile import PidFile, already, everywhere, find
from eggd.supervisor.settings import Settings
from eggd.supervisor.sockets import bind_socket
from eggd.supervisor.units import SocketPlan

PROBE = "eggd.probe.listen"
LOOPBACK = "127.0.0.1"
DEV_STOP = 1.0
"""Seconds that `eggd dev` gives a process to stop (core:BIN-4)."""


def prepare_run(options: Options, given: Path, name: str) -> Run:
    """Returns the run of an app with its locked pid file; raises EggError."""
    title = f"egg-server-{name}" if options.title is None else options.title
    _check_title(title)
    pidfile = _lock(title, given)
    try:
        _check_unused(title)
        settings = _settings(options, given, pidfile.run)
    except BaseException:
        pidfile.remove()
        raise
    return Run(
        settings=settings,
        title=title,
        given=given,
        timeout=options.timeout or 300.0,
        pidfile=pidfile,
    )


def prepare_dev_run(options: Options, given: Path) -> tuple[Run, list[str]]:
    """Returns the run of `eggd dev`, its pid file locked, and notes for the user.

    A wrong config is ignored here: the agent reports it, and the next save may repair it.
    """
    environ = {"EGG_FRAMEWORK": options.framework} if options.framework else {}
    python = _python(options)
    try:
        config = listening(given, {**search_path(), **environ}, python, "local")
    except EggError:
        config = {}
    listen, listen_config, notes = _dev_listen(options.port, config)
    access = _access(options, listen)
    title = options.title or ""
    pidfile = _lock(title, given)
    settings = Settings(
        base_dir=given,
        listen=listen,
        access=access,
        env="local",
        environ={
            **environ,
            **app_config(_cluster(listen_config), os.environ),
            CHOSEN: "local",
            DEVELOPED: "1",
            TERMINAL: "1",
            # Bytecode is matched to its source by seconds and size, which two saves may share.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        run=pidfile.run,
        logs=_logs(given),
        stop_timeout=DEV_STOP,
        python=python,
        scheme="https" if config.get("https") else "http",
    )
    return Run(settings=settings, title=title, given=given, timeout=0, pidfile=pidfile), notes


def _dev_listen(
    port: str | None, config: Mapping[str, object]
) -> tuple[str, dict[str, object], list[str]]:
    """Returns the address of `eggd dev`; only the default port may be replaced (core:BIN-5)."""
    if port is not None or config.get("own"):
        listen, listen_config = listen_of(port, config)
        listen = listen if ":" in listen or "/" in listen else f"{LOOPBACK}:{listen}"
        return *with_free_port(listen, listen_config), []
    default_port = os.environ.get("EGG_BIN_DEFAULT_PORT") or "7001"
    first, _ = listen_of(default_port, {}, "EGG_BIN_DEFAULT_PORT")
    free = next_free(int(first.rpartition(":")[2]))
    notes = (
        [] if str(free) == default_port else [f"port {default_port} is in use, using port {free}"]
    )
    return *with_free_port(f"{LOOPBACK}:{free}", {}), notes


def next_free(port: int) -> int:
    """Returns the first free port from this one on."""
    for each in range(port, min(port + 1000, 65536)):
        try:
            bind_socket(SocketPlan(unit="egg.socket", listen=f"{LOOPBACK}:{each}")).close()
        except ListenError:
            continue
        return each
    raise ListenError(f"no port from {port} on is free", hint="choose one with --port")


def listening(given: Path, environ: Mapping[str, str], python: str, env: str) -> dict[str, object]:
    """Returns `cluster.listen` of the app's config; raises EggError if its config is invalid."""
    probe = subprocess.Popen(
        [python, "-P", "-m", PROBE, str(given), env],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # keeps the app's code off root's terminal
    )
    out, err = collect(probe, QUESTION)
    try:
        answer = json.loads(_last(out))
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        last = _last(err) or f"exited with {probe.returncode}"
        raise ConfigError(f"{given}: the config cannot be loaded: {last}")
    if "error" in answer:
        error = str(answer["error"])
        if FRAMEWORK in environ:  # only an option sets it here
            error = error.replace(f"{FRAMEWORK}:", "--framework:", 1)
        raise ReportedError(error, hint=str(answer.get("hint", "")))
    return answer


def _last(printed: bytes) -> str:
    return printed.decode(errors="backslashreplace").strip().rpartition("\n")[2]


def listen_of(
    port: str | None, config: Mapping[str, object], source: str = "--port"
) -> tuple[str, dict[str, object]]:
    """Returns the address, and the keys of `cluster.listen` to set; the flag wins (CL-40).

    Raises OptionError, which names `source`, for a port that is not one.
    """
    if port is None and config.get("path"):
        return str(config["path"]), {}
    host = str(config.get("hostname", ""))
    if port is None:
        return address.join(host, config.get("port", 7001)), {}
    try:
        listen = address.parse(port, min_port=0)
    except ValueError as exc:
        hint = "use [ADDRESS:]PORT, such as 8080, or unix:PATH"
        raise OptionError(f"{source}: {port}: {exc}", hint=hint) from exc
    if address.is_path(listen):
        return listen, {"path": listen}
    host_part, colon, number = listen.rpartition(":")
    listen_config: dict[str, object] = {"port": int(number), "path": ""}
    if colon:
        listen_config["hostname"] = host_part.strip("[]")
    return listen if colon else address.join(host, number), listen_config


def _access(options: Options, listen: str) -> Access:
    """Returns owner and mode of a Unix socket; raises OptionError for a wrong one or a port."""
    if not address.is_path(listen) and (options.owner, options.mode) != (None, None):
        name = "--mode" if options.owner is None else "--owner"
        raise OptionError(f"{name} has an effect on unix:PATH only, not on {listen}")
    try:
        return parse_access(options.owner, options.mode)
    except ValueError as exc:
        raise OptionError(str(exc)) from exc


def with_free_port(listen: str, listen_config: dict[str, object]) -> tuple[str, dict[str, object]]:
    """Replaces port 0 by a free one in the address and in the keys of the config."""
    host, colon, port = listen.rpartition(":")
    if listen.startswith("/") or port != "0":
        return listen, listen_config
    with bind_socket(SocketPlan(unit="egg.socket", listen=listen)) as sock:
        number: int = sock.getsockname()[1]
    return f"{host}{colon}{number}", {**listen_config, "port": number}


def app_config(listen_config: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, str]:
    """Returns EGG_APP_CONFIG with further keys; {} if it is invalid, which the processes report."""
    if not listen_config:
        return {}
    try:
        config = json.loads(environ.get("EGG_APP_CONFIG") or "{}")
    except ValueError:
        return {}
    return (
        {"EGG_APP_CONFIG": json.dumps(_merge(config, listen_config))}
        if type(config) is dict
        else {}
    )


def _merge(config: object, over: Mapping[str, object]) -> dict[str, object]:
    merged: dict[str, object] = dict(config) if isinstance(config, dict) else {}
    for key, value in over.items():
        merged[key] = _merge(merged.get(key), value) if isinstance(value, Mapping) else value
    return merged


def search_path() -> dict[str, str]:
    """Returns the PYTHONPATH with which a process imports this eggd."""
    return {"PYTHONPATH": launcher.search_path(os.environ.get("PYTHONPATH", ""))}


def _lock(title: str, given: Path) -> PidFile:
    """Returns the lock of the app's suite; raises RunningError if it runs, also by another path."""
    os.umask(os.umask(0o022) | 0o022)  # no other user may write new files
    other = find(given)
    if other is not None and other.uid == os.geteuid():
        raise already(other)
    run = rundir.make(given)
    pidfile = PidFile(run)
    pidfile.lock()
    pidfile.write(title, given)
    return pidfile


def _logs(given: Path) -> Path:
    """Returns LOGS_DIRECTORY; without it `logs` in the app, so that each release has its own."""
    return Path(os.environ.get("LOGS_DIRECTORY") or given / "logs")


def _settings(options: Options, given: Path, run: Path) -> Settings:
    python = _python(options)
    asked = options.env or ""
    env = environment(given, {"EGG_SERVER_ENV": "prod", **os.environ}, asked).name
    environ = {"EGG_FRAMEWORK": options.framework} if options.framework else {}
    config = listening(given, {**search_path(), **environ}, python, env)
    listen, listen_config = with_free_port(*listen_of(options.port, config))
    person = {TERMINAL: "1"} if env == "local" else {}
    return Settings(
        base_dir=given,
        min_ready=min_ready(os.environ),
        workers=cpus.count() if options.workers is None else options.workers,
        listen=listen,
        access=_access(options, listen),
        env=asked,
        environ={
            **environ,
            **app_config(_cluster(listen_config), os.environ),
            CHOSEN: asked,
            **person,
        },
        run=run,
        logs=_logs(given),
        python=python,
        scheme="https" if config.get("https") else "http",
    )


def _python(options: Options) -> str:
    python = options.python or sys.executable
    if not os.access(python, os.X_OK) or os.path.isdir(python):
        raise InterpreterError(f"--python: {python!r} is not an executable file")
    return python


def _cluster(listen: Mapping[str, object]) -> Mapping[str, object]:
    return {"cluster": {"listen": listen}} if listen else {}


def _check_title(title: str) -> None:
    if not title.isprintable() or not title.strip() or len(title) > 200:
        raise OptionError(f"--title: {title!r} must be 1 to 200 printable characters")


def _check_unused(title: str) -> None:
    mine = (each for each in everywhere() if each.uid == os.geteuid())
    other = next((each for each in mine if each.title == title and each.pid != os.getpid()), None)
    if other is not None:
        raise RunningError(
            f"--title: {title!r} is the title of the suite in {other.given} [{other.pid}]",
            hint="choose another title with --title",
        )
