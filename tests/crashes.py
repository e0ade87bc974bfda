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
        super().remove_node(node)
        return crashed


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Replaces the scheduler of `--dist loadgroup`."""
    return Scheduling(config, log) if config.getoption("dist") == "loadgroup" else None
