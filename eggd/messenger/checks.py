"""The checks of what code passes to a messenger. Each raises MessengerError."""

from __future__ import annotations

import math
from typing import cast

from eggd.errors import MessengerError
from eggd.masking.redact import safe_repr

LONGEST_TIMEOUT = 86_400
"""Seconds of a request."""
LONGEST_ACTION = 1000
"""Characters of an action: it is repeated in each message and error."""


def check_action(action: object) -> None:
    """Checks the name of a message or request."""
    if not isinstance(action, str):
        raise MessengerError(f"an action must be text, not {action!r}")
    if not 0 < len(action) <= LONGEST_ACTION:
        text = f"an action must have 1 to {LONGEST_ACTION} characters, not {len(action)}"
        raise MessengerError(text)


def check_timeout(name: str, timeout: object) -> None:
    """Checks the time limit of a request."""
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not 0 < cast("float", timeout) < math.inf:
        raise MessengerError(f"{name}: timeout={timeout!r} is not positive seconds")
    if cast("float", timeout) > LONGEST_TIMEOUT:
        text = f"{name}: timeout={safe_repr((), timeout)} is more than {LONGEST_TIMEOUT} seconds"
        raise MessengerError(text, hint="use seconds, not Egg's milliseconds")


def check_host(method: str, host: object) -> None:
    """Checks the name of a host that shall receive a message."""
    if not isinstance(host, str) or not host:
        text = f"cluster.{method}: host={host!r} is not the name of a host"
        raise MessengerError(text, hint="await cluster.hosts() returns the names")
