"""The time limit of a stop: below TimeoutStopSec=40 of the unit, or EGG_*_CLOSE_TIMEOUT."""

from __future__ import annotations

from eggd.app.base import BaseApplication
from eggd.suite.close_timeout import MARGIN
from eggd.systemd import Notifier

STOP_CEILING = 38.0
"""Seconds a stop may take: below TimeoutStopSec=40 of the units."""


def stop_limit(app: BaseApplication, notifier: Notifier) -> float:
    """Returns the seconds that a stop beginning now may take (process:CL-82).

    If EGG_*_CLOSE_TIMEOUT allows more than the unit, asks the service manager for more time.
    """
    limit = STOP_CEILING if app.close_limit is None else app.close_limit
    if limit > STOP_CEILING:
        notifier.extend_timeout(limit + MARGIN)
    return limit
