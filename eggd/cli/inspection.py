"""The state of this host as `eggd deploy --hosts` asks for it: `eggd releases --inspect`."""

from __future__ import annotations

import os

from eggd.cli.rollout import require_root
from eggd.errors import RunningError
from eggd.host import defaults
from eggd.host.release import record
from eggd.host.release.places import Places
from eggd.host.release.switch import Switch
from eggd.host.systemctl import Systemctl
from eggd.suite.names import SuiteNames
from eggd.version import __version__


def inspect(names: SuiteNames, places: Places) -> dict[str, object]:
    """Returns release, version, eggd, busy, workers and ready; raises as a deploy would."""
    require_root(names)
    current = Switch(places, defaults.location(os.environ)).current
    of_current = [each.version for each in record.releases(places) if each.name == current]
    states = [
        state
        for state in Systemctl(os.environ).states(names.workers)
        if state.enabled and state.unit != names.spare
    ]
    return {
        "release": current,
        "version": next(iter(of_current), ""),
        "eggd": __version__,
        "busy": _is_busy(places),
        "workers": len(states),
        "ready": sum(state.ready for state in states),
    }


def _is_busy(places: Places) -> bool:
    """Returns whether a deploy or rollback holds the lock of the releases."""
    if not places.root.is_dir():
        return False
    try:
        with places.locked():
            return False
    except RunningError:
        return True
