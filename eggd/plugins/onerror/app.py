"""Makes the answers to errors from the config."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.onerror.answers import ErrorAnswers
from eggd.plugins.onerror.kinds import KINDS


class OnerrorBoot(Boot):
    """Prepares a worker before its first request."""

    def config_did_load(self) -> None:
        """Sets `app.error_answers`, and loads the page for developers in env local alone."""
        options = self.config.onerror
        self.app.error_answers = ErrorAnswers(self.app, options)
        names = [name for name in KINDS if getattr(options, name)]
        if options.all is not None and names:
            self.app.warnings.append(
                f"onerror.{', onerror.'.join(names)} has no effect: onerror.all answers every error"
            )
