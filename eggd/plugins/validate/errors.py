"""The error of wrong rules."""

from __future__ import annotations

from eggd import EggError


class RuleError(EggError):
    """Raised when rules are wrong; the message names the place of the call and the field."""
