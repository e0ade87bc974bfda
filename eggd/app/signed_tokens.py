"""`app.sign_token` and `app.read_token`: links that prove that this app made them."""

from __future__ import annotations

import json
from time import time

from eggd.app.context.keyring import HoldingKeys
from eggd.config.measures import BadValueError, seconds
from eggd.errors import ArgumentError
from eggd.wire.signed_token import payload_of, signed


class SigningTokens(HoldingKeys):
    """The members of application and agent that make and read signed tokens."""

    name: str

    def sign_token(self, data: object, *, purpose: str, max_age: float | str | None) -> str:
        """Returns a token for a URL, which holds `data` and is signed by the first of `keys`.

        Everybody can read the data, but cannot change them. `data` is a value that JSON can
        hold, but not None. `purpose` is the only one that `read_token` accepts the token for;
        `max_age` is seconds, or text such as "2h"; None: the token has no end. Raises ArgumentError
        for another value, ConfigError without `config.keys`.
        """
        _check_purpose(purpose)
        if data is None:
            raise ArgumentError(
                "the data of a token must not be None",
                hint="read_token returns None for a wrong token",
            )
        end = None if max_age is None else round(time() + _age(max_age), 3)
        try:
            text = json.dumps([end, data], allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError) as exc:
            raise ArgumentError(f"the data of a token cannot be written as JSON: {exc}") from exc
        return signed(text.encode(), self.keyring.keys[0], self.name, purpose)

    def read_token(self, token: object, *, purpose: str) -> object:
        """Returns the data of a token that this app has signed for `purpose`, by any of `keys`.

        None for a token that has ended, of another purpose or app, that was changed, or that is
        not a token: pass it as the client sent it.
        """
        _check_purpose(purpose)
        if not isinstance(token, str):
            return None
        payload = payload_of(token, self.keyring.keys, self.name, purpose)
        if payload is None:
            return None
        end, data = json.loads(payload)
        return None if end is not None and end <= time() else data


def _check_purpose(purpose: object) -> None:
    if not isinstance(purpose, str) or not purpose:
        raise ArgumentError(
            f"purpose of a token must be text, not {purpose!r}", hint="such as 'password-reset'"
        )


def _age(max_age: float | str) -> float:
    """Returns the seconds of a `max_age`, above 0."""
    try:
        age = seconds(max_age)
    except BadValueError as exc:
        raise ArgumentError(f"max_age of a token must be {exc}, not {max_age!r}") from None
    if not age:
        raise ArgumentError(f"max_age of a token must be above 0, not {max_age!r}")
    return age
