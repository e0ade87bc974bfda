"""`Session`: the data of one visitor, a dict with a lifetime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NoReturn, Protocol, Self

from eggd import EggError
from eggd.plugins.session.contents import check_assigned

MaxAge = float | Literal["session"]
"""Seconds, or "session": until the browser's own session ends."""


class Owner(Protocol):
    """The members of a request's session that `Session` uses."""

    is_new: bool
    max_age: MaxAge

    def set_max_age(self, max_age: object) -> None:
        """Sets the lifetime of this session."""

    def force(self, *, new_id: bool = False) -> None:
        """Saves with the answer, changed or not."""

    def note_change(self) -> None:
        """Warns of a change that comes too late to be saved."""

    async def commit(self) -> object:
        """Saves now."""


class Session(dict[str, Any]):
    """The value of `ctx.session`: text keys, and values that JSON can hold (process:SES-4).

    A change is saved with the answer. Keys that begin with `_`, and `isNew`, belong to the session
    itself. Assigning such a key, or a value that JSON cannot hold, raises EggError; inside of a
    value that is changed in place it is an error when the session is saved.
    """

    __slots__ = ("_owner",)

    def __init__(self, values: Mapping[str, object], owner: Owner) -> None:
        super().__init__(values)
        object.__setattr__(self, "_owner", owner)

    @property
    def is_new(self) -> bool:
        """Whether this request brought no valid session."""
        return self._owner.is_new

    @property
    def populated(self) -> bool:
        """Whether it holds anything."""
        return bool(self)

    @property
    def max_age(self) -> MaxAge:
        """Seconds it lives from its next save, or "session"; assigning saves it (process:SES-11).

        It stays with this session and wins over `config.session.max_age`. Raises EggError for any
        other value than a number of seconds above 0 and "session".
        """
        return self._owner.max_age

    @max_age.setter
    def max_age(self, max_age: MaxAge) -> None:
        self._owner.set_max_age(max_age)

    def save(self) -> None:
        """Saves the session with the answer, even if nothing has changed (process:SES-12)."""
        self._owner.force()

    def regenerate(self) -> None:
        """Sends a new id with the answer, and removes the old id from the store (process:SES-12).

        Call it at a login, so that an id from before it is worth nothing.
        """
        self._owner.force(new_id=True)

    async def manually_commit(self) -> None:
        """Saves the session now if it has changed; for `auto_commit` off (process:SES-12)."""
        await self._owner.commit()

    def __setitem__(self, key: str, value: object) -> None:
        """Sets a value. Raises EggError naming the key that a session cannot hold."""
        check_assigned({key: value})
        super().__setitem__(key, value)
        self._owner.note_change()

    def update(self, *args: object, **values: object) -> None:
        """Sets several values, as `dict.update`; one that is refused leaves all unset."""
        added: dict[str, object] = dict(*args, **values)
        check_assigned(added)
        super().update(added)
        self._owner.note_change()

    def setdefault(self, key: str, default: object = None) -> object:
        """Returns the value of a key, which is set to `default` if it is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def __ior__(self, values: object) -> Self:  # type: ignore[override,misc]
        self.update(values)
        return self

    def __missing__(self, key: str) -> NoReturn:
        hint = f"ctx.session.get({key!r}) returns None"
        raise KeyError(f"ctx.session has no {key!r} ({hint})")

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(_no_attribute(name))

    def __setattr__(self, name: str, value: object) -> None:
        if name != "max_age":
            raise AttributeError(_no_attribute(name))
        super().__setattr__(name, value)


def _no_attribute(name: str) -> str:
    text = f"ctx.session has no attribute {name!r}"
    return EggError(text, hint=f"its values are items: ctx.session[{name!r}]").line
