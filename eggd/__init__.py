"""eggd: web applications by Egg.js's conventions, run as a suite of systemd services.

The door: everything an app or a plugin imports comes from here. The house, from the ground up:

    ending errors importer interfaces
    smallfile                              ground: no app, no loop
    log wire
    config                                 one tree of values with origins
    loader                                 folders to namespaces
    http | messenger | systemd             transports, blind to each other
    app                                    the life of a request
    this door
    plugins                                built-ins; they import only the door
    process | supervisor | testing         one process; many
    cli                                    the command `eggd`

Names are loaded on first use (PEP 562), so importing eggd costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eggd.version import __version__

if TYPE_CHECKING:
    from eggd.app.agent import Agent as Agent
    from eggd.app.anonymous import AnonymousRequest as AnonymousRequest
    from eggd.app.application import Application as Application
    from eggd.app.base_context import BaseContextClass as BaseContextClass
    from eggd.app.base_context import Controller as Controller
    from eggd.app.base_context import Service as Service
    from eggd.app.conditional import conditional as conditional
    from eggd.app.context import Context as Context
    from eggd.app.events import events as events
    from eggd.app.helper import Helper as Helper
    from eggd.app.lifecycle import Boot as Boot
    from eggd.app.request import Request as Request
    from eggd.app.response import Response as Response
    from eggd.app.single import start as start
    from eggd.app.watching import Watching as Watching
    from eggd.config import AppInfo as AppInfo
    from eggd.config import Bytes as Bytes
    from eggd.config import Config as Config
    from eggd.config import Seconds as Seconds
    from eggd.config import append as append
    from eggd.config import prepend as prepend
    from eggd.errors import BootError as BootError
    from eggd.errors import ConfigError as ConfigError
    from eggd.errors import EggError as EggError
    from eggd.errors import HttpError as HttpError
    from eggd.errors import LoadError as LoadError
    from eggd.errors import MessengerError as MessengerError
    from eggd.errors import WebSocketClosedError as WebSocketClosedError
    from eggd.http.websocket import WebSocket as WebSocket
    from eggd.interfaces import Middleware as Middleware
    from eggd.interfaces import Next as Next
    from eggd.loader.tree import Files as Files
    from eggd.wire.events import Event as Event
    from eggd.wire.reload import ReloadPolicy as ReloadPolicy
    from eggd.wire.sources import sources as sources

_HOMES = {
    "Agent": "eggd.app.agent",
    "AnonymousRequest": "eggd.app.anonymous",
    "AppInfo": "eggd.config",
    "Application": "eggd.app.application",
    "BaseContextClass": "eggd.app.base_context",
    "Boot": "eggd.app.lifecycle",
    "BootError": "eggd.errors",
    "Bytes": "eggd.config",
    "Config": "eggd.config",
    "ConfigError": "eggd.errors",
    "Context": "eggd.app.context",
    "Controller": "eggd.app.base_context",
    "EggError": "eggd.errors",
    "Event": "eggd.wire.events",
    "Files": "eggd.loader.tree",
    "Helper": "eggd.app.helper",
    "HttpError": "eggd.errors",
    "LoadError": "eggd.errors",
    "MessengerError": "eggd.errors",
    "Middleware": "eggd.interfaces",
    "Next": "eggd.interfaces",
    "ReloadPolicy": "eggd.wire.reload",
    "Request": "eggd.app.request",
    "Response": "eggd.app.response",
    "Seconds": "eggd.config",
    "Service": "eggd.app.base_context",
    "Watching": "eggd.app.watching",
    "WebSocket": "eggd.http.websocket",
    "WebSocketClosedError": "eggd.errors",
    "start": "eggd.app.single",
    "append": "eggd.config",
    "conditional": "eggd.app.conditional",
    "events": "eggd.app.events",
    "prepend": "eggd.config",
    "sources": "eggd.wire.sources",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'eggd' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
