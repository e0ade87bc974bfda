"""Checks the config of sessions, and opens the store that it names."""

from __future__ import annotations

from eggd import Boot, ConfigError, EggError
from eggd.plugins.session.section import SessionConfig

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
        if not is_protected:
            self.app.core_logger.warning(
                "[session] session.encrypt and session.signed are off: every client can write any"
                " session"
            )
        if not options.http_only:
            self.app.core_logger.warning(
                "[session] session.http_only is off: every script of a page can read the cookie"
            )
        if options.rolling or options.renew or options.context_store is not None:
            self.app.load_sessions()
        if options.store:
            from eggd.plugins.session.stores.opening import open_store

            self.app.session_store = open_store(self.app, options)

    async def will_ready(self) -> None:
        """Imports now what sessions and their encryption need, so that no request waits for it."""
        if self._is_configured():
            import eggd.plugins.session.request_session  # noqa: F401

            self._check_cookie(self.config.session)
            if self.config.session.encrypt:
                self.app.keyring.prepare()

    def _check_cookie(self, options: SessionConfig) -> None:
        """Raises ConfigError for a name, path or domain that no cookie can have."""
        cookies = self.app.create_anonymous_context().cookies
        path, domain = options.path, options.domain
        try:
            cookies.set(options.key, "1", signed=False, secure=False, path=path, domain=domain)
        except EggError as exc:
            text = f"session.key, path or domain is wrong: {exc.message}"
            raise ConfigError(text, hint=exc.hint) from exc

    def _is_configured(self) -> bool:
        """Returns whether the application's own config has a key of the section."""
        keys = (f"session.{key}" for key in self.config.session)
        return any(self.config.origin(key) != DEFAULT for key in keys)

    async def before_close(self) -> None:
        """Closes the store."""
        close = getattr(self.app.session_store, "close", None)
        if close is not None:
            await close()
