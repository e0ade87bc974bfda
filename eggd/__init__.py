"""eggd: web applications by Egg.js's conventions, run as a suite of systemd services.

The door: everything an app or a plugin imports comes from here. The house, from the ground up:

    ending errors importer interfaces
    smallfile spelling version             ground: no app, no loop
    log masking suite wire
    config                                 one tree of values with origins
    loader                                 folders to namespaces
    http | messenger | systemd             transports, blind to each other
    app                                    the life of a request
    this door
    plugins                                built-ins; they import only the door
    host                                   the operator's side on systemd
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
    from eggd.app.application import Application as Application
    from eggd.app.context.anonymous import AnonymousRequest as AnonymousRequest
    from eggd.app.context.base_context import BaseContextClass as BaseContextClass
    from eggd.app.context.base_context import Controller as Controller
    from eggd.app.context.base_context import Service as Service
    from eggd.app.context.context import Context as Context
    from eggd.app.context.helper import Helper as Helper
    from eggd.app.context.request import Request as Request
    from eggd.app.context.response import Response as Response
    from eggd.app.loading.lifecycle import Boot as Boot
    from eggd.app.serving.conditional import conditional as conditional
    from eggd.app.serving.events import events as events
    from eggd.app.single import start as start
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
    from eggd.loader.watching import Watching as Watching
    from eggd.suite.reload import ReloadPolicy as ReloadPolicy
    from eggd.suite.sources import sources as sources
    from eggd.wire.events import Event as Event

_HOMES = {
    "Agent": "eggd.app.agent",
    "AnonymousRequest": "eggd.app.context.anonymous",
    "AppInfo": "eggd.config",
    "Application": "eggd.app.application",
    "BaseContextClass": "eggd.app.context.base_context",
    "Boot": "eggd.app.loading.lifecycle",
    "BootError": "eggd.errors",
    "Bytes": "eggd.config",
    "Config": "eggd.config",
    "ConfigError": "eggd.errors",
    "Context": "eggd.app.context.context",
    "Controller": "eggd.app.context.base_context",
    "EggError": "eggd.errors",
    "Event": "eggd.wire.events",
    "Files": "eggd.loader.tree",
    "Helper": "eggd.app.context.helper",
    "HttpError": "eggd.errors",
    "LoadError": "eggd.errors",
    "MessengerError": "eggd.errors",
    "Middleware": "eggd.interfaces",
    "Next": "eggd.interfaces",
    "ReloadPolicy": "eggd.suite.reload",
    "Request": "eggd.app.context.request",
    "Response": "eggd.app.context.response",
    "Seconds": "eggd.config",
    "Service": "eggd.app.context.base_context",
    "Watching": "eggd.loader.watching",
    "WebSocket": "eggd.http.websocket",
    "WebSocketClosedError": "eggd.errors",
    "start": "eggd.app.single",
    "append": "eggd.config",
    "conditional": "eggd.app.serving.conditional",
    "events": "eggd.app.serving.events",
    "prepend": "eggd.config",
    "sources": "eggd.suite.sources",
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
