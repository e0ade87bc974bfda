"""Makes the protections from the config, and switches them on."""

from __future__ import annotations

import re

from eggd import Boot, ConfigError
from eggd.plugins.security.guard import fast_guard
from eggd.plugins.security.headers import part
from eggd.plugins.security.levels import complete
from eggd.plugins.security.options import XFrameOptions
from eggd.plugins.security.section import MIDDLEWARES, SecurityConfig
from eggd.plugins.security.security import Security

_FRAMES = re.compile(r"(?:DENY|SAMEORIGIN|ALLOW-FROM .*)?\Z", re.IGNORECASE)


class SecurityBoot(Boot):
    """Prepares a worker before its first request."""

    def config_did_load(self) -> None:
        """Completes the config by its level, and adds the header fields."""
        section: SecurityConfig = self.config.security
        log = self.app.core_logger
        complete(section, lambda text: log.warning("[security] %s", text))
        self._warn(section)
        self.app.security = Security(self.app, section)

    async def will_ready(self) -> None:
        """Adds the guard, which needs the loaded app, and logs the parts in use (process:SEC-1)."""
        security = self.app.security
        section = security.section
        names = [name for name in MIDDLEWARES if part(section, name).enable]
        security.check_mounts()
        if part(section, "csrf").enable:
            security.csrf.secrets.prepare()
        self.app.guard(fast_guard(security))
        text = "[security] level %s uses %s"
        self.app.core_logger.info(text, section.level, ", ".join(names) or "no part")

    def _warn(self, section: SecurityConfig) -> None:
        csrf = self.config.security.csrf
        if csrf.enable and csrf.use_session and "session" not in self.app.plugins.enabled:
            raise ConfigError(
                "security.csrf.use_session is on, but the plugin session is off",
                hint="switch session on in config/plugin.py",
            )
        if csrf.enable and csrf.ignore_json:
            self.app.core_logger.warning(
                "[security] security.csrf.ignore_json is deprecated: a page of another site can"
                " send JSON, too (use security.csrf.ignore, or level 'strict')"
            )
        if csrf.enable and not csrf.supported_requests:
            self.app.core_logger.warning(
                "[security] security.csrf.supported_requests is empty: no usual request is checked"
            )
        value = part(section, "xframe")
        if isinstance(value, XFrameOptions) and not _FRAMES.match(value.value):
            self.app.core_logger.warning(
                "[security] security.xframe.value: browsers know DENY and SAMEORIGIN, not %r",
                value.value,
            )
        if section.csp is not False and section.csp.enable and not section.csp.policy:
            self.app.core_logger.warning(
                "[security] security.csp.enable has no effect without a policy"
            )
