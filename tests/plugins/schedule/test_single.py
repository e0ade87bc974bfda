"""Jobs in an app whose agent is in the same process."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from textwrap import dedent

import pytest

import eggd
from eggd.errors import LoadError
from eggd.testing.make_app import make_app

CLASS = """
    from eggd import Service

    class Clean(Service):
        schedule = {"type": "worker", "interval": "1h"%s}

        async def subscribe(self, *args):
            seen = self.app.__dict__.setdefault("seen", [])
            seen.append([self.app.current_context is self.ctx, self.ctx.method, *args])
            return self.ctx.query["interval"]
"""
WAITING = """
    import asyncio

    schedule = {"type": "worker", "interval": "1h", "overlap": "%s"}

    async def task(ctx, number=0):
        app = ctx.app
        app.__dict__.setdefault("begun", []).append(number)
        future = asyncio.get_running_loop().create_future()
        app.__dict__.setdefault("gates", []).append(future)
        app.messenger.send_to_agent("begun")
        await future
"""


def run(tmp_path: Path, files: dict[str, str], work: Callable[..., Awaitable[None]]) -> str:
    """Runs `work(app)` in an app of these files; returns its log of schedules."""
    base_dir = make_app(tmp_path / "shop", files)

    async def main() -> None:
        app = await eggd.start(base_dir, env="prod")
        try:
            async with asyncio.timeout(30):
                await work(app)
        finally:
            await app.close()

    asyncio.run(main())
    return (base_dir / "logs/egg-schedule.log").read_text()


async def until(app: eggd.Application, condition: Callable[[], object]) -> None:
    """Waits until a condition holds, checked after each message of a job or of its runner."""
    arrived = asyncio.Event()

    def on_message(data: object) -> None:
        arrived.set()

    for action in ("begun", "egg-schedule"):  # the dispatcher's handler is called before
        app.agent.messenger.on(action, on_message)
    while not condition():
        arrived.clear()
        await arrived.wait()


async def until_idle(app: eggd.Application) -> None:
    """Waits until no run goes on."""
    await until(app, lambda: not app.agent.schedule._record.runs)


def test_an_immediate_job_runs_once_as_the_suite_is_ready(tmp_path: Path) -> None:
    """The job has a context; each step is a line (process:SCH-21, SCH-40, SCH-50..53)."""

    async def work(app: eggd.Application) -> None:
        await until(app, lambda: app.__dict__.get("seen"))  # it may begin after the start
        await until_idle(app)
        assert app.__dict__["seen"] == [[True, "SCHEDULE"]]

    files = {"app/schedule/clean.py": CLASS % ', "immediate": True'}
    lines = run(tmp_path, files, work).splitlines()
    key = "app/schedule/clean.py"
    texts = [line.split(" ", 4)[4] for line in lines]  # agent and app write by turns
    number = next(text for text in texts if "triggered" in text).partition("]")[0][5:]
    assert number.isdecimal()
    for beginning in (
        f"[egg-schedule]: register schedule {key}",
        f"[Timer] {key} next time will execute after 3600000ms at 20",
        f"[Timer] {key} next time will execute immediate",
        f"[Job#{number}] {key} triggered, send random by agent",
        f"[Job#{number}] {key} executing by app",
        f"[Job#{number}] {key} execute succeed, used ",
    ):
        assert [text.startswith(beginning) for text in texts].count(True) == 1, beginning
    assert len(texts) == 6


@pytest.mark.parametrize("hours", [0, 3])
def test_a_tick_that_waited_and_missed_ones_run_once_together(tmp_path: Path, hours: int) -> None:
    """A restarted agent runs them once, not the waiting one beside the others (process:SCH-24)."""
    records: list[Path] = []

    async def work(app: eggd.Application) -> None:
        records.append(app.agent.state_dir / "schedule.json")
        if len(records) == 2:
            await until(app, lambda: "seen" in app.__dict__)
            await until_idle(app)

    files = {"app/schedule/clean.py": CLASS % ""}
    run(tmp_path, files, work)
    content = json.loads(records[0].read_text())
    for mark in content["marks"].values():
        mark.update(owed=True, wall=mark["wall"] - 3600 * hours)
    content["boot"] = "another boot"
    records[0].write_text(json.dumps(content))
    assert run(tmp_path, files, work).count("execute succeed") == 1


@pytest.mark.parametrize("name", ["clean", "clean.py", "app/schedule/clean", "/app/schedule/clean"])
def test_run_schedule_returns_the_result(tmp_path: Path, name: str) -> None:
    """By name or path, with arguments; an unknown job is an error (process:SCH-60)."""

    async def work(app: eggd.Application) -> None:
        path = f"{app.base_dir}{name}" if name.startswith("/") else name
        assert await app.run_schedule(path, 1, "a") == "1h"
        assert app.__dict__["seen"] == [[True, "SCHEDULE", 1, "a"]]
        with pytest.raises(LoadError, match=r"'claen' does not exist .*'clean'"):
            await app.run_schedule("claen")
        for wrong in (None, 5, ["clean"], "a\0b"):
            with pytest.raises(LoadError, match="the name of a job must be text, not"):
                await app.run_schedule(wrong)  # type: ignore[arg-type]

    run(tmp_path, {"app/schedule/clean.py": CLASS % ""}, work)


def test_jobs_of_plugins_and_folders_and_functions(tmp_path: Path) -> None:
    """Places and forms; a disabled job runs on request (process:SCH-1, SCH-2, SCH-9, SCH-61)."""
    function = """
        def fresh(app):
            async def task(ctx):
                return app.name
            return {"schedule": {"type": "all", "interval": 60, "disable": True}, "task": task}
    """
    files = {
        "config/plugin.py": 'money = {"path": "lib/money"}\n',
        "config/config_default.py": 'schedule = {"directory": ["jobs"]}\n',
        "lib/money/plugin.toml": 'name = "money"\n',
        "lib/money/app/schedule/rates.py": CLASS % "",
        "app/schedule/deep/fresh.py": function,
        "app/schedule/_private.py": "raise SystemExit\n",
        "app/schedule/local.py": 'schedule = {"type": "all", "interval": 5, "env": ["local"]}\n'
        "def task(ctx): ...\n",
        "jobs/other.py": 'schedule = {"type": "all", "interval": "5m"}\ndef task(ctx): return 7\n',
    }

    async def work(app: eggd.Application) -> None:
        assert {key: job.name for key, job in app.schedules.items()} == {
            "money:app/schedule/rates.py": "rates",
            "app/schedule/deep/fresh.py": "deep/fresh",
            "jobs/other.py": "other",
        }
        assert await app.run_schedule("deep/fresh") == "shop"
        assert await app.run_schedule("other") == 7
        with pytest.raises(LoadError, match="'local' does not exist"):
            await app.run_schedule("local")

    log = run(tmp_path, files, work)
    assert log.count("register schedule") == 2
    assert "fresh" not in log


def test_a_failing_job_is_logged_and_reported(tmp_path: Path) -> None:
    """The error is in both logs, and the app lives (process:SCH-41, SCH-42)."""
    source = """
        schedule = {"type": "worker", "interval": "1h", "immediate": True}
        def task(ctx):
            raise ValueError("no luck")
    """

    async def work(app: eggd.Application) -> None:
        await until_idle(app)

    log = run(tmp_path, {"app/schedule/clean.py": source}, work)
    assert "clean.py execute failed, used 0ms. no luck" in log
    assert "no luck" in (tmp_path / "shop/logs/common-error.log").read_text()


def test_a_job_above_its_timeout_is_cancelled(tmp_path: Path) -> None:
    source = """
        import asyncio
        schedule = {"type": "worker", "interval": 60, "immediate": True, "timeout": "20ms"}
        async def task(ctx):
            await asyncio.get_running_loop().create_future()
    """

    async def work(app: eggd.Application) -> None:
        await until_idle(app)

    assert "ms. timed out after 0.02 s" in run(tmp_path, {"app/schedule/clean.py": source}, work)


def test_a_job_that_goes_on_after_its_timeout_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that catches CancelledError has failed all the same, when it ends."""
    source = """
        import asyncio
        schedule = {"type": "worker", "interval": 60, "immediate": True, "timeout": "10ms"}
        async def task(ctx):
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
    """
    monkeypatch.setattr("eggd.plugins.schedule.runner.PATIENCE", 0.01)

    async def work(app: eggd.Application) -> None:
        await until_idle(app)

    log = run(tmp_path, {"app/schedule/clean.py": source}, work)
    assert "clean.py goes on 0.01 s after its timeout: its code catches CancelledError" in log
    assert "ms. timed out after 0.01 s, and went on" in log


