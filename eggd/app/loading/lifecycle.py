"""The seven hooks of a boot class, in order, with their failures and their reverse (core:LC-*).

config_will_load  config_did_load            sync; every boot before the next hook
did_load  will_ready                         sync or async; all boots at once
did_ready(error)  server_did_ready           after ready; one boot after the other, contained
before_close                                 in reverse, contained, each with a time limit
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from eggd.app.loading.hook_error import at_fault, hook_error
from eggd.app.loading.hook_shape import refuse_shapes
from eggd.app.loading.timing import Timing
from eggd.calling import call
from eggd.config import Config
from eggd.errors import HookError, LoadError
from eggd.failure import describe
from eggd.interfaces import LogLike
from eggd.log import Logger
from eggd.spelling import did_you_mean, misspelt


class BootApp(Protocol):
    """The members of application and agent that a boot passes on."""

    config: Config

    @property
    def logger(self) -> Logger:
        """The logger of the application."""
        ...


A = TypeVar("A", bound=BootApp)
P = ParamSpec("P")


def _hook(function: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None] | None]:
    """Lets type checkers accept a sync function in place of this hook."""
    return function


class Boot(Generic[A]):
    """Base of the class in `app.py` and `agent.py`; override the hooks you need (core:LC-14).

    `app` is the application in `app.py` and the agent in `agent.py`, which
    `class MyBoot(Boot[Agent])` declares to type checkers.
    """

    def __init__(self, app: A) -> None:
        self.app = app

    @property
    def config(self) -> Config:
        """The app's config."""
        return self.app.config

    @property
    def logger(self) -> Logger:
        """The app's logger."""
        return self.app.logger

    def config_will_load(self) -> None:
        """Changes the config before it is used; sync (core:LC-3)."""

    def config_did_load(self) -> None:
        """Changes the config, or app members, for the last time; sync (core:LC-3)."""

    @_hook
    async def did_load(self) -> None:
        """Everything is loaded: connect, prepare; runs beside the other boots' (core:LC-5)."""

    @_hook
    async def will_ready(self) -> None:
        """All `did_load` are done; the last thing before ready (core:LC-5)."""

    @_hook
    async def did_ready(self, error: Exception | None = None) -> None:
        """The process is ready, or failed with `error`; failures here do not stop it (LC-6)."""

    @_hook
    async def server_did_ready(self) -> None:
        """The whole suite is ready; once per process (core:LC-7)."""

    @_hook
    async def before_close(self) -> None:
        """The process ends: give back what was taken (core:LC-8)."""


HOOKS = tuple(name for name, value in vars(Boot).items() if inspect.isfunction(value))[1:]
"""The names of the hooks, in the order in which they run."""

_FAILURES = (Exception, SystemExit, asyncio.CancelledError)
"""Exceptions of a hook that the process survives, or reports before it ends."""


@dataclass(frozen=True, slots=True)
class _Closing:
    name: str
    run: Callable[[], object]


