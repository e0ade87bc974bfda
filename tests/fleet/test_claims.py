"""One run of type `cluster` when its host, worker, agent or server ends."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.testing.redis_server import RedisServer
from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import AGENT, Host, command
from tests.polling import await_that

LONG = """
    import asyncio
    import json
    import os
    from pathlib import Path

    schedule = {"type": "cluster", "interval": "1s", "at": "%s", "takeover": %d}
    folder = Path(os.environ.get("SHARED", ""))

    async def task(ctx):
        host, claim = os.environ["HOST_NAME"], ctx.claim
        try:
            with (folder / "tick").open("x") as file:
                file.write(str(claim.tick))
        except FileExistsError:
            if (folder / "tick").read_text() != str(claim.tick):
                return
        while not (folder / "gate").exists():
            text = json.dumps([claim.tick, claim.token, claim.is_valid])
            (folder / f"{host}.new").write_text(text)
            (folder / f"{host}.new").rename(folder / host)
            await asyncio.sleep(0.02)
        if (folder / "gate").read_text() == "die":
            os.kill(os.getpid(), 9)
"""
"""The first tick runs until the file `gate` exists, and shows its claim; the others end at once."""

QUICK = """
    import os
    from pathlib import Path

    schedule = {"type": "cluster", "cron": "* * * * * *"}

    def task(ctx):
        with Path(os.environ["SHARED"], "ticks").open("a") as file:
            file.write(f"{ctx.claim.tick}\\n")