def test_a_timeout_of_the_job_itself_is_a_failure(tmp_path: Path) -> None:
    """With and without a `timeout` of the schedule, whether it has a text or not."""
    source = """
        schedule = {"type": "worker", "interval": 60, "immediate": True%s}
        def task(ctx):
            raise TimeoutError
    """

    async def work(app: eggd.Application) -> None:
        await until_idle(app)

    files = {
        "app/schedule/a.py": source % "",
        "app/schedule/b.py": source % ', "timeout": "5s"',
    }
    log = run(tmp_path, files, work)
    assert log.count("execute failed") == log.count("ms. TimeoutError") == 2
    assert "succeed" not in log


def test_arguments_that_are_not_json_are_an_error_of_the_call(tmp_path: Path) -> None:
    async def work(app: eggd.Application) -> None:
        strategy = next(iter(app.agent.schedule._strategies.values()))
        with pytest.raises(eggd.EggError, match="cannot get the arguments"):
            strategy.send_one(object())
        assert not app.agent.schedule._record.runs

    run(tmp_path, {"app/schedule/clean.py": CLASS % ""}, work)


def open_gates(app: eggd.Application) -> bool:
    """Lets the runs that have begun end; returns whether all have ended."""
    for gate in vars(app)["gates"]:
        if not gate.done():
            gate.set_result(None)
    return not app.agent.schedule._record.runs


