"""`app.validator`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd
from eggd import EggError

if TYPE_CHECKING:
    from eggd.plugins.validate.validator import Validator


class Application(eggd.Application):
    """An application that checks what clients send."""

    _validator: Validator | None = None

    @property
    def validator(self) -> Validator:
        """Types and translator; raises EggError before the boot hook of the plugin has made it."""
        if self._validator is None:
            raise EggError(
                "app.validator is used before config_did_load of the plugin validate",
                hint='a plugin with a type of its own has dependencies = ["validate"]',
            )
        return self._validator

    @validator.setter
    def validator(self, validator: Validator) -> None:
        self._validator = validator
