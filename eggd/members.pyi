"""The members that an application adds to eggd's classes; here those of any application.

`eggd types` writes a file of this name into `typings/eggd/` of an application, with the members of
that application. Type checkers read it instead of this one; it does not exist at run time.
"""

from typing import Any

from eggd.config import Config as Config
from eggd.plugins.logrotator.rotator import Rotator

class ApplicationMembers:
    """Members of `app` in `app.py`, controllers and services."""

class AgentMembers:
    """Members of `app` in `agent.py`."""

    logrotator: Rotator

class ContextMembers:
    """Members of `ctx`."""

class RequestMembers:
    """Members of `ctx.request`."""

class ResponseMembers:
    """Members of `ctx.response`."""

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
