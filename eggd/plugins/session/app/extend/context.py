"""`ctx.session`.

What it needs is imported on first use, or by `app.py` where the config has a section `session`: an
application without sessions does not pay for it at the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import eggd

if TYPE_CHECKING:
    from eggd.plugins.session.request_session import RequestSession
    from eggd.plugins.session.session import Session


class Context(eggd.Context):
    """A request with a session, which is read when it is first used."""

    _request_session: RequestSession | None = None

    @property
    def request_session(self) -> RequestSession:
        """Finds and saves the session of this request; made on first access."""
        if self._request_session is None:
            from eggd.plugins.session.request_session import RequestSession

            store = self.app.session_store_of(self)
            self._request_session = RequestSession(self, self.app.config.session, store)
        return self._request_session

    @property
    def session(self) -> Session:
        """The visitor's session, a dict; None only after this request has removed it.

        Assigning a mapping replaces its data, assigning None removes it (process:SES-6). Raises
        EggError in a handler that is marked `without_session`.
        """
        return cast("Session", self.request_session.get())

    @session.setter
    def session(self, values: Mapping[str, object] | None) -> None:
        self.request_session.set(values)

    @session.deleter
    def session(self) -> None:
        raise AttributeError("ctx.session cannot be deleted (assign None: ctx.session = None)")
