"""Sends the runs of jobs to ready workers, and follows each to its end (process:SCH-51, SCH-53).

A run counts as soon as it is sent: if its worker dies, the run has failed and is not repeated.
Without a ready worker it waits for one; so do runs of `queue` for the end of the one before.

An agent that was killed may have lost the report of a run, or not have sent the run at all: the
next agent asks the worker of each run in its record.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eggd import Agent, EggError, Logger, MessengerError
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.record import Run, ScheduleRecord

ACTION = "egg-schedule"
"""The action of the messages, in both directions (process:IPC-14)."""

Report = Callable[[Mapping[str, object]], None]


@dataclass(frozen=True, slots=True)
class Request:
    """A run that waits to be sent."""

    id: str
    job: Job
    args: list[object]
    to_all: bool
    claim: dict[str, float] | None


class Dispatcher:
    """The runs of all jobs; `started` and `finished` are called with the facts of each."""

    def __init__(
        self, agent: Agent, record: ScheduleRecord, log: Logger, started: Report, finished: Report
    ) -> None:
        self._agent = agent
        self._record = record
        self._log = log
        self._started, self._finished = started, finished
        self._numbers = itertools.count(1)
        self._waiting: dict[str, Request] = {}
        """Runs for which no worker is ready, by key; at most one of each job."""
        self._queued: dict[str, Request] = {}
        """Runs that wait for the end of the one before, by key; at most one of each job."""
        self._unasked = {(run.id, pid) for run in record.runs.values() for pid in run.pids}
        """Runs of the agent before, and the workers that have not been asked for them."""

    def send(
        self,
        job: Job,
        args: list[object],
        *,
        to_all: bool,
        claim: dict[str, float] | None = None,
    ) -> None:
        """Sends a run of a job, or lets it wait, or leaves it out; the record is written before.

        Where there is a claim, the server has decided about `overlap`.

        Raises EggError for arguments that JSON does not have.
        """
        request = Request(self._id(), job, _as_sent(job, args), to_all, claim)
        if claim is None and self._running(job.key) and job.options.overlap != "allow":
            self._postpone(request)
        else:
            self._send(request)
        self._record.write()

    def members_changed(self) -> None:
        """Fails the runs of workers that have ended, asks those that came back for their runs, and
        sends what waits for a worker."""
        runs = [(run, pid) for run in self._record.runs.values() for pid in run.pids]
        dead = [(run, pid) for run, pid in runs if not self._is_alive(pid)]
        for run, pid in dead:
            self._fail(run, pid, "its worker has ended")
        self._ask()
        waiting = self._waiting if self._waiting and self._ready() else {}
        if waiting:
            self._waiting = {}
            for request in waiting.values():
                self._send(request)
        if dead or waiting:
            self._record.write()

    def extend(self, number: str, deadline: float) -> None:
        """Tells the worker of a run the new end of its claim; does nothing after its end."""
        run = self._record.runs.get(number)
        if run is not None and run.claim is not None:
            run.claim["deadline"] = deadline
            for pid in list(run.pids):
                self._post(run, pid, "extend")

    @property
    def has_worker(self) -> bool:
        """Whether a worker is ready."""
        return bool(self._ready())

    def report(self, data: object) -> None:
        """Takes the report of a worker; one that is malformed or of an unknown run is ignored."""
        if not isinstance(data, dict):
            return
        run = self._record.runs.get(str(data.get("id")))
        if run is not None and data.get("worker_id") in run.pids:
            self._end(run, int(data["worker_id"]), data)
            self._record.write()

    def _send(self, request: Request) -> None:
        job, pids = request.job, self._ready()
        if not pids:
            self._await_worker(request)
            return
        chosen = pids if request.to_all else [random.choice(pids)]
        run = Run(request.id, job.key, chosen, request.args, request.claim)
        self._record.runs[run.id] = run
        self._owe(job.key, owed=False)
        self._record.write()  # before the line: each run with a line ends with one, too
        how = "all" if request.to_all else "random"
        self._log.info("[Job#%s] %s triggered, send %s by agent", request.id, job.key, how)
        about = {"key": job.key, "id": run.id, "args": request.args}
        self._started({**about, **_claim_of(run)})
        for pid in list(chosen):
            self._post(run, pid)

    def _ask(self) -> None:
        """Asks each known worker for its runs that an agent before has recorded."""
        if not self._unasked:
            return
        known = {member.pid for member in self._agent.messenger.members}
        for number, pid in [each for each in self._unasked if each[1] in known]:
            self._unasked.remove((number, pid))
            run = self._record.runs.get(number)
            if run is not None and pid in run.pids:
                self._post(run, pid, "ask")

    def _post(self, run: Run, pid: int, kind: str = "") -> None:
        """Sends a run to a worker, or asks for its report, or extends its claim."""
        about = {"key": run.key, "id": run.id, "args": run.args, **_claim_of(run)}
        data = {**about, **({kind: True} if kind else {})}
        try:
            if hasattr(self._agent, "application"):  # the same process
                self._agent.messenger.send_to_app(ACTION, data)
            else:
                self._agent.messenger.send_to(pid, ACTION, data)
        except MessengerError as exc:
            self._fail(run, pid, exc.line)

    def _await_worker(self, request: Request) -> None:
        key = request.job.key
        if key in self._waiting:
            text = "[Job#%s] %s is left out: an earlier run waits for a worker"
            self._log.warn(text, request.id, key)
            return
        self._log.warn("[Job#%s] %s waits: no worker is ready", request.id, key)
        self._waiting[key] = request
        self._owe(key, owed=True)

    def _postpone(self, request: Request) -> None:
        key = request.job.key
        if request.job.options.overlap == "queue" and key not in self._queued:
            text = "[Job#%s] %s waits: an earlier run is going on"
            self._log.info(text, request.id, key)
            self._queued[key] = request
            self._owe(key, owed=True)
        else:
            text = "[Job#%s] %s is left out: an earlier run is going on"
            self._log.warn(text, request.id, key)

    def _owe(self, key: str, *, owed: bool) -> None:
        """Notes whether a tick of a job still has to run: a restarted agent sends it."""
        if (mark := self._record.marks.get(key)) is not None:
            mark.owed = owed

    def _fail(self, run: Run, pid: int, reason: str) -> None:
        text = "[Job#%s] %s execute failed: %s (pid %s)"
        self._log.error(text, run.id, run.key, reason, pid)
        about = {"key": run.key, "id": run.id, "args": run.args, "rt": None, "repeat": True}
        self._end(run, pid, {**about, "success": False, "worker_id": pid, "message": reason})

    def _end(self, run: Run, pid: int, info: Mapping[str, object]) -> None:
        run.pids.remove(pid)
        if not run.pids:
            self._record.runs.pop(run.id, None)
        self._finished({**info, **_claim_of(run)})
        if not self._running(run.key) and (request := self._queued.pop(run.key, None)):
            self._send(request)

    def _running(self, key: str) -> bool:
        return key in self._waiting or any(run.key == key for run in self._record.runs.values())

    def _ready(self) -> list[int]:
        if hasattr(self._agent, "application"):
            return [os.getpid()]
        return [each.pid for each in self._agent.messenger.members if each.state == "ready"]

    def _is_alive(self, pid: int) -> bool:
        if hasattr(self._agent, "application"):
            return pid == os.getpid()
        for member in self._agent.messenger.members:
            if member.pid == pid:
                return member.state not in ("left", "failed")
        try:
            os.kill(pid, 0)  # it may not have announced itself to this agent yet
        except (ProcessLookupError, PermissionError):  # ended; or its number is another user's
            return False
        return True

    def _id(self) -> str:
        """Returns digits that no other run of this machine has (process:SCH-53)."""
        return f"{time.time_ns() // 1_000_000}{time.monotonic_ns()}{next(self._numbers)}"


def _claim_of(run: Run) -> dict[str, object]:
    return {} if run.claim is None else {"claim": run.claim}


def _as_sent(job: Job, args: list[object]) -> list[object]:
    """Returns a copy of the arguments as a worker gets them."""
    try:
        copy: list[object] = json.loads(json.dumps(args))
    except (TypeError, ValueError) as exc:
        raise EggError(
            f"schedule: {job.key} cannot get the arguments {args!r:.200}: {exc}",
            hint="give strings, numbers, lists and dicts",
        ) from exc
    return copy
