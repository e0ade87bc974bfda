"""Checks the config of sessions, and opens the store that it names."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.session.section import SessionConfig
from eggd.plugins.session.stores.opening import open_store

DEFAULT = "eggd"
"""The origin of a key that no file sets."""


class SessionBoot(Boot):
    """Prepares a worker for sessions before its first request."""

    def config_did_load(self) -> None:
        """Checks the config: an application that configures sessions needs `config.keys`."""
        options: SessionConfig = self.config.session
        is_protected = options.encrypt or options.signed
        if is_protected and self._is_configured():
            self.app.keys  # noqa: B018  # raises ConfigError with the cure
        if not options.http_only:
            self.app.core_logger.warning(
                "[session] session.http_only is off: every script of a page can read the cookie"
            )
        if options.rolling or options.renew or options.context_store is not None:
            self.app.load_sessions()
        store = open_store(self.app, options)
        if store is not None:
            self.app.session_store = store

    async def will_ready(self) -> None:
        """Imports what encryption needs now, so that no request waits for it."""
        if self.config.session.encrypt and self._is_configured():
            self.app.keyring.prepare()

    def _is_configured(self) -> bool:
        """Returns whether the application's own config has a key of the section."""
        keys = (f"session.{key}" for key in self.config.session)
        return any(self.config.origin(key) != DEFAULT for key in keys)

    async def before_close(self) -> None:
        """Closes the store."""
        close = getattr(self.app.session_store, "close", None)
        if close is not None:
            await close()
