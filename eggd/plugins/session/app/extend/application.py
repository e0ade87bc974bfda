"""`app.session_store`."""

from __future__ import annotations

from typing import cast

import eggd
from eggd.plugins.session.functions import check_store
from eggd.plugins.session.loading import loader
from eggd.plugins.session.stores import MakeStore, SessionStore


class Application(eggd.Application):
    """An application whose sessions may be kept in a store."""

    _session_store: SessionStore | None = None
    _loads_sessions = False

    @property
    def session_store(self) -> SessionStore | None:
        """The place where sessions are kept; None: the cookie (process:SES-20).

        Set it in a boot hook, to an object or to a class, which is called with app. It wins over
        the store of the config. Raises EggError for one with a missing or wrong method.
        """
        return self._session_store

    @session_store.setter
    def session_store(self, store: SessionStore | MakeStore | None) -> None:
        before, self._session_store = self._session_store, _store_of(store, self)
        if before is not None and store is not None and self.env != "unittest":
            self.core_logger.warning(
                "app.session_store: %s replaces %s (set session.store or app.session_store, once)",
                type(self._session_store).__qualname__,
                type(before).__qualname__,
            )
        if store is not None:
            self.load_sessions()

    def session_store_of(self, ctx: object) -> SessionStore | None:
        """Returns the store of one request: its own of `context_store`, or that of all."""
        kind = self.config.session.context_store
        return self._session_store if kind is None else _store_of(kind, ctx)

    def load_sessions(self) -> None:
        """Loads the session of each request before its handler; later calls have no effect."""
        if not self._loads_sessions:
            self._loads_sessions = True
            self.use(loader(self, self.config.session))


def _store_of(store: SessionStore | MakeStore | None, owner: object) -> SessionStore | None:
    result: object = store(owner) if isinstance(store, type) else store
    if result is not None:
        check_store(result)
    return cast("SessionStore | None", result)
