"""Built-in plugin session: `ctx.session`, in an encrypted cookie or in a store.

app.py              checks the config, opens the store of the config
agent.py            removes expired sessions of the SQLite store
app/extend          `ctx.session` and `app.session_store`
section.py          the section `session` of the config
session.py          `Session`, a dict with a lifetime
request_session.py  the session of one request: read, checked, saved
cautions.py         options that protect nothing or have no effect
contents.py         the keys and values that a session can hold
functions.py        checks the functions of the config, and the methods of a store
codec.py            from a session to its JSON text and its cookie value, and back
validity.py         whether a session that was found is still valid, and the events if not
external_id.py      the id of a session in a store: made, read, sent
lifetime.py         what an app may set as a lifetime
loading.py          the middleware that loads a session before its handler
stores/             where sessions are kept instead of the cookie
"""

from __future__ import annotations

from eggd.plugins.session.loading import without_session
from eggd.plugins.session.session import Session
from eggd.plugins.session.stores import SessionStore, StoreDownError

__all__ = ["Session", "SessionStore", "StoreDownError", "without_session"]
