"""The boot class of the workers."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from eggd import (
    Application,
    Boot,
    BootError,
    ConfigError,
    Context,
    FileChange,
    Files,
    HandlerFailedError,
    Logger,
    MessageTooLargeError,
    MessengerError,
    NoHandlerError,
    NoPeerError,
    OutboxFullError,
    RequestTimeoutError,
    Sender,
    Watching,
    changed_options,
    check_function,
    mismatch,
    unit_directory,
    words_of,
    write_whole,
)


@dataclass(frozen=True)
class Share:
    """Options of a call."""

    part: int = 0


class Ledger:
    """A client, as a package would bring it."""

    def __init__(self, host: str) -> None:
        self.host = host


def create(config: dict[str, str], app: Application, name: str) -> Ledger:
    """Returns a client of `app.ledger`."""
    app.core_logger.info("ledger %s", name)
    return Ledger(config["host"])


class AppBoot(Boot):
    """Uses every hook."""

    def config_will_load(self) -> None:
        self.config.core_middleware.append("timing")
        check_function("work", self.work, "ctx", may_wait=True)
        if mismatch(self.work, "ctx") or words_of("redis-url") != ["redis", "url"]:
            raise ConfigError("work takes a ctx")
        if changed_options(Share(), {"part": 1}, "share").part < 0:
            raise ConfigError("a share is 0 or more")
        if self.config.get("ledger") is None:
            raise ConfigError("ledger is missing", hint="ledger = {...}")

    def config_did_load(self) -> None:
        self.app.use(self.outermost)
        self.app.add_singleton("ledger", create)
        self.app.dependencies.add("main", lambda: self.app.redis.problem("main"))
        self.app.on("error", self.failed)
        self.app.on("request", self.began)
        self.app.off("request", self.began)
        self.app.before_close(self.end)

    async def did_load(self) -> None:
        self.watching = Watching(self.seen, self.app.core_logger.warning)
        self.watching.watch([str(self.app.base_dir)])
        self.app.watcher.watch(["rates", Path("/srv/rates")], self.changed)
        self.app.load_to_app("adapter", self.app.base_dir / "app/adapter", Files(match="*.py"))
        exported: object = await self.app.load_file(Path("a.py"))
        if exported is None:
            raise BootError("a.py is missing")
        sizes = await self.app.run_in_anonymous_context_scope(self.size)
        self.logger.info("%d, %s", sizes + 1, self.app.rundir / "x")

    def will_ready(self) -> None:  # a hook may be sync
        self.app.messenger.on("news", self.heard).once("hello", self.heard)
        self.app.messenger.remove_listener("hello", self.heard)

    async def did_ready(self, error: Exception | None = None) -> None:
        if error is not None:
            self.app.emit("error", error)

    async def server_did_ready(self) -> None:
        try:
            self.app.messenger.send_to_agent("hello", {"from": self.app.name})
        except MessengerError as exc:
            self.warn(self.app.logger, exc.line)

    async def ask(self) -> str:
        """Asks the agent."""
        messenger = self.app.messenger
        try:
            rates: object = await messenger.request("rates", {"of": "EUR"}, timeout=2)
        except (NoPeerError, NoHandlerError, RequestTimeoutError) as exc:
            return exc.line
        except (MessageTooLargeError, OutboxFullError):
            return "too much"
        except HandlerFailedError as exc:
            return f"{exc.type_name}: {exc.reason}"
        folder = Path(unit_directory({}, "STATE_DIRECTORY") or "/tmp")
        write_whole(folder / "rates", str(rates).encode(), 0o600)
        return str(rates)

    async def before_close(self) -> None:
        self.app.watcher.unwatch("rates", self.changed)
        await asyncio.to_thread(self.watching.close)

    async def size(self, ctx: Context) -> int:
        return len(ctx.path)

    async def outermost(self, ctx: Context, next: object) -> None:
        ctx.set("X-Sample", "1")

    def failed(self, error: BaseException, ctx: Context | None) -> None:
        (self.logger if ctx is None else ctx.logger).error(error)

    def began(self, ctx: Context) -> None:
        ctx.logger.debug("began")

    def seen(self, changes: list[FileChange]) -> None:
        self.logger.debug("%d changes", len(changes))

    async def changed(self, change: FileChange) -> None:
        await self.app.watcher.ready()
        self.logger.debug("%s %s", change.path, change.event)

    def heard(self, data: object, sender: Sender) -> None:
        self.logger.info("%s from %d", data, sender.pid)
        self.app.run_in_background(self.work, "news")

    async def work(self, ctx: Context) -> None:
        await asyncio.sleep(len(ctx.url))

    def end(self) -> None:
        self.app.get_logger("access")

    def warn(self, log: Logger, text: str) -> None:
        log.child("sample").warning(text)
