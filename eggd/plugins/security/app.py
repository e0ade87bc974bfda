"""Makes the protections from the config, and switches them on."""

from __future__ import annotations

from collections.abc import Sequence

from eggd import Boot, ConfigError, path_condition
from eggd.plugins.security.cautions import unread_hosts, warnings_of
from eggd.plugins.security.guard import fast_guard
from eggd.plugins.security.headers import part
from eggd.plugins.security.hosts import host_guard
from eggd.plugins.security.levels import complete
from eggd.plugins.security.section import MIDDLEWARES, SecurityConfig
from eggd.plugins.security.security import Security


class SecurityBoot(Boot):
    """Prepares a worker before its first request."""

    def config_did_load(self) -> None:
        """Completes the config by its level, and adds the header fields."""
        section: SecurityConfig = self.config.security
        complete(section, self._warn, self.config.is_set)
        self._check_session(section)
        for text in warnings_of(section, self.config):
            self._warn(text)
        self.app.security = Security(self.app, section)
        self.app.add_check(self._check)

    def _warn(self, text: str) -> None:
        """Adds a warning that begins with a key, with the place that sets it."""
        self.app.warnings.append(self._placed(text))

    def _placed(self, text: str) -> str:
        place = self.config.place_of(ConfigError(text))
        return f"{place}: {text}" if place else text

    async def will_ready(self) -> None:
        """Adds the guard, which needs the loaded app, and logs the parts in use (process:SEC-1)."""
        security = self.app.security
        section = security.section
        names = [name for name in MIDDLEWARES if part(section, name).enable]
        for warning in self._check():
            self.app.core_logger.warning("[egg] %s", warning)
        guard = fast_guard(security)
        if section.hosts.names:
            guard = host_guard(section.hosts, self.app.env, security.headers.choose, guard)
        self.app.guard(guard)
        text = "[security] level %s uses %s"
        self.app.core_logger.info(text, section.level, ", ".join(names) or "no part")

    def _check(self) -> Sequence[str]:
        """Checks the values that only a loaded app can judge: mounts, and the cookie of the token.

        Raises ConfigError for a wrong one. Returns a warning for hosts that nothing reads.
        """
        security = self.app.security
        security.check_mounts()
        hosts = security.section.hosts
        path_condition(hosts.match, hosts.ignore, "security.hosts")
        if part(security.section, "csrf").enable:
            security.csrf.secrets.prepare()
        return [self._placed(text) for text in unread_hosts(security.section, self.app.router)]

    def _check_session(self, section: SecurityConfig) -> None:
        """Raises ConfigError for a secret without its session, or in the session's cookie."""
        csrf = section.csrf
        if not csrf or not csrf.enable:
            return
        has_session = "session" in self.app.plugins.enabled
        if csrf.use_session and not has_session:
            raise ConfigError(
                "security.csrf.use_session is on, but the plugin session is off",
                hint="switch session on in config/plugin.py",
                keys=["security.csrf.use_session"],
            )
        names = [csrf.cookie_name] if isinstance(csrf.cookie_name, str) else csrf.cookie_name
        if has_session and not csrf.use_session and self.config.session.key in names:
            raise ConfigError(
                f"security.csrf.cookie_name: {self.config.session.key!r} is the session's cookie",
                hint="choose another name, or keep the secret in the session: use_session",
                keys=["security.csrf.cookie_name", "session.key"],
            )
