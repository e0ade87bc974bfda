"""Reports a test that ends its process, and does not run it again: a plugin for pytest-xdist.

Its schedulers give the rest of a group to another process, the test that has ended the first one
included. It then ends that one, too, up to four times per process: a test that faulthandler ends
after 15 minutes would take hours.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController


class Scheduling(LoadGroupScheduling):  # type: ignore[misc]
    """`--dist loadgroup`, where a test that ended its process counts as done."""

    def remove_node(self, node: WorkerController) -> str | None:
        """Takes back the tests of a process; returns the test during which it has ended."""
        units = self.assigned_work[node].values()
        crashed = next((name for unit in units for name, done in unit.items() if not done), None)
        for unit in units:
            if crashed in unit:
                unit[crashed] = True
        left = {name: unit for name, unit in self.assigned_work[node].items() if not _done(unit)}
        self.assigned_work[node] = left  # a group that is done would wait for its end for ever
        super().remove_node(node)
        return crashed

    def schedule(self) -> None:
        """Gives each process two groups: it begins a test when it knows the next one, too."""
        super().schedule()
        for node in self.nodes if self.collection else ():
            self._reschedule(node)


def _done(unit: dict[str, bool]) -> bool:
    return all(unit.values())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Replaces the scheduler of `--dist loadgroup`."""
    return Scheduling(config, log) if config.getoption("dist") == "loadgroup" else None
