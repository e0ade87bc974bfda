"""Checks data by a class, without a server."""

from __future__ import annotations

import sys
from typing import Any, cast

from eggd import Context
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.validator import Validator


def check(model: object, data: object, *, convert: bool = False) -> Any:
    """Returns the instance; raises HttpError, RuleError."""
    frame = sys._getframe()
    return Validator(ValidateConfig()).checked(cast("Context", None), model, data, frame, convert)
