"""Makes the validator from the config."""

from __future__ import annotations

from eggd import Boot, Context
from eggd.plugins.validate.messages import Message, english
from eggd.plugins.validate.validator import Validator


class ValidateBoot(Boot):
    """Prepares `ctx.validate`."""

    def config_did_load(self) -> None:
        """Makes the validator; with the plugin i18n its messages have the visitor's language."""
        validator = self.app.validator = Validator(self.config.validate)
        if validator.translate is None and "i18n" in self.app.plugins.enabled:
            validator.translate = _in_language


def _in_language(ctx: Context | None, text: str, *values: object) -> str:
    if ctx is None:
        return english(Message(text, values))
    return ctx.gettext(text, *values)
