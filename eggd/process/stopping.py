"""How long a process takes to stop at most: below TimeoutStopSec=40 of its unit, or as asked."""

from __future__ import annotations

from eggd.app.base import BaseApplication
from eggd.systemd import Notifier
from eggd.wire.closing import MARGIN

STOP_CEILING = 38.0
"""Seconds a stop may take: below TimeoutStopSec=40 of the units."""


def stop_limit(app: BaseApplication, notifier: Notifier) -> float:
    """Return the seconds that the stop that begins now may take (process:CL-82).

    Where EGG_*_CLOSE_TIMEOUT allows more than the unit, the service manager is asked for it.
    """
    limit = STOP_CEILING if app.close_limit is None else app.close_limit
    if limit > STOP_CEILING:
        notifier.extend_timeout(limit + MARGIN)
    return limit
