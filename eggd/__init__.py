# pyright: reportUnsupportedDunderAll=false
"""Web applications by Egg.js's conventions, run as a suite of systemd services.

The public API: everything an app or a plugin imports comes from here. The layers, lowest first:

    accounts calling endfile ending errors
    failure identityfile importer
    interfaces libc                        base layer: no app, no loop
    outage ranges retrypauses smallfile socketfile
    sourcefolders spelling threads timelimit version wholefile
    control log masking suite watching wire
    config                                 one tree of values with origins
    loader                                 folders to namespaces
    http httpclient messenger systemd      transports, blind to each other
    app                                    the life of a request
    eggd itself                            the public API
    plugins welcome framework              built-ins; they import only the public API
    host                                   the operator's side on systemd
    process | supervisor | testing         one process; many
    probe                                  loads an app to examine it
    cli                                    the command `eggd`
    __main__.py                            runs it as `python -m eggd`

Names are loaded on first use (PEP 562), so importing eggd costs nothing. Type checkers read
`__init__.pyi`, which also has the members that an application adds (`eggd types`).
"""

from __future__ import annotations

from importlib import import_module

from eggd.version import __version__

_HOMES = {
    "Agent": "eggd.app.agent",
    "AnonymousRequest": "eggd.app.context.anonymous",
    "AppInfo": "eggd.config",
    "Application": "eggd.app.application",
    "BaseContextClass": "eggd.app.context.base_context",
    "Boot": "eggd.app.loading.lifecycle",
    "BootError": "eggd.errors",
    "Between": "eggd.ranges",
    "Bytes": "eggd.config",
    "ClusterMessenger": "eggd.messenger",
    "Config": "eggd.config",
    "ConfigError": "eggd.errors",
    "CurlOptions": "eggd.httpclient.options",
    "CredentialError": "eggd.errors",
    "Context": "eggd.app.context.context",
    "CookieOptions": "eggd.app.context.cookie_options",
    "Controller": "eggd.app.context.base_context",
    "EggError": "eggd.errors",
    "Event": "eggd.wire.events",
    "FileChange": "eggd.watching.change",
    "Files": "eggd.loader.tree",
    "FixedFields": "eggd.http.fixed_fields",
    "HandlerFailedError": "eggd.errors",
    "Helper": "eggd.app.context.helper",
    "HostSender": "eggd.messenger",
    "HttpClient": "eggd.httpclient.client",
    "HttpClientConnectTimeoutError": "eggd.httpclient.errors",
    "HttpClientError": "eggd.httpclient.errors",
    "HttpClientRedirectError": "eggd.httpclient.errors",
    "HttpClientRequestError": "eggd.httpclient.errors",
    "HttpClientRequestTimeoutError": "eggd.httpclient.errors",
    "HttpClientSizeError": "eggd.httpclient.errors",
    "HttpClientUrlError": "eggd.httpclient.errors",
    "HttpClientResponse": "eggd.httpclient.response",
    "HttpError": "eggd.errors",
    "IllegalAddressError": "eggd.httpclient.errors",
    "JSONResponseFormatError": "eggd.httpclient.errors",
    "LoadError": "eggd.errors",
    "Logger": "eggd.log",
    "MessageTooLargeError": "eggd.errors",
    "Messenger": "eggd.messenger",
    "MessengerError": "eggd.errors",
    "Middleware": "eggd.interfaces",
    "Next": "eggd.interfaces",
    "NoHandlerError": "eggd.errors",
    "NoPeerError": "eggd.errors",
    "Outage": "eggd.outage",
    "OutboxFullError": "eggd.errors",
    "PathCondition": "eggd.app.loading.path_condition",
    "ReloadPolicy": "eggd.suite.reload_policy",
    "Request": "eggd.app.context.request",
    "RequestTimeoutError": "eggd.errors",
    "Response": "eggd.app.context.response",
    "RetryPauses": "eggd.retrypauses",
    "Router": "eggd.app.routing.router",
    "Seconds": "eggd.config",
    "Sender": "eggd.wire.datagram",
    "Service": "eggd.app.context.base_context",
    "Timer": "eggd.app.timers",
    "TooLongError": "eggd.timelimit",
    "Timers": "eggd.app.timers",
    "Watching": "eggd.watching.watching",
    "WebSocket": "eggd.http.websocket",
    "WebSocketClosedError": "eggd.errors",
    "start": "eggd.app.single",
    "address_rules": "eggd.httpclient.addresses",
    "append": "eggd.config",
    "credential": "eggd.config",
    "changed_options": "eggd.config",
    "call_export": "eggd.loader.exports",
    "check_function": "eggd.calling",
    "conditional": "eggd.app.serving.conditional",
    "dumps": "eggd.app.serving.json",
    "escape_html": "eggd.wire.html_text",
    "events": "eggd.app.serving.events",
    "file_type": "eggd.wire.mime",
    "https_caution": "eggd.app.https_caution",
    "is_secret": "eggd.masking.redact",
    "limited": "eggd.timelimit",
    "mismatch": "eggd.calling",
    "misspelt": "eggd.spelling",
    "path_condition": "eggd.app.loading.path_condition",
    "phrase": "eggd.errors",
    "find_export": "eggd.loader.exports",
    "prepend": "eggd.config",
    "size": "eggd.config",
    "seconds": "eggd.config",
    "sources": "eggd.sourcefolders",
    "suggestion": "eggd.spelling",
    "suggestion_or_list": "eggd.spelling",
    "in_thread": "eggd.threads",
    "unit_directory": "eggd.suite.directories",
    "without_secrets": "eggd.masking.secrets",
    "words_of": "eggd.masking.secrets",
    "write_whole": "eggd.wholefile",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'eggd' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
