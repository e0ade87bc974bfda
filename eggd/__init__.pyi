# mypy: disable-error-code="assignment,misc,override,type-var"
# pyright: reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false
"""The door as type checkers and editors see it.

The modules below the door cannot name the classes above them: a context knows its application as
`AppLike`. Here each class refers to the others by the names of the door, and has the members of
`eggd.members`, which `eggd types` writes for an application.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, Literal, Unpack, overload

from typing_extensions import TypeVar

from eggd.app.agent import Agent as _Agent
from eggd.app.application import Application as _Application
from eggd.app.base import BaseApplication as _BaseApplication
from eggd.app.context.anonymous import AnonymousRequest as AnonymousRequest
from eggd.app.context.base_context import BaseContextClass as _BaseContextClass
from eggd.app.context.context import Context as _Context
from eggd.app.context.cookie_options import CookieOptions as CookieOptions
from eggd.app.context.helper import Helper as _Helper
from eggd.app.context.request import Request as _Request
from eggd.app.context.response import Response as _Response
from eggd.app.https_caution import https_caution as https_caution
from eggd.app.loading.lifecycle import Boot as _Boot
from eggd.app.loading.path_condition import PathCondition as PathCondition
from eggd.app.loading.path_condition import path_condition as path_condition
from eggd.app.routing.router import Router as Router
from eggd.app.serving.conditional import conditional as conditional
from eggd.app.serving.events import events as events
from eggd.app.serving.json import dumps as dumps
from eggd.app.timers import Timer as Timer
from eggd.app.timers import Timers as Timers
from eggd.calling import check_function as check_function
from eggd.calling import mismatch as mismatch
from eggd.config import AppInfo as AppInfo
from eggd.config import Bytes as Bytes
from eggd.config import Seconds as Seconds
from eggd.config import append as append
from eggd.config import changed_options as changed_options
from eggd.config import credential as credential
from eggd.config import prepend as prepend
from eggd.config import seconds as seconds
from eggd.config import size as size
from eggd.errors import BootError as BootError
from eggd.errors import ConfigError as ConfigError
from eggd.errors import CredentialError as CredentialError
from eggd.errors import EggError as EggError
from eggd.errors import HandlerFailedError as HandlerFailedError
from eggd.errors import HttpError as HttpError
from eggd.errors import LoadError as LoadError
from eggd.errors import MessageTooLargeError as MessageTooLargeError
from eggd.errors import MessengerError as MessengerError
from eggd.errors import NoHandlerError as NoHandlerError
from eggd.errors import NoPeerError as NoPeerError
from eggd.errors import OutboxFullError as OutboxFullError
from eggd.errors import RequestTimeoutError as RequestTimeoutError
from eggd.errors import WebSocketClosedError as WebSocketClosedError
from eggd.errors import phrase as phrase
from eggd.http import Exchange
from eggd.http import FixedFields as FixedFields
from eggd.http.websocket import WebSocket as WebSocket
from eggd.httpclient.addresses import address_rules as address_rules
from eggd.httpclient.client import HttpClient as HttpClient
from eggd.httpclient.errors import HttpClientConnectTimeoutError as HttpClientConnectTimeoutError
from eggd.httpclient.errors import HttpClientError as HttpClientError
from eggd.httpclient.errors import HttpClientRedirectError as HttpClientRedirectError
from eggd.httpclient.errors import HttpClientRequestError as HttpClientRequestError
from eggd.httpclient.errors import HttpClientRequestTimeoutError as HttpClientRequestTimeoutError
from eggd.httpclient.errors import HttpClientSizeError as HttpClientSizeError
from eggd.httpclient.errors import HttpClientUrlError as HttpClientUrlError
from eggd.httpclient.errors import IllegalAddressError as IllegalAddressError
from eggd.httpclient.errors import JSONResponseFormatError as JSONResponseFormatError
from eggd.httpclient.options import CurlOptions as CurlOptions
from eggd.httpclient.options import DataType as _DataType
from eggd.httpclient.response import BodyStream as _BodyStream
from eggd.httpclient.response import HttpClientResponse as HttpClientResponse
from eggd.interfaces import Middleware as Middleware
from eggd.interfaces import Next as Next
from eggd.loader.exports import call_export as call_export
from eggd.loader.exports import find_export as find_export
from eggd.loader.tree import Files as Files
from eggd.log import Logger as Logger
from eggd.masking.redact import is_secret as is_secret
from eggd.masking.secrets import without_secrets as without_secrets
from eggd.masking.secrets import words_of as words_of
from eggd.members import (
    AgentMembers,
    ApplicationMembers,
    ContextMembers,
    Controllers,
    HelperMembers,
    MiddlewareFactories,
    RequestMembers,
    ResponseMembers,
    Services,
)
from eggd.members import Config as Config
from eggd.messenger import ClusterMessenger as ClusterMessenger
from eggd.messenger import HostSender as HostSender
from eggd.messenger import Messenger as Messenger
from eggd.outage import Outage as Outage
from eggd.ranges import Between as Between
from eggd.retrypauses import RetryPauses as RetryPauses
from eggd.sourcefolders import sources as sources
from eggd.spelling import misspelt as misspelt
from eggd.spelling import suggestion as suggestion
from eggd.spelling import suggestion_or_list as suggestion_or_list
from eggd.suite.directories import unit_directory as unit_directory
from eggd.suite.reload_policy import ReloadPolicy as ReloadPolicy
from eggd.threads import in_thread as in_thread
from eggd.timelimit import TooLongError as TooLongError
from eggd.timelimit import limited as limited
from eggd.version import __version__ as __version__
from eggd.watching.change import FileChange as FileChange
from eggd.watching.watching import Watching as Watching
from eggd.wholefile import write_whole as write_whole
from eggd.wire.datagram import Sender as Sender
from eggd.wire.events import Event as Event
from eggd.wire.html_text import escape_html as escape_html
from eggd.wire.mime import file_type as file_type

__all__: list[str]
_HOMES: dict[str, str]

class _Curling:
    """`curl` of app and ctx; `data_type` decides about the type of `response.data`."""

    @overload
    async def curl(
        self, url: str, *, data_type: Literal[""] = "", **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[bytes]: ...
    @overload
    async def curl(
        self, url: str, *, data_type: Literal["text"], **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[str]: ...
    @overload
    async def curl(
        self, url: str, *, data_type: Literal["json"], **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[Any]: ...
    @overload
    async def curl(
        self, url: str, *, data_type: Literal["stream"], **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[_BodyStream]: ...
    @overload
    async def curl(
        self, url: str, *, data_type: _DataType = "", **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[object]: ...

class _Base(_Curling, _BaseApplication):
    """What application and agent have in common."""

    config: Config
    @property
    def current_context(self) -> Context | None: ...
    def create_context(self, exchange: Exchange) -> Context: ...
    def create_anonymous_context(self, request: AnonymousRequest = ...) -> Context: ...

class Application(ApplicationMembers, _Base, _Application):
    """What a worker serves: `app` in `app.py`, `app/router.py`, middleware and controllers."""

    agent: Agent
    controller: Controllers
    @property
    def middleware(self) -> MiddlewareFactories: ...

class Agent(AgentMembers, _Base, _Agent):
    """What `agent.py` boots: the one process beside the workers; it serves no requests."""

    application: Application

class Context(_Curling, ContextMembers, _Context):
    """One request on its way through the application."""

    app: Application
    @property
    def request(self) -> Request: ...
    @property
    def response(self) -> Response: ...
    @property
    def service(self) -> Services: ...
    @property
    def helper(self) -> Helper: ...
    @property
    def config(self) -> Config: ...

class Request(RequestMembers, _Request):
    """What came in; decoded when it is read."""

    app: Application

class Response(ResponseMembers, _Response):
    """Status, header fields and body of the answer."""

    app: Application

class BaseContextClass(_BaseContextClass):
    """Something that lives as long as one context."""

    ctx: Context
    app: Application
    def __init__(self, ctx: Context) -> None: ...
    @property
    def config(self) -> Config: ...
    @property
    def service(self) -> Services: ...

class Controller(BaseContextClass):
    """Base of controllers: every public method is an action, a new instance per request."""

class Service(BaseContextClass):
    """Base of services: one instance per context, made on first access."""

class Helper(HelperMembers, BaseContextClass, _Helper):
    """Functions for views and controllers, `ctx.helper`; extended by `app/extend/helper.py`."""

_A = TypeVar("_A", bound=Application | Agent, default=Application)

class Boot(_Boot[Any], Generic[_A]):
    """Base of the class in `app.py` and, as `Boot[Agent]`, in `agent.py`."""

    app: _A
    def __init__(self, app: _A) -> None: ...
    @property
    def config(self) -> Config: ...

async def start(
    base_dir: Path | str = ".", *, env: str = "", plugins: Mapping[str, object] | None = None
) -> Application:
    """Returns the application of a folder, ready, with its agent as `app.agent`; see single.py."""
