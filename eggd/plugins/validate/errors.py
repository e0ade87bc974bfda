"""The errors of wrong rules and of wrong data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from eggd import EggError, HttpError
from eggd.plugins.validate.run import Problem


class RuleError(EggError):
    """Raised when rules are wrong; the message names the place of the call and the field."""


class InvalidParamError(HttpError):
    """Raised when data does not fit; answered with 422 and `errors`, a dict for each error."""

    def __init__(self, errors: Sequence[Problem]) -> None:
        super().__init__(422, "Validation Failed", code="invalid_param", errors=errors)

    @property
    def messages(self) -> dict[str, str]:
        """The first message of each wrong field, by its path: for a form that is shown again."""
        errors = cast("Sequence[Problem]", self.errors)
        return {error["field"]: error["message"] for error in reversed(errors)}