"""


def long(at: str, takeover: int = 2) -> dict[str, str]:
    """Returns the files of the long job."""
    return {"app/schedule/long.py": LONG % (at, takeover)}


def shown(folder: Path, host: Host) -> list[object]:
    """Returns tick, token and validity of the claim that a run has shown last; [] without one."""
    file = folder / host.name
    return list(json.loads(file.read_text())) if file.exists() else []


def runs_of(host: Host) -> list[dict[str, object]]:
    """Returns the last runs as `eggd schedule list` shows them."""
    return list(json.loads(command(host, "schedule", "list", "--json"))[0]["runs"])


def runner(hosts: list[Host], folder: Path) -> tuple[Host, Host]:
    """Returns the host that runs the job first, and the other one."""
    await_that(lambda: any(shown(folder, host) for host in hosts), "run")
    first = next(host for host in hosts if shown(folder, host))
    return first, next(host for host in hosts if host is not first)


def test_least_once_is_taken_over_with_a_greater_token(
    start_hosts: StartHosts, tmp_path: Path
) -> None:
    """The host is killed; after `takeover` seconds another one runs the same tick."""
    first, other = runner(start_hosts(long("least_once")), tmp_path)
    tick, token, _ = shown(tmp_path, first)
    first.kill()
    await_that(lambda: shown(tmp_path, other), "takeover")
    assert shown(tmp_path, other)[0] == tick
    assert int(str(shown(tmp_path, other)[1])) > int(str(token))
    (tmp_path / "gate").touch()
    await_that(lambda: other.find(rf"long.py {tick} is taken over from {first.name} with"), "line")


def test_most_once_is_not_repeated_and_is_logged(start_hosts: StartHosts, tmp_path: Path) -> None:
    """The other host logs the run as failed, and does not run its tick; later ticks run."""
    first, other = runner(start_hosts(long("most_once")), tmp_path)
    tick = shown(tmp_path, first)[0]
    first.kill()
    text = rf"long.py {tick} execute failed: no sign of life of {first.name} for 2 s"
    await_that(lambda: other.find(text), "line")
    before = len(other.find("execute succeed"))
    await_that(lambda: len(other.find("execute succeed")) > before, "later tick")
    assert shown(tmp_path, other) == []
    first.start()
    before = len(first.find("is claimed")) + len(other.find("is claimed"))
    await_that(
        lambda: len(first.find("is claimed")) + len(other.find("is claimed")) > before + 3, "ticks"
    )
    assert len(first.find(text)) + len(other.find(text)) == 1


def test_a_paused_host_learns_that_its_claim_is_over(
    start_hosts: StartHosts, tmp_path: Path
) -> None:
    """Its agent is stopped beyond the claim: another host runs the tick (known:KO-19)."""
    first, other = runner(start_hosts(long("least_once")), tmp_path)
    first.suite.agent.signal(signal.SIGSTOP)
    await_that(lambda: shown(tmp_path, first)[2] is False, "end of the claim")
    await_that(lambda: shown(tmp_path, other), "takeover")
    first.go_on()
    await_that(lambda: first.find("has lost its claim"), "line")
    assert shown(tmp_path, first)[2] is False
    assert shown(tmp_path, other)[2] is True
    (tmp_path / "gate").touch()
    await_that(lambda: first.find("ended after its claim|has lost its claim"), "line")


def test_a_new_agent_keeps_the_claims_of_its_workers(
    start_hosts: StartHosts, tmp_path: Path
) -> None:
    """The agent is killed and started during the run: the claim goes on, nothing is repeated."""
    first, other = runner(start_hosts(long("least_once", 3)), tmp_path)
    first.suite.kill(AGENT)
    first.suite.spawn(AGENT).wait_ready(60)
    end = time.monotonic() + 4
    await_that(lambda: time.monotonic() > end, "end of the first claim")
    assert shown(tmp_path, first)[2] is True
    assert shown(tmp_path, other) == []
    (tmp_path / "gate").touch()
    tick = shown(tmp_path, first)[0]
    await_that(
        lambda: {"succeeded"} == {run["outcome"] for run in runs_of(first) if run["tick"] == tick},
        "recorded run",
    )


@pytest.mark.timeout(300)
def test_a_job_that_kills_its_worker_ends(start_hosts: StartHosts, tmp_path: Path) -> None:
    """A tick is claimed 5 times at most, then it has failed."""
    (tmp_path / "gate").write_text("die")
    hosts = start_hosts(long("least_once", 1))
    claimed = r"long.py (\d+) is (?:claimed|taken over from [ab]) with token"

    def claims() -> list[str]:
        tick = (tmp_path / "tick").read_text() if (tmp_path / "tick").exists() else ""
        return [each for host in hosts for each in host.find(claimed) if each == tick]

    def revived(happened: Callable[[], bool]) -> bool:
        for host in hosts:
            host.start()
        return happened()

    for count in range(1, 6):
        await_that(lambda n=count: revived(lambda: len(claims()) >= n), f"claim {count}")  # type: ignore[misc]
    text = "execute failed: 5 workers or hosts have ended or hung during it, it is given up"
    await_that(lambda: revived(lambda: any(host.find(text) for host in hosts)), "line")
    assert len(claims()) == 5
    errors = [host.suite.logdir / "common-error.log" for host in hosts]
    assert sum(file.read_text().count(text) for file in errors if file.exists()) == 1


def test_without_the_server_ticks_wait_and_the_last_one_runs(
    start_hosts: StartHosts, tmp_path: Path, redis: RedisServer
) -> None:
    """One line for an outage and one for its end; missed ticks run once (known:KO-21)."""
    hosts = start_hosts({"app/schedule/quick.py": QUICK})
    ticks = tmp_path / "ticks"
    await_that(lambda: ticks.exists() and len(ticks.read_text().split()) > 2, "ticks")
    redis.stop()
    for host in hosts:
        await_that(lambda h=host: h.find(r"\[egg-schedule\] redis client 'main' is down"), "outage")  # type: ignore[misc]
    redis.start()
    back = r"\[egg-schedule\] redis client 'main' is back"
    for host in hosts:
        await_that(lambda h=host: h.find(back), "end of it")  # type: ignore[misc]
    before = len(ticks.read_text().split())
    await_that(lambda: len(ticks.read_text().split()) > before + 2, "ticks")
    all_ticks = ticks.read_text().split()
    assert len(all_ticks) == len(set(all_ticks))
    assert [len(host.find("cluster jobs wait")) for host in hosts] == [1, 1]
    for host in hosts:
        assert all(child.alive for child in host.suite.children)
