"""The secrets of `config.keys`, which sign and encrypt cookies (core:APP-2)."""

from __future__ import annotations

from functools import cached_property, lru_cache

from eggd.app.config import AppConfig
from eggd.config import Config
from eggd.errors import ConfigError
from eggd.masking.known import SHORTEST, remember
from eggd.wire.cookie_cipher import CookieCipher, prepare
from eggd.wire.keygrip import Keygrip

SHORTEST_KEY = 16
"""Characters below which the first key is a warning: it could be guessed from one signature."""


class Keyring:
    """The keys of an app, newest first: the first one signs and encrypts, all are accepted."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    @cached_property
    def keygrip(self) -> Keygrip:
        """Signs and verifies."""
        return Keygrip(self.keys)

    @cached_property
    def cipher(self) -> CookieCipher:
        """Encrypts and decrypts."""
        return CookieCipher(self.keys)

    def prepare(self) -> None:
        """Imports the library for encryption: a tenth of a second that no request then waits."""
        prepare()


class HoldingKeys:
    """The members `keys` and `keyring` of application and agent."""

    config: Config

    @property
    def keys(self) -> list[str]:
        """The secrets of `config.keys`. Raises ConfigError without one (core:APP-2)."""
        return list(self.keyring.keys)

    @property
    def keyring(self) -> Keyring:
        """Signs and encrypts with `config.keys`. Raises ConfigError without a key."""
        return keyring(self.config[AppConfig].keys)


@lru_cache(8)
def keyring(keys: str) -> Keyring:
    """Returns the ring of keys that are separated by commas. Raises ConfigError without one.

    From now on each key is masked in logs and errors.
    """
    secrets = [key.strip() for key in keys.split(",") if key.strip()]
    if not secrets:
        what = "has no key between its commas" if keys.strip() else "is not set"
        raise ConfigError(
            f"config.keys {what}, which signs and encrypts cookies",
            hint="run 'eggd keys new' for a key and where to put it",
        )
    for key in secrets:
        if len(key) >= SHORTEST:
            remember(key)
    return Keyring(secrets)
