"""From the config to the store that it names."""

from __future__ import annotations

import os
from pathlib import Path

from eggd import Application, ConfigError, EggError, unit_directory
from eggd.plugins.session.section import SessionConfig
from eggd.plugins.session.stores import SessionStore

_MAGIC = b"SQLite format 3\0"
"""The first bytes of every database (https://www.sqlite.org/fileformat.html)."""


def open_store(app: Application, options: SessionConfig) -> SessionStore | None:
    """Returns the store of `config.session.store`, None for the cookie.

    The libraries of the others are not imported. Nothing connects before the first use. Raises
    ConfigError without the plugin redis, for an unknown client of it, and for a path that is
    something else than a database of SQLite.
    """
    if options.store == "memory":
        from eggd.plugins.session.stores.memory import MemoryStore

        return MemoryStore()
    if options.store == "sqlite":
        from eggd.plugins.session.stores.sqlite import SqliteStore

        file = database(app.config.base_dir, app.config.rundir, options)
        _check_file(file)
        return SqliteStore(file, options.sqlite, app.core_logger)
    if options.store == "redis":
        return _on_redis(app, options)
    return None


def _on_redis(app: Application, options: SessionConfig) -> SessionStore:
    if "redis" not in app.plugins.enabled:
        raise ConfigError(
            "session.store 'redis' needs the plugin redis", hint="redis = True in config/plugin.py"
        )
    try:
        target = app.redis.target(str(options.redis))
    except EggError as exc:
        text = f"session.redis: {exc.message.removeprefix('app.redis: ')}"
        raise ConfigError(text, hint=exc.hint, keys=["session.redis"]) from exc
    from eggd.plugins.session.stores.redis import RedisStore

    client, name = app.redis.any(target.name), target.name
    # Less than the time that the client waits for the answer of WAIT.
    patience = target.timeout / 2
    return RedisStore(client, target.replicas, patience, lambda: app.redis.problem(name))


def database(base_dir: str, rundir: str, options: SessionConfig) -> Path:
    """Returns the file of the SQLite store: as configured, else in the state directory."""
    if options.sqlite.path:
        return Path(base_dir, options.sqlite.path)
    return Path(unit_directory(os.environ, "STATE_DIRECTORY") or rundir, "sessions.sqlite")


def _check_file(file: Path) -> None:
    """Raises ConfigError for a path at which there can never be a database."""
    problem = ""
    try:
        if file.is_dir():
            problem = "is a directory"
        elif file.is_file():
            with file.open("rb") as opened:
                if opened.read(len(_MAGIC)) not in (b"", _MAGIC):
                    problem = "is not a database of SQLite"
    except OSError:
        return  # perhaps only for this user
    if problem:
        raise ConfigError(
            f"session.sqlite.path: {str(file)!r} {problem}",
            hint="name a new file",
            keys=["session.sqlite.path"],
        )
