"""Drop-ins of the units: lines that systemd ignores, and a low limit of open files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import AS_ROOT, OK, UNSEEN, WARN, Finding, InspectedHost
from eggd.cli.diagnosis.kernel import FILES
from eggd.errors import SystemdError
from eggd.host.enabled import enabled_slots
from eggd.host.ignored_lines import ignored_lines
from eggd.host.systemctl import Systemctl


def ignored(host: InspectedHost) -> Iterator[Finding]:
    """Checks that systemd ignores no line of a drop-in, such as one with a misspelt key."""
    if not host.installed:
        return
    try:
        for each in ignored_lines(host.names, host.root):
            place = f"{Path(each.file).parent.name}/{Path(each.file).name}:{each.line}"
            yield Finding(WARN, f"drop-in {place}", f"systemd ignores it: {each.text}", each.hint)
    except SystemdError as exc:
        yield Finding(UNSEEN, "drop-ins", exc.message, exc.hint)


def open_files(host: InspectedHost) -> Iterator[Finding]:
    """Checks how many files, so connections, the processes of the units may open."""
    if not host.installed or not host.path("/run/systemd/system").is_dir():
        return
    names = host.names
    workers = names.workers_of(enabled_slots(map(host.path, names.wants), names) or {1})
    try:
        limits = Systemctl(os.environ).open_files(names.agent, *workers)
    except SystemdError as exc:
        yield Finding(UNSEEN, "LimitNOFILE=", exc.message, AS_ROOT)
        return
    if not limits:
        return
    low = {unit: limit for unit, limit in limits.items() if limit < FILES}
    if not low:
        yield Finding(OK, "LimitNOFILE=", f"{min(limits.values())} for agent and workers")
    for unit, limit in low.items():
        text = f"{limit}: limits the connections and files of the process"
        hint = f"set LimitNOFILE={FILES} with systemctl edit {unit}"
        yield Finding(WARN, f"LimitNOFILE= of {unit}", text, hint)
