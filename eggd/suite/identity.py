"""Which application a process runs, and whether all processes of a suite run the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The application of one process; all workers and the agent should have the same."""

    pid: int
    base_dir: str
    """The app's folder without symbolic links: two releases behind one link differ."""
    name: str
    env: str
    settings: str
    """A digest of the other inputs of its config: scope, variables, credentials, eggd's version."""
    code: str
    """A digest of the app's Python files that it had imported when it became ready."""
    scheme: str = ""
    """`http` or `https` of a worker; "" for the agent."""
    greeting: str = ""
    """`PROXY` if connections to a worker begin with a PROXY header."""
    unit: str = ""
    """A digest of the files of the agent's unit as it started; "" for a worker."""

    @property
    def application(self) -> tuple[str, str, str, str]:
        """The values that agent and workers must share; not `code`, as the agent imports other
        files."""
        return self.base_dir, self.name, self.env, self.settings

    @property
    def title(self) -> str:
        """A description of the application: `shop (prod) in /srv/shop`."""
        return f"{self.name} ({self.env}) in {self.base_dir}"


def mixture(agent: Identity | None, workers: Mapping[int, Identity]) -> str:
    """Returns one line that names the mixed processes; "" if agent and workers run the same."""
    named = {f"worker {slot}": workers[slot] for slot in sorted(workers)}
    identities = {"agent": agent, **named} if agent else named
    applications = {each.application for each in identities.values()}
    if len(applications) > 1:
        groups = _group({name: (each.application, each) for name, each in identities.items()})
        return f"{len(applications)} applications are mixed: {'; '.join(_titled(groups))}"
    groups = _group({name: (each.code, each) for name, each in named.items()})
    if len(groups) > 1:
        return f"workers run different code: {'; '.join(names for names, _ in groups)}"
    return ""


def differs(agent: Identity | None, worker: Identity | None) -> str:
    """Returns how an agent's application differs from a worker's; "" if equal or unknown."""
    if agent is None or worker is None or agent.application == worker.application:
        return ""
    if agent.title == worker.title:
        return f"it runs {agent.title} with other settings"
    return f"it runs {agent.title}, not {worker.title}"


def _group(keyed: Mapping[str, tuple[object, Identity]]) -> list[tuple[str, Identity]]:
    """Returns the names grouped by key, each group with the identity of its first name."""
    alike: dict[object, list[str]] = {}
    for name, (key, _) in keyed.items():
        alike.setdefault(key, []).append(name)
    return [(", ".join(names), keyed[names[0]][1]) for names in alike.values()]


def _titled(groups: Iterable[tuple[str, Identity]]) -> list[str]:
    groups = list(groups)
    alike = len({each.title for _, each in groups}) < len(groups)
    return [
        f"{names}: {each.title}" + (f", settings {each.settings}" if alike else "")
        for names, each in groups
    ]
