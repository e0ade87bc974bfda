"""The session of a mock, which requests change and end; the session that a test reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn, Protocol
from weakref import ref

from eggd import Context
from eggd.errors import MockError
from eggd.plugins.session.contents import check_assigned, checked_mapping
from eggd.plugins.session.session import MaxAge, Session

__tracebackhide__ = True  # pytest shows the line of the test instead


class Property(Protocol):
    """The property `session` that a mock replaces."""

    def __get__(self, ctx: Context, cls: type[Context], /) -> Session | None:
        """Returns the session of a request."""

    def __set__(self, ctx: Context, values: Mapping[str, object] | None, /) -> None:
        """Replaces it; None removes it."""


class UnsavedSession:
    """The owner of a mocked session, which no request saves."""

    is_new = False
    max_age: MaxAge = 86_400.0

    def set_max_age(self, max_age: object) -> None:
        """Does nothing."""

    def force(self, *, new_id: bool = False) -> None:
        """Does nothing."""

    def note_change(self) -> None:
        """Does nothing."""

    async def commit(self) -> object:
        """Does nothing."""


class MockedSession:
    """A property `ctx.session` that all requests share, until one sets it to None.

    From then on each request has its own. Raises EggError for data that a session cannot hold.
    """

    def __init__(self, values: Mapping[str, object], own: Property) -> None:
        check_assigned(values)
        self._own: Property = own._own if isinstance(own, MockedSession) else own
        self._session: Session | None = Session(values, UnsavedSession())
        # The context that has removed the session: it sees None.
        self._ended_by: ref[Context] | None = None

    def __get__(self, ctx: Context, cls: type[Context]) -> Session | None:
        if self._session is not None or self._is_ended_by(ctx):
            return self._session
        return self._own.__get__(ctx, cls)

    def __set__(self, ctx: Context, values: Mapping[str, object] | None) -> None:
        if self._session is None and not self._is_ended_by(ctx):
            self._own.__set__(ctx, values)
            return
        data = checked_mapping(values)
        self._session = None if data is None else Session(data, UnsavedSession())
        self._ended_by = ref(ctx) if data is None else None

    def _is_ended_by(self, ctx: Context) -> bool:
        return self._ended_by is not None and self._ended_by() is ctx


class SessionCopy(Mapping[str, object]):
    """A session that a test reads; it equals a dict of the same data."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> object:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def __setitem__(self, key: str, value: object) -> NoReturn:
        raise unchangeable()

    def __delitem__(self, key: str) -> NoReturn:
        raise unchangeable()


def unchangeable() -> MockError:
    """Returns the error for a test that changes `client.session`."""
    return MockError(
        "client.session is a copy of the session, which a test cannot change",
        hint="use mock_session, or send a request that changes it",
    )
