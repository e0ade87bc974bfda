"""The server that the hosts of an application share, as the agent reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from eggd import Agent, Application, ConfigError, EggError, LoadError
from eggd.plugins.schedule.claims import Claims, Engine
from eggd.plugins.schedule.job import Job

SHOWN_RUNS = 10
"""The last runs of a job that `eggd schedule list` gets."""


def client_name(app: Application | Agent, job: Job) -> str:
    """Returns the client that jobs of type `cluster` use. Raises LoadError if it does not exist."""
    name: str = app.config.schedule.cluster
    if not name:
        raise LoadError(
            f"{job.place('type')}: type 'cluster' needs a server that the hosts share",
            hint='set schedule = {"cluster": "NAME"}, a client of plugin redis',
        )
    check_client(app)
    return name


def check_client(app: Application | Agent) -> None:
    """Raises ConfigError if `schedule.cluster` names a client that does not exist."""
    name: str = app.config.schedule.cluster
    if not name:
        return
    keys = ["schedule.cluster"]
    clients = getattr(app, "redis", None)
    if clients is None:
        text = f"schedule.cluster {name!r}: plugin redis is off"
        raise ConfigError(text, hint="set redis = True in config/plugin.py", keys=keys)
    try:
        clients.target(name)
    except EggError as exc:
        text = f"schedule.cluster: {exc.message.removeprefix('app.redis: ')}"
        raise ConfigError(text, hint=exc.hint, keys=keys) from exc


def claims_of(agent: Agent, job: Job, answered: Callable[[], object] = bool) -> Claims:
    """Returns the claims of a job of type `cluster`. Raises LoadError without a server.

    `answered` is called after each answer of the server.
    """
    name = client_name(agent, job)
    engine = cast("Engine", agent.redis.any(name))
    prefix, host = f"{agent.name}/{agent.env}", agent.config.cluster.host_name
    return Claims(engine, prefix, host, answered)


async def last_runs(agent: Agent, jobs: Iterable[Job]) -> dict[str, list[dict[str, object]]]:
    """Returns the last runs of the jobs of type `cluster` on all hosts, by key, newest first.

    Raises EggError if the server does not answer.
    """
    try:
        return {
            job.key: await claims_of(agent, job).runs(job, SHOWN_RUNS)
            for job in jobs
            if job.options.type == "cluster" and not job.options.disable
        }
    except EggError:
        raise
    except Exception as exc:  # the client's errors depend on its version
        name = agent.config.schedule.cluster
        raise EggError(f"redis client {name!r}: {agent.redis.problem(name) or exc}") from exc