class Lifecycle:
    """Runs the hooks of the added boots; one per app or agent.

    `log` is called for each contained error, `progress` with a line naming the hook that start
    waits for, `failed` with an error that is contained or that ended the start.
    """

    def __init__(
        self,
        log: Callable[[], LogLike],
        progress: Callable[[str], None],
        timing: Timing | None = None,
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self.close_timeout = 5.0
        """Seconds one closing function may take."""
        self.slow_after = 10.0
        """Seconds after which a start task that is not done is named in a warning (core:LC-11)."""
        self._log = log
        self._progress = progress
        self._failed = failed
        self._timing = timing or Timing()
        # Whether the hooks run: no boot can be added any more.
        self._began = False
        # The boots and their files, in load order.
        self._boots: list[tuple[Boot[Any], Path]] = []
        # The functions to call at the end; the last one runs first.
        self._closings: list[_Closing] = []
        # Set once every `did_ready` has run without an error of the start.
        self._up = asyncio.Event()
        self._server_was_ready = False
        # The end, which every call of `close` awaits.
        self._closed: asyncio.Task[None] | None = None
        # The start hooks that run while the app serves already (`fast_ready`).
        self._starting: asyncio.Future[None] | None = None

    def add(self, boot: Boot[Any], file: Path) -> None:
        """Adds a boot in load order; errors of its hooks name `file`.

        Raises LoadError for an async config hook, for a misspelt hook name, for a hook with
        a wrong signature, and once the hooks run (core:LC-9).
        """
        if self._began:
            raise LoadError(f"{file}: no boot can be added any more: the hooks run already")
        for name in ("config_will_load", "config_did_load"):
            if inspect.iscoroutinefunction(getattr(boot, name)):
                raise LoadError(
                    f"{file}: {type(boot).__name__}.{name} must be a plain function",
                    hint="it is never awaited; move code that awaits to did_load",
                )
        _refuse_misspelt(type(boot), file)
        method_names = [name for name in HOOKS if name in vars(boot) or _overrides(boot, name)]
        refuse_shapes(boot, method_names, file)
        self._boots.append((boot, file))

    def config_hooks(self, changed_by: Callable[[str], None] = lambda origin: None) -> None:
        """Runs both config hooks of all boots. Raises HookError or ConfigError.

        `changed_by` is called with `file:hook` after each hook, and with "" before the first.
        """
        self._began = True
        changed_by("")
        for boot, file in self._boots:
            _call_sync(boot, "config_will_load", file, changed_by)
        for boot, file in self._boots:
            _call_sync(boot, "config_did_load", file, changed_by)
            self.before_close(f"{file}:before_close", boot.before_close)

    async def load_hooks(self) -> None:
        """Runs `did_load`, then `will_ready`, of all boots at once; raises the first HookError."""
        for name in ("did_load", "will_ready"):
            tasks = [each for each in self._boots if _overrides(each[0], name)]
            async with _first_error(), asyncio.TaskGroup() as group:
                for boot, file in tasks:
                    group.create_task(self._start_task(boot, name, file))

    def beside(self, start: Callable[[], Awaitable[None]]) -> None:
        """Runs the start hooks while this serves already; what fails is an uncaught exception."""
        self._starting = asyncio.ensure_future(start())
        self._starting.add_done_callback(_uncaught)

    async def did_ready(self, error: Exception | None = None) -> None:
        """Runs `did_ready` of each boot in turn; what they raise is logged."""
        if error is not None:
            self._failed(error)
        for boot, file in self._boots:
            await self._contained(f"{file}:did_ready", partial(boot.did_ready, error))
        if error is None:
            self._up.set()

    async def server_did_ready(self) -> None:
        """Runs `server_did_ready` of each boot in turn, the first time only (core:LC-7).

        `egg-ready` may reach a worker that is still starting: this waits for its `did_ready`.
        """
        if self._server_was_ready:
            return
        self._server_was_ready = True
        await self._up.wait()
        for boot, file in self._boots:
            await self._contained(f"{file}:server_did_ready", boot.server_did_ready)

    def before_close(self, name: str, function: Callable[[], object]) -> None:
        """Calls `function`, sync or async, when the app closes; the last one added runs first.

        Raises HookError if it cannot be called, and once the app is closed (core:LC-9).
        """
        if not callable(function):
            raise HookError(f"before_close: must be a function, not {function!r}")
        if self._closed is not None and self._closed.done():
            raise HookError(f"before_close: {name} comes too late: the app has been closed")
        self._closings.append(_Closing(name, function))

    async def close(self) -> None:
        """Runs the registered functions in reverse and logs errors; a second call waits, too."""
        if self._closed is None:
            self._closed = asyncio.ensure_future(self._close())
        await self._closed

    async def _close(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait((self._starting,))
        while self._closings:
            closing = self._closings.pop()
            try:
                async with asyncio.timeout(self.close_timeout):
                    await self._contained(closing.name, closing.run)
            except TimeoutError:
                self._log().error("%s: not done after %g s", closing.name, self.close_timeout)

    @contextmanager
    def waiting_for(self, task: str, title: str) -> Iterator[None]:
        """Shows and times what the start waits for in the block; warns if it is slow."""
        slow = asyncio.get_running_loop().call_later(self.slow_after, self._warn_slow, task)
        try:
            with self._timing.span(title, task, beside=True):
                self._show()
                yield
        finally:
            slow.cancel()
        self._show()
        self._log().debug("end ready task %s, remain [%s]", task, self._timing.waiting)

    async def _start_task(self, boot: Boot[Any], name: str, file: Path) -> None:
        task = f"{self._timing.relative(file)}:{name}"
        try:
            with self.waiting_for(task, f"{name.replace('_', ' ').title()} in {task}"):
                await call(getattr(boot, name))
        except _FAILURES as exc:
            if _asked_to_end(exc):
                raise
            raise hook_error(exc, boot, name, file) from exc

    def _show(self) -> None:
        waiting = self._timing.waiting
        if waiting:
            self._progress(f"waiting for {waiting}")

    def _warn_slow(self, task: str) -> None:
        self._log().warn("%g seconds later %s was still unable to finish", self.slow_after, task)

    async def _contained(self, name: str, function: Callable[[], object]) -> None:
        try:
            await call(function)
        except _FAILURES as exc:
            if _asked_to_end(exc):
                raise
            self._log().error("%s failed: %s", name, describe(exc))
            self._log().error(exc)
            self._failed(exc)


def create_boot(cls: type[Boot[A]], app: A, file: Path) -> Boot[Any]:
    """Returns the boot of a file; raises HookError with file and line if its class fails."""
    try:
        return cls(app)
    except (Exception, SystemExit) as exc:
        raise at_fault(exc, f"{cls.__name__}.__init__", file) from exc


def _refuse_misspelt(cls: type[Boot[Any]], file: Path) -> None:
    """Raises LoadError for a method whose name is a misspelt hook: nothing would call it."""
    method_names = [name for name in dir(cls) if not (name.startswith("_") or hasattr(Boot, name))]
    for name in method_names:
        hook = misspelt(name, HOOKS)
        if hook and inspect.isfunction(getattr(cls, name)):
            text = f"{file}: {cls.__name__}.{name}: unknown hook"
            raise LoadError(text, hint=did_you_mean(hook))


@asynccontextmanager
async def _first_error() -> AsyncIterator[None]:
    """Turns a task group's exception group into its first error."""
    try:
        yield
    except BaseExceptionGroup as exc:
        raise exc.exceptions[0] from exc.exceptions[0].__cause__


def _asked_to_end(exc: BaseException) -> bool:
    """Whether the start is cancelled from outside; a hook's own CancelledError is its failure."""
    task = asyncio.current_task()
    return isinstance(exc, asyncio.CancelledError) and bool(task and task.cancelling())


def _overrides(boot: Boot[Any], name: str) -> bool:
    return getattr(type(boot), name) is not getattr(Boot, name)


def _uncaught(starting: asyncio.Future[None]) -> None:
    """Reports a start that failed while the app served already to the loop."""
    if not starting.cancelled() and (exc := starting.exception()) is not None:
        context = {"message": "start failed", "exception": exc}
        asyncio.get_running_loop().call_exception_handler(context)


def _call_sync(boot: Boot[Any], name: str, file: Path, changed_by: Callable[[str], None]) -> None:
    if not _overrides(boot, name):
        return
    try:
        getattr(boot, name)()
    except (Exception, SystemExit) as exc:
        raise hook_error(exc, boot, name, file) from exc
    changed_by(f"{file}:{name}")
