"""`python -m eggd.process.worker N`: one HTTP worker; slot 0 is the spare of a reload.

back off -> announce starting -> load the app -> accept -> READY=1 -> serve
SIGTERM  -> announce leaving -> drain -> before_close hooks -> exit 0
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.cluster_config import ClusterConfig
from eggd.app.config import AppConfig
from eggd.app.loading.dump import dump
from eggd.app.loading.proxy_rules import exposure, senders
from eggd.app.serving.client_error import refuser
from eggd.app.serving.dispatch import Dispatcher
from eggd.app.timeline import dump_timing
from eggd.errors import ConfigError, EggError
from eggd.http import AcceptPage, HttpServer
from eggd.log.levels import ERROR
from eggd.messenger import Messenger, MessengerConfig
from eggd.process.backoff import Backoff
from eggd.process.bootstrap import Process, run
from eggd.process.end_notes import EndNotes
from eggd.process.identity import announce, difference
from eggd.process.lifetime import Lifetime, run_on_loop
from eggd.process.listener import inherited_listener, is_trial, trial_listener
from eggd.process.measures import Measures
from eggd.process.recycling import Recycling
from eggd.process.status import logs_figure
from eggd.process.stop_limit import STOP_CEILING, stop_limit
from eggd.process.tls import https_context
from eggd.process.uncaught import catch_uncaught, ignored_codes
from eggd.suite import address
from eggd.suite.close_timeout import drain_limit
from eggd.suite.metrics import REPORT
from eggd.suite.names import SuiteNames
from eggd.suite.recycle import FIGURE as RECYCLING
from eggd.systemd import Watchdog

STEADY_AFTER = 60.0
"""Seconds of readiness after which the count of failed boots is reset."""


class Worker:
    """One worker process: its app, server, messenger and notifier."""

    def __init__(self, process: Process, backoff: Backoff) -> None:
        self.process = process
        self.backoff = backoff
        self.messenger = Messenger(
            "worker", process.slot, MessengerConfig(directory=str(process.rundir)), self._log
        )
        self.app = assemble(Application, process.host(), self.messenger)
        self.lifetime = Lifetime()
        self.ends = EndNotes(process)
        self.recycling = Recycling(self.messenger, self._log, lambda: self.lifetime.end(0))
        self.server: HttpServer | None = None
        # None until the server exists, and without metrics.
        self.measures: Measures | None = None
        self.watchdog = Watchdog(process.notifier, process.activation.watchdog_usec, self._tick)
        # The numbers of requests and messages after the last announcement to the agent.
        self._announced = (0, 0, 0)
        # The problems of dependencies that it had.
        self._problems: tuple[dict[str, str], str] = ({}, "")
        # Whether the messenger is open: a failed start may not have opened it.
        self._is_open = False
        self._serving = self._was_ready = False
        # The uncaught exception that ends this process, or "".
        self._uncaught_error = ""
        # The problem of the messenger's socket, or "".
        self._socket_problem = ""
        # The address as the status shows it, and as announced to the agent.
        self._listen_text = ""
        self._listening: dict[str, object] = {}

    async def start(self) -> None:
        """Loads the app, accepts on the inherited listener, and sends READY=1."""
        began = time.monotonic()
        self.process.limit.dump = self._dump
        async with self.process.limit:
            await self._load()
        self._ready(time.monotonic() - began)
        dump_timing(self.app)
        await self.app.lifecycle.did_ready()

    async def _load(self) -> None:
        self.watchdog.start()
        self.app.load_config()
        self.messenger.configure(self.app.config[MessengerConfig])
        await self.messenger.open()
        self._is_open = True
        self.messenger.announce("starting", **self.ends.figure)
        seconds = self.app.config[AppConfig].worker_start_timeout
        self.process.limit.set(
            seconds, start_limit_hint(self.app.config.origin("worker_start_timeout"))
        )
        loop, ignored = asyncio.get_running_loop(), ignored_codes(self.app.config)
        catch_uncaught(loop, self.app.core_logger, self._uncaught, ignored)
        self.messenger.on("egg-ready", self._suite_ready)
        await self.app.load()
        check_limits(self.app)
        await self._accept()
        self.lifetime.check()
        self._announce_identity()

    async def failed(self, error: EggError) -> None:
        """Dumps what was loaded, runs did_ready and the closing hooks; `run` reports the error."""
        self._dump()
        await self.app.lifecycle.did_ready(error)
        await self.app.close()
        await self._close_messenger()

    def _dump(self) -> None:
        dump(self.app, failed=True)
        dump_timing(self.app)

    async def stop(self) -> None:
        """Drains, runs the closing hooks in reverse, and flushes, within `stop_limit`."""
        self.process.notifier.stopping()
        self.backoff.clear()
        self.recycling.cancel()
        self.ends.write(uncaught=self._uncaught_error, recycled=self.recycling.reason)
        self._leave()
        limit = stop_limit(self.app, self.process.notifier)
        try:
            async with asyncio.timeout(limit):
                if self.server is not None:
                    config = self.app.config[AppConfig]
                    drain = drain_limit(config.drain_timeout, config.close_timeout, limit)
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self.app.drain(drain))
                        await self.server.drain(drain)  # begins in this turn of the loop
                await self.app.close()
                await self._close_messenger()
        except TimeoutError:
            self.process.console.write(ERROR, f"not stopped after {limit:g} s, giving up")
        if self._uncaught_error:
            # The last status, because systemd shows it beside exit code 1.
            self.process.notifier.failed(self._uncaught_error)

    async def _accept(self) -> None:
        process = self.process
        listener = inherited_listener(process.activation, self.app.config)
        page: AcceptPage | None = None
        if is_trial(process.slot):
            listener = trial_listener(process.rundir, listener)
        else:
            page = AcceptPage(process.rundir / "accept", process.slot)
        warn = self.app.core_logger.warning
        tls = https_context(self.app.config, os.environ, self.app.base_dir, warn)
        dispatcher = Dispatcher(self.app, asyncio.get_running_loop())
        config, refuse = self.app.http_config, refuser(self.app)
        methods = self.app.router.index.methods
        self.server = HttpServer(dispatcher, config, self._log, refuse, methods)
        self.server.fix_fields(self.app.fixed_fields)
        self._measure(self.server)
        if text := exposure(self.app.config, listener.getsockname()):
            warn(text)
        proxies = senders(self.app.config) if page else None
        await self.server.start(listener, page, tls, proxies)
        name, scheme = listener.getsockname(), "https" if tls else "http"
        self._listen_text = f"{address.display(name)}, TLS" if tls else address.display(name)
        self._listening = {
            "port": name[1] if isinstance(name, tuple) else None,
            "address": address.url(name, scheme, os.environ),
            "protocol": scheme,
        }

    def _measure(self, server: HttpServer) -> None:
        if self.app.config[ClusterConfig].metrics.enable:
            self.measures = Measures(self.app, self.messenger, server)
            self.messenger.on(REPORT, self._report)

    def _announce_identity(self) -> None:
        roots = [unit.root for unit in self.app.units]
        greeting = "PROXY" if self.app.http_config.proxy_protocol else ""
        own = announce(self.process, roots, str(self._listening["protocol"]), greeting)
        if why := difference(self.process, own):
            cure = SuiteNames.chosen(os.environ).command("reload")
            self.app.core_logger.warning("%s (%s)", why, cure)

    def _ready(self, seconds: float) -> None:
        process = self.process
        process.notifier.ready()
        self._serving = self._was_ready = True
        self.recycling.start(self.app.config[ClusterConfig].recycle)
        self._show_ready()
        self.messenger.announce("ready", **self._figures())
        self.app.core_logger.info(
            "serving on %s (%dms), %s in %s",
            self._listening["address"],
            seconds * 1000,
            *self._identity(),
        )
        asyncio.get_running_loop().call_later(STEADY_AFTER, self.backoff.clear)
        asyncio.get_running_loop().call_soon(dump, self.app)

    def _show_ready(self) -> None:
        name, env = self._identity()
        parts = [
            f"ready: {name} ({env}) on {self._listen_text}",
            self._socket_problem,
            self.app.loggers.degraded,
        ]
        text = "; ".join(filter(None, parts))
        if text != self.process.notifier.text:
            self.process.status(text)

    def _identity(self) -> tuple[str, str]:
        return self.app.name, self.app.env

    def _leave(self) -> None:
        self._serving = False
        self._report()
        if self._is_open:
            why = {RECYCLING: self.recycling.reason} if self.recycling.reason else {}
            self.messenger.announce("leaving", **self._figures(), **why)
        count = self.server.stats.connections if self.server else 0
        self.process.status(f"draining: {count} connections")

    def _tick(self) -> None:
        """Updates the status and sends figures to the agent, at each tick of the watchdog."""
        if self.server is None or not self._serving:
            return
        self._socket_problem = self.messenger.repair()
        self.app.loggers.recover()
        self._show_ready()
        self.recycling.check(self.server.stats.requests)
        if self.measures is not None:
            self.measures.tick(self.watchdog.interval)
        figures, messages = self.server.stats, self.messenger.stats
        count = messages.sent + messages.received
        problems = self.app.dependencies.problems, self.app.loggers.degraded
        announced = *self._announced, self._problems
        if (figures.requests, figures.connections, count, problems) == announced:
            return
        self._report()
        # The announcement itself is one more message, and the report another one.
        sent = 1 + (self.measures is not None)
        self._announced = figures.requests, figures.connections, count + sent
        self._problems = problems
        self.messenger.announce("ready", **self._figures())

    def _figures(self) -> dict[str, object]:
        if self.server is None:
            return {}
        stats = self.server.stats
        return {
            "requests": stats.requests,
            "connections": stats.connections,
            "messages": self.messenger.figures,
            **self._listening,
            **self.ends.figure,
            **self.app.dependencies.figure,
            **logs_figure(self.app.loggers.degraded),
        }

    def _report(self, data: object = None) -> None:
        """Sends the figures of the metrics to the agent."""
        if self.measures is not None and self._is_open:
            self.messenger.send_to_agent(REPORT, self.measures.report())

    async def _suite_ready(self, data: object) -> None:
        await self.app.lifecycle.server_did_ready()

    def _uncaught(self, line: str) -> None:
        if self._was_ready:
            self._uncaught_error = f"uncaught {line}"
            self.process.status(f"{self._uncaught_error}; finishing what is in flight")
            self.lifetime.end(1)
        else:
            self.lifetime.uncaught(line)

    async def _close_messenger(self) -> None:
        self.watchdog.stop()
        if self._is_open:
            await self.messenger.flush(1.0)
            self.messenger.close()

    def _log(self, level: str, text: str) -> None:
        getattr(self.app.core_logger, level)("%s", text)


def check_limits(app: Application) -> None:
    """Raises ConfigError for time limits that do not fit below the unit's TimeoutStopSec=40."""
    config = app.config[AppConfig]
    together = config.drain_timeout + config.close_timeout
    if app.close_limit is None and together > STOP_CEILING:
        error = ConfigError(
            f"drain_timeout + close_timeout must be at most {STOP_CEILING:g} s, not {together:g}",
            hint="systemd kills a worker 40 s after it was asked to stop",
            keys=["drain_timeout", "close_timeout"],
        )
        raise app.config.locate(error)


def start_limit_hint(origin: str) -> str:
    """Returns how to allow a longer start; `origin` is the place of the current value."""
    of = "is eggd's default" if origin in ("", "eggd") else f"is set in {origin}"
    return f"increase worker_start_timeout in the config; its value {of}"


def serve(process: Process) -> int:
    """Runs the worker to its end and returns the exit code."""
    backoff = Backoff(process.rundir, process.slot)
    process.limit.set(AppConfig().worker_start_timeout, start_limit_hint("eggd"))
    process.status(f"starting {process.info.name} ({process.info.env})")
    return run_on_loop(_main(process, backoff))


async def _main(process: Process, backoff: Backoff) -> int:
    worker = Worker(process, backoff)
    return await worker.lifetime.run(worker)


if __name__ == "__main__":
    sys.exit(run("worker", sys.argv, serve))