OVERLAPS = [
    ("allow", [0, 1, 2], [0, 1, 2], ""),
    ("skip", [0], [0, 3], "is left out: an earlier run is going on"),
    ("queue", [0], [0, 1, 3], "waits: an earlier run is going on"),
]


@pytest.mark.parametrize(("overlap", "beside", "all_of_them", "line"), OVERLAPS)
def test_overlapping_runs(
    tmp_path: Path, overlap: str, beside: list[int], all_of_them: list[int], line: str
) -> None:
    """`allow` runs beside, `skip` leaves out, `queue` runs one afterwards (process:SCH-23)."""

    async def work(app: eggd.Application) -> None:
        strategy = next(iter(app.agent.schedule._strategies.values()))
        for number in range(3):
            strategy.send_one(number)
        values = app.__dict__
        await until(app, lambda: len(values.get("begun", [])) == len(beside))
        gc.collect()  # the job waits on a bare future that only it refers to (known:KO-14)
        assert values["begun"] == beside
        (mark,) = app.agent.schedule._record.marks.values()
        assert mark.owed == (overlap == "queue")  # a restarted agent would send it
        await until(app, lambda: open_gates(app))
        if overlap != "allow":
            strategy.send_one(3)
            await until(app, lambda: open_gates(app))
        assert not mark.owed
        assert values["begun"] == all_of_them

    log = run(tmp_path, {"app/schedule/clean.py": WAITING % overlap}, work)
    assert line in log
    assert log.count("execute succeed") == len(all_of_them)


def test_closing_waits_for_a_running_job_and_sends_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job finishes; a later trigger is a warning (process:SCH-27)."""

    async def work(app: eggd.Application) -> None:
        strategy = next(iter(app.agent.schedule._strategies.values()))
        strategy.send_one(1)
        await until(app, lambda: "gates" in app.__dict__)
        end = app.schedule_runner.end

        async def end_of_job() -> None:
            ending = asyncio.ensure_future(end())
            await asyncio.sleep(0)  # the end waits
            assert not ending.done()
            open_gates(app)
            await ending

        monkeypatch.setattr(app.schedule_runner, "end", end_of_job)
        app.agent.schedule.close()
        strategy.send_one(2)

    log = run(tmp_path, {"app/schedule/clean.py": WAITING % "allow"}, work)
    assert "clean.py skip due to schedule closed" in log
    assert log.count("execute succeed") == 1


AGENT = """
    from eggd import Agent, Boot
    from eggd.plugins.schedule import ScheduleStrategy, TimerScheduleStrategy

    class Cluster(ScheduleStrategy):
        def start(self):
            self.infos = []
            self.send_all(self.schedule["topic"], {"a": 1})

        def on_job_start(self, info):
            self.infos.append(["start", info["args"]])

        def on_job_finish(self, info):
            self.infos.append(["finish", info["success"], info["worker_id"]])

    class Lazy(TimerScheduleStrategy):
        pass

    class MyAgent(Boot[Agent]):
        async def did_load(self):
            self.app.schedule.use("channel", Cluster)
            self.app.schedule.use("lazy", Lazy)
