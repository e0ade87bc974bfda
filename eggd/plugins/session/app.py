"""Checks the config of sessions, and opens the store that it names."""

from __future__ import annotations

from eggd import Boot, ConfigError, EggError
from eggd.plugins.session.cautions import warnings_of
from eggd.plugins.session.section import SessionConfig


class SessionBoot(Boot):
    """Prepares a worker for sessions before its first request."""

    def config_did_load(self) -> None:
        """Checks the config: an application that configures sessions needs `config.keys`."""
        options: SessionConfig = self.config.session
        if self._is_configured():
            self._check_cookie(options)
            if options.encrypt or options.signed:
                self._check_keys()
        self.app.warnings += warnings_of(options, self.config, self.app.env)
        if options.rolling or options.renew or options.context_store is not None:
            self.app.load_sessions()
        if options.store:
            from eggd.plugins.session.stores.opening import open_store

            try:
                self.app.session_store = open_store(self.app, options)
            except ConfigError as exc:
                raise ConfigError(
                    exc.message, hint=exc.hint, keys=exc.keys or ["session.store"]
                ) from exc

    async def will_ready(self) -> None:
        """Imports now what sessions and their encryption need, so that no request waits for it."""
        if self._is_configured():
            import eggd.plugins.session.request_session  # noqa: F401

            self._check_external_key(self.config.session)
            if self.config.session.encrypt:
                self.app.keyring.prepare()

    def _check_keys(self) -> None:
        """Raises ConfigError without a key, at the place of `keys`, else of `session`."""
        try:
            self.app.keys  # noqa: B018  # raises ConfigError with the cure
        except ConfigError as exc:
            key = "keys" if self.config.is_set("keys") else "session"
            raise ConfigError(exc.message, hint=exc.hint, keys=[key]) from exc

    def _check_cookie(self, options: SessionConfig) -> None:
        """Raises ConfigError for a name, path or domain that no cookie can have."""
        cookies = self.app.create_anonymous_context().cookies
        path, domain = options.path, options.domain
        try:
            cookies.set(
                options.key,
                "1",
                signed=False,
                secure=options.is_prefixed,
                ignore_secure_error=True,
                path=path,
                domain=domain,
            )
        except EggError as exc:
            text = f"session.key, path or domain is wrong: {exc.message}"
            keys = [f"session.{name}" for name in ("key", "path", "domain")]
            raise ConfigError(text, hint=exc.hint, keys=keys) from exc

    def _check_external_key(self, options: SessionConfig) -> None:
        """Raises ConfigError for one without a store; `did_load` may have set that."""
        has_store = self.app.session_store is not None or options.context_store is not None
        if options.external_key is not None and not has_store:
            raise ConfigError(
                "session.external_key has no effect without a store",
                hint="set session.store, or app.session_store in did_load",
                keys=["session.external_key"],
            )

    def _is_configured(self) -> bool:
        """Returns whether the application's own config has the section, even an empty one."""
        return self.config.is_set("session")

    async def before_close(self) -> None:
        """Closes the store."""
        close = getattr(self.app.session_store, "close", None)
        if close is not None:
            await close()
