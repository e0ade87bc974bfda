"""The members that an application adds to eggd's classes; here those of any application.

`eggd types` writes a file of this name into `typings/eggd/` of an application, with the members of
that application. Type checkers read it instead of this one; it does not exist at run time.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from eggd.config import Config as Config
from eggd.httpclient.options import CurlOptions, DataType
from eggd.httpclient.response import HttpClientResponse
from eggd.plugins.logrotator.rotator import Rotator
from eggd.plugins.security.security import Security
from eggd.plugins.session.request_session import RequestSession
from eggd.plugins.session.session import Session
from eggd.plugins.session.stores import MakeStore, SessionStore

class ApplicationMembers:
    """Members of `app` in `app.py`, controllers and services."""

    @property
    def session_store(self) -> SessionStore | None: ...
    @session_store.setter
    def session_store(self, store: SessionStore | MakeStore | None) -> None: ...
    def session_store_of(self, ctx: object) -> SessionStore | None: ...
    def load_sessions(self) -> None: ...
    @property
    def security(self) -> Security: ...
    @security.setter
    def security(self, security: Security) -> None: ...
    async def safe_curl(
        self, url: str, *, data_type: DataType = ..., **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[Any]: ...

class AgentMembers:
    """Members of `app` in `agent.py`."""

    logrotator: Rotator
    async def safe_curl(
        self, url: str, *, data_type: DataType = ..., **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[Any]: ...

class ContextMembers:
    """Members of `ctx`."""

    @property
    def request_session(self) -> RequestSession: ...
    @property
    def session(self) -> Session: ...
    @session.setter
    def session(self, values: Mapping[str, object] | None) -> None: ...
    csrf_secret: str
    @property
    def csrf(self) -> str: ...
    def assert_csrf(self) -> None: ...
    def rotate_csrf_secret(self) -> None: ...
    @property
    def nonce(self) -> str: ...
    @property
    def security_options(self) -> dict[str, object]: ...
    def is_safe_domain(self, domain: str, domains: Sequence[str] = ...) -> bool: ...
    async def safe_curl(
        self, url: str, *, data_type: DataType = ..., **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[Any]: ...
    def unsafe_redirect(self, url: str, alternative: str = ...) -> None: ...

class RequestMembers:
    """Members of `ctx.request`."""

class ResponseMembers:
    """Members of `ctx.response`."""

    def unsafe_redirect(self, url: str, alternative: str = ...) -> None: ...

class HelperMembers:
    """Members of `ctx.helper`."""

    def __getattr__(self, name: str) -> Any: ...

class Services:
    """`ctx.service`."""

    def __getattr__(self, name: str) -> Any: ...

class Controllers:
    """`app.controller`."""

    def __getattr__(self, name: str) -> Any: ...

class MiddlewareFactories:
    """`app.middleware`."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, name: str) -> Any: ...
