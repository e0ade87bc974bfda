"""Puts a release in service, and undoes that if it does not serve: `deploy` and `rollback`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from eggd.cli import suite
from eggd.cli.backend import by_systemd
from eggd.cli.draining import draining
from eggd.cli.progress import waiting
from eggd.errors import EggError, NotReadyError, ReleaseError, SystemdError
from eggd.host import defaults
from eggd.host.release.health import Address, Check
from eggd.host.release.places import Places
from eggd.host.release.switch import Before, Switch
from eggd.host.release.trial import INTERVAL, Trial
from eggd.host.suite_url import needs_proxy_header, suite_url
from eggd.host.systemctl import Systemctl
from eggd.identityfile import read
from eggd.suite.files import AGENT_IDENTITY, identity_file
from eggd.suite.names import SuiteNames
from eggd.wire.terminal import visible_line

MISSES = 3
"""Failed checks, one after the other, that make a release unhealthy."""

LINES = 10
"""Lines of the journal that a failure shows."""

_IDLE = ("inactive", "failed")


def say(text: str) -> None:
    """Reports a completed step on standard error.

    A switch must not end in the middle because its terminal or connection was closed.
    """
    with suppress(BrokenPipeError):
        click.echo(visible_line(text), err=True)


def require_root(names: SuiteNames) -> None:
    """Raises SystemdError unless root calls this on a host whose suite systemd runs."""
    if not by_systemd(None):
        raise SystemdError(
            f"{names.master} is not installed: releases belong to a host that systemd runs",
            hint="in a container, deploy a new image: docs/deploy.md",
        )
    if os.geteuid() != 0:
        raise SystemdError("only root may change the releases of this host", hint="use sudo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The suite of one application, its releases, and how to check them."""

    names: SuiteNames
    places: Places
    check: Check = field(default_factory=Check)
    """The request that must be answered."""
    healthy: float = 0.0
    """Seconds for which a release must stay healthy; 0 means one healthy answer."""
    drain: float = 0.0
    """Seconds for which `/ready` answers 503 before the switch; 0 means no drain."""

    @property
    def systemctl(self) -> Systemctl:
        """The service manager."""
        return Systemctl(os.environ)

    @property
    def switch(self) -> Switch:
        """The links to the releases."""
        return Switch(self.places, defaults.location(os.environ))

    def recover(self) -> str | None:
        """Undoes a switch that was interrupted; returns the release that serves again.

        Returns None if there is nothing to undo; "" if no release was in service before.
        """
        before = self.switch.pending()
        if before is None:
            return None
        say(f"undoing the interrupted switch to {before.to}")
        self._back(before, stopped=False)
        return before.release or ""

    def run(self, release: str) -> None:
        """Tries a release in the spare, switches to it, and watches it; undoes the switch if not.

        Raises ReleaseError with the reason; whatever was in service before is so again.
        """
        stopped = self._is_stopped()
        began = time.time()
        try:
            if not stopped:
                self._try(release)
            self._switch(release, stopped=stopped)
        except EggError:
            self._show_lines(began)
            raise

    def in_use(self) -> set[str]:
        """Returns the real base directories of the running agent and workers."""
        return set(self._base_dirs())

    def _try(self, release: str) -> None:
        trial = Trial(
            systemctl=self.systemctl,
            names=self.names,
            rundir=self._rundir,
            lock_directory=self._lock_directory,
            say=lambda text: None,
        )
        path, text = self.places.release(release), f"trying {release} in the spare"
        try:
            done = waiting(lambda: trial.run(path, self.check), lambda: text)
        except NotReadyError as exc:
            raise ReleaseError(
                f"{release} is not put in service: {exc.message}", hint="nothing has changed"
            ) from exc
        say(f"tried: GET {self.check.path}" if done else "not tried: the spare serves clients")

    def _switch(self, release: str, *, stopped: bool) -> None:
        with ExitStack() as drain:
            drain.enter_context(draining(self._rundir, 0 if stopped else self.drain, say))
            before = self.switch.begin(release)
            try:
                say(self._serve())
                if self.drain:  # clients come back when it has answered once
                    self._stay_healthy(self._address(), 0)
                drain.close()
                self._watch(release)
            except BaseException as exc:
                self._undo(before, exc, stopped=stopped)
                raise
        self.switch.commit(before)

    def _undo(self, before: Before, cause: BaseException, *, stopped: bool) -> None:
        why = cause.message if isinstance(cause, EggError) else "interrupted"
        say(f"undoing the switch to {before.to}: {why}")
        try:
            self._back(before, stopped=stopped)
        except EggError as second:
            raise ReleaseError(
                f"{before.to}: {why}; the undo failed, too: {second.message}", hint=second.hint
            ) from cause
        if isinstance(cause, EggError):
            again = before.release or before.base_dir or "the application before it"
            text = f"{again} {'is current' if stopped else 'serves'} again"
            raise ReleaseError(f"{before.to} is not in service: {why}", hint=text) from cause

    def _back(self, before: Before, *, stopped: bool) -> None:
        """Restores what was before, and replaces the processes that already run the release."""
        self.switch.undo(before)
        waiting(self._await_reload, lambda: "waiting for the running reload")
        if stopped:
            suite.stop(self.names)
        elif str(self.places.release(before.to).resolve()) in self.in_use():
            say(self._serve())

    def _serve(self) -> str:
        """Makes the suite run what is current, without a gap if a worker serves."""
        if any(state.ready for state in self.systemctl.states(self.names.workers)):
            return suite.reload(self.names)
        return suite.start(self.names) if self._is_stopped() else suite.restart(self.names)

    def _is_stopped(self) -> bool:
        states = self.systemctl.states(self.names.master, self.names.workers)
        return all(state.active in _IDLE for state in states)

    def _await_reload(self) -> None:
        while self.systemctl.state(self.names.master).active == "reloading":
            time.sleep(INTERVAL)

    def _watch(self, release: str) -> None:
        """Raises NotReadyError unless the release answers, and stays healthy for a while."""
        address = self._address()
        text = f"watching {release} for {self.healthy:g} s"
        waiting(lambda: self._stay_healthy(address, self.healthy), lambda: text)
        say(f"healthy for {self.healthy:g} s: {self.check.path}")

    def _address(self) -> Address:
        url = suite_url(self.systemctl, self.names, self._rundir)
        if not url:
            raise NotReadyError(f"{self.names.listener} has no address")
        proxied = needs_proxy_header(self.systemctl, self.names, self._rundir)
        return Address.of_url(url, proxied=proxied)

    def _stay_healthy(self, address: Address, seconds: float) -> None:
        problem, began = self._problems(address), time.time()
        until, misses = time.monotonic() + seconds, 0
        while (why := problem(began)) or time.monotonic() < until:
            misses = misses + 1 if why else 0
            if misses == MISSES:
                raise NotReadyError(why)
            time.sleep(INTERVAL)

    def _problems(self, address: Address) -> Callable[[float], str]:
        """Returns a function that checks the URL, and the processes that are ready now."""
        systemctl = self.systemctl
        states = systemctl.states(self.names.agent, self.names.workers)
        watched = [state.unit for state in states if state.ready]

        def problem(since: float) -> str:
            for state in systemctl.states(*watched):
                if not state.ready and state.result != "success":
                    return f"{state.unit} failed: {systemctl.reason(state.unit, since)}"
            return self.check.ask(address)

        return problem

    def _base_dirs(self) -> Iterator[str]:
        for state in self.systemctl.states(self.names.agent, self.names.workers):
            slot = self.names.slot(state.unit)
            file = AGENT_IDENTITY if slot is None else identity_file(slot)
            if state.pid and (identity := read(self._rundir / file, state.pid)) is not None:
                yield identity.base_dir

    def _show_lines(self, began: float) -> None:
        for line in self.systemctl.lines(began, LINES, self.names.agent, self.names.workers):
            say(f"  {line}")

    @property
    def _rundir(self) -> Path:
        return Path(os.environ.get("EGGD_RUNDIR") or self.names.runtime)

    @property
    def _lock_directory(self) -> Path:
        return Path(os.environ.get("RUNTIME_DIRECTORY") or self.names.lock_directory)