"""


def test_a_strategy_of_its_own(tmp_path: Path) -> None:
    """A strategy sends arguments and learns of the end (process:SCH-4, SCH-28, SCH-29)."""
    job = """
        schedule = {"type": "channel", "topic": "eggs"}
        def task(ctx, *args):
            ctx.app.seen = [ctx.query["topic"], *args]
    """

    async def work(app: eggd.Application) -> None:
        strategy = next(iter(app.agent.schedule._strategies.values()))
        infos = vars(strategy)["infos"]
        await until(app, lambda: len(infos) == 2)
        assert vars(app)["seen"] == ["eggs", "eggs", {"a": 1}]
        assert infos[0] == ["start", ["eggs", {"a": 1}]]
        assert infos[1][:2] == ["finish", True]
        assert strategy.count == 1

    run(tmp_path, {"agent.py": AGENT, "app/schedule/topic.py": job}, work)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("chanel", "topic.py:1: schedule type 'chanel' is not defined (did you mean 'channel'?)"),
        ("lazy", "Lazy: a strategy with a timer must override handler()"),
    ],
)
def test_an_unknown_type_ends_the_start(tmp_path: Path, kind: str, text: str) -> None:
    """Only the agent knows all types (process:SCH-6, SCH-28)."""
    job = f'schedule = {{"type": "{kind}", "interval": 5}}\ndef task(ctx): ...\n'

    async def work(app: eggd.Application) -> None: ...

    with pytest.raises(eggd.EggError) as caught:
        run(tmp_path, {"agent.py": AGENT, "app/schedule/topic.py": job}, work)
    assert text in caught.value.line


def test_a_report_that_the_agent_lost_is_sent_again(tmp_path: Path) -> None:
    """An agent that was killed asks for the runs in its record."""

    async def work(app: eggd.Application) -> None:
        reports = asyncio.Queue[dict[str, object]]()
        strategy = next(iter(app.agent.schedule._strategies.values()))
        strategy.send_one()
        await until(app, lambda: "gates" in app.__dict__)
        (run,) = app.agent.schedule._record.runs.values()
        ask = {"key": run.key, "id": run.id, "args": [], "ask": True}
        app.agent.messenger.send_to_app("egg-schedule", ask)  # no answer: it goes on
        await until(app, lambda: open_gates(app))
        app.agent.messenger.on("egg-schedule", reports.put_nowait)
        app.agent.messenger.send_to_app("egg-schedule", ask)
        report = await reports.get()
        assert (report["id"], report["success"]) == (run.id, True)
        app.agent.messenger.send_to_app("egg-schedule", {**ask, "id": "8"})
        report = await reports.get()
        assert (report["id"], report["success"]) == ("8", False)
        assert reports.empty()

    run(tmp_path, {"app/schedule/clean.py": WAITING % "allow"}, work)


def test_runs_of_a_process_that_was_killed_hold_no_job_back(tmp_path: Path) -> None:
    """A single process that starts again knows that the runs of the one before have ended."""
    key = f"{tmp_path}/shop/app/schedule/clean.py"

    async def work(app: eggd.Application) -> None:
        assert not app.agent.schedule._record.runs

    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    old = {"id": "7", "key": key, "pids": [1], "args": []}
    record = json.dumps({"boot": boot, "marks": {}, "runs": [old]})
    files = {"app/schedule/clean.py": dedent(CLASS % ""), "logs/schedule.json": record}
    assert "[Job#7]" in run(tmp_path, files, work)


def test_an_unknown_job_is_a_warning(tmp_path: Path) -> None:
    """A message with an unknown key, and malformed ones (process:SCH-43)."""

    async def work(app: eggd.Application) -> None:
        arrived = asyncio.Queue[object]()
        app.messenger.on("last", arrived.put_nowait)
        app.agent.messenger.on("last", arrived.put_nowait)
        app.agent.messenger.send_to_app("egg-schedule", "nonsense")
        app.agent.messenger.send_to_app("egg-schedule", {"key": "/x.py", "id": "7", "args": []})
        app.messenger.send_to_agent("egg-schedule", {"id": "8"})
        app.messenger.send_to_agent("egg-schedule", 5)
        app.agent.messenger.send_to_app("last")
        app.messenger.send_to_agent("last")
        await arrived.get()
        await arrived.get()

    log = run(tmp_path, {"app/schedule/clean.py": CLASS % ""}, work)
    assert "WARN" in log
    assert "[Job#7] /x.py unknown task" in log


def test_the_record_survives_garbage(tmp_path: Path) -> None:
    """A record that cannot be read is ignored; a job of the past is forgotten."""

    async def work(app: eggd.Application) -> None: ...

    for garbage in ("{", "[]", '{"boot": 1}', '{"boot": 1, "marks": {"a": {"b": 1}}, "runs": []}'):
        files = {"app/schedule/clean.py": dedent(CLASS % ""), "logs/schedule.json": garbage}
        run(tmp_path, files, work)
        marks = json.loads((tmp_path / "shop/logs/schedule.json").read_text())["marks"]
        assert list(marks) == ["app/schedule/clean.py"]
