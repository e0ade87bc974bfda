"""Handles uncaught exceptions (process:CL-90..93).

After one in a callback of the loop, a worker finishes its requests and exits 1, unless
`server_graceful_ignore_code` names the exception; the agent keeps running. An exception of a task
that is never awaited is only logged.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Collection

from eggd.app.config import AppConfig
from eggd.config import Config
from eggd.errors import ConfigError
from eggd.failure import describe
from eggd.interfaces import LogLike
from eggd.spelling import suggestion


class Failures:
    """Counts the exceptions that the code of a process did not catch, for the status."""

    def __init__(self) -> None:
        self.count = 0
        """The number since the process began."""
        self.last = ""
        """The last one, as one line without secrets."""

    def add(self, line: str) -> None:
        """Counts one."""
        self.count += 1
        self.last = line


def catch_uncaught(
    loop: asyncio.AbstractEventLoop,
    log: LogLike,
    uncaught: Callable[[str], None],
    ignored: Collection[str] = (),
    failed: Callable[[str], None] = lambda line: None,
) -> None:
    """Logs uncaught exceptions; calls `uncaught` with one line for each that a callback raised.

    It is not called if `ignored` names the exception's class, a base class or the errno. `failed`
    is called with the line of each exception, also of one that a task raised.
    """
    count = 0

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        nonlocal count
        exc = context.get("exception")
        if not isinstance(exc, BaseException):
            log.error("%s", context.get("message", "event loop error"))
            return
        failed(describe(exc))
        if "never retrieved" in str(context.get("message", "")):
            log.error("[egg:unhandledRejection] %s", describe(exc))
            log.error(exc)
        else:
            count += 1
            line = describe(exc)
            log.error("%s (uncaughtException throw %d times on pid: %d)", line, count, os.getpid())
            log.error(exc)
            if names := _names(exc) & {*ignored}:
                log.error(
                    "%s matches ignore list, the process keeps running", ", ".join(sorted(names))
                )
            else:
                uncaught(line)

    loop.set_exception_handler(handle)


def ignored_codes(config: Config) -> Collection[str]:
    """Returns the names in `server_graceful_ignore_code`.

    Raises ConfigError for an upper-case name that is not an errno, or that is not an identifier.
    """
    names: list[str] = config[AppConfig].server_graceful_ignore_code
    for name in names:
        if name.isupper() and name not in errno.errorcode.values():
            hint = suggestion(name, errno.errorcode.values()) or "errno(3) lists all names"
        elif not name.isidentifier():
            hint = "the name of a class without its module, or of an errno"
        else:
            continue
        key = "server_graceful_ignore_code"
        raise ConfigError(f"{config.located(key)}: {key}: {name!r} names no exception", hint=hint)
    return names


def _names(error: BaseException) -> set[str]:
    code = errno.errorcode.get(getattr(error, "errno", None) or 0, "")
    return {kind.__name__ for kind in type(error).__mro__} | {code}
