"""Makes the policy from the config, and switches it on."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.cors.origins import loose_patterns
from eggd.plugins.cors.policy import CorsPolicy


class CorsBoot(Boot):
    """Adds the policy before any other guard and middleware."""

    def config_did_load(self) -> None:
        """Checks the config. Without `cors.origin` no origin is allowed: warns (known:KW-40)."""
        options = self.config.cors
        if options.origin is None or options.origin == []:
            where = "cors.origin is not set: no response has a field for other origins"
            self.app.warnings.append(f"{where} (cors = {{'origin': ['https://...']}})")
            return
        self.app.guard(CorsPolicy(options).guard)
        place = self.config.located("cors.origin")
        for text in loose_patterns(options.origin):
            self.app.warnings.append(f"{place}: cors.origin: the pattern {text}")
        self.app.config.core_middleware.insert(0, "cors")
