"""Every exception that eggd raises on purpose.

A message says what is wrong, where, and the value (`{value!r}`); the hint is an instruction. `line`
is all that an operator sees: no traceback is printed for an `EggError`.

    EggError                    for an operator or a developer
      ConfigError               a config file, key or value
        FrozenConfigError       a change after the config was frozen
        VariableError           an environment variable or a file of them
        CredentialError         a secret that is missing or cannot be read
      PluginError               the table of plugins
      LoadError                 a file of the app
        ExtendError             app/extend
        RouteError              the router
      BootError                 a suite or a process cannot start, reload or scale
        HookError               a function of the app that a start calls
        NotReadyError           a process or suite that does not become or stay ready
        ListenError             a socket to listen on
        FileError               a file of the suite
        UnitError               a unit file that the supervisor cannot follow
        InterpreterError        a Python that cannot run eggd
        DirectoryError          a directory that is missing or closed
        RunningError            something else runs already
        ControlError            the supervisor's control socket
        ReportedError           an error that another process of eggd reported
        ReleaseError            a release that cannot be made or put in service
      SystemdError              systemd refused, or handed over something else than promised
      SandboxError              a change of the sandbox of the units
      ProgramError              a program of the host is missing or failed
      ArgumentError             eggd was called with a wrong value
        MockError               so was the test kit
      MessengerError            sending a message
        OutboxFullError
        MessageTooLargeError
        NoPeerError           a request that no process answers
        NoHandlerError
        RequestTimeoutError
        HandlerFailedError
      WebSocketClosedError
    HttpError                   an answer for a client; `except EggError` does not catch it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

LONGEST = 10_000
"""Characters of a message that `EggError.line` shows: a client may have supplied it."""


class HintedError(Exception):
    """An exception of a message and a hint, shown as one line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def line(self) -> str:
        """Returns message and hint as one line for journal, status and terminal.

        Control characters are escaped, secrets that the message quotes are masked, and long values
        that it quotes are cut.
        """
        from eggd.masking.known import without_known
        from eggd.masking.quoting import short_quotes
        from eggd.masking.secrets import public_line  # compiles patterns: not for `eggd --help`

        text = f"{self.message} ({self.hint})" if self.hint else self.message
        # A credential or a secret that is cut would not be recognised.
        return short_quotes(public_line(without_known(text)[:LONGEST]))

    def __str__(self) -> str:
        return self.line


class EggError(HintedError):
    """Base of all expected failures; `hint` tells what to do, in one clause."""

    exit_code = 1
    """The exit status of a process or command that fails with it."""


class ConfigError(EggError):
    """Raised when a config file, key or value is wrong; the message names file and key.

    Code that knows no file, such as a boot hook, names the dotted `keys` instead: the error that
    stops the start begins with the files and lines that set them.
    """

    def __init__(
        self, message: str, *, hint: str = "", keys: Sequence[str | tuple[str, ...]] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.keys = keys


class VariableError(ConfigError):
    """Raised when an environment variable, or a file of them, has a wrong name or value."""


class CredentialError(ConfigError):
    """Raised when a credential is missing, cannot be read or is not text; never shows its value."""


class PluginError(EggError):
    """Raised when the table of plugins cannot be resolved."""


class LoadError(EggError):
    """Raised when a file of the app cannot be loaded; the message names the file and line."""


class ExtendError(LoadError):
    """Raised when an `app/extend` file cannot be composed into its class."""


class RouteError(LoadError):
    """Raised when a route is wrong, or names a controller that does not exist."""


class BootError(EggError):
    """Base of the errors for which a suite or process cannot start, reload or scale."""


class HookError(BootError):
    """Raised when a function of the app fails that a start calls, or cannot be called."""


class NotReadyError(BootError):
    """Raised when a process is not ready in time, ends before, or does not stay ready."""


class ListenError(BootError):
    """Raised when a socket to listen on is missing, differs from the config or is in use."""


class FileError(BootError):
    """Raised when a file of the suite cannot be read, created or locked."""


class UnitError(BootError):
    """Raised when a unit file has a line that the supervisor cannot follow."""


class InterpreterError(BootError):
    """Raised when the Python interpreter of an app does not exist or cannot run eggd."""


class DirectoryError(BootError):
    """Raised when a directory does not exist, is not accessible or cannot be created."""


class RunningError(BootError):
    """Raised when the same suite, or another operation on it, is running already."""


class ControlError(BootError):
    """Raised when the supervisor's control socket is unreachable or gets a wrong request."""


class ReportedError(BootError):
    """Raised with the message and hint of an error that another process of eggd reported."""


class ReleaseError(BootError):
    """Raised when a release cannot be made, or does not serve as it should."""


class SystemdError(EggError):
    """Raised when systemd refuses a command, or when inherited sockets do not fit the unit."""


class SandboxError(EggError):
    """Raised when a grant of the sandbox has a wrong kind or value, or cannot be written."""


class ProgramError(EggError):
    """Raised when a program of the host is missing, or ends with an error."""


class ArgumentError(EggError):
    """Raised when a function of eggd is called with a wrong value, or at a wrong time."""


class MockError(ArgumentError):
    """Raised when the test kit cannot replace or request something that does not exist."""


class MessengerError(EggError):
    """Base of the errors of sending a message."""


class OutboxFullError(MessengerError):
    """Raised when the bounded outbox to a peer is full, or too many requests wait or run."""


class MessageTooLargeError(MessengerError):
    """Raised when a message, request or answer is larger than `messenger.max_size`."""


class NoPeerError(MessengerError):
    """Raised for a request whose receiver is not running, or ended before it answered.

    In the latter case the handler may have run.
    """


class NoHandlerError(MessengerError):
    """Raised for a request whose receiver has no handler for the action."""


class RequestTimeoutError(MessengerError):
    """Raised for a request that was not answered in time; its handler is cancelled."""


class HandlerFailedError(MessengerError):
    """Raised for a request whose handler raised in the other process.

    `type_name` is the name of the exception's class, such as "KeyError", and `reason` its text.
    """

    def __init__(self, message: str, *, type_name: str, reason: str) -> None:
        super().__init__(message)
        self.type_name = type_name
        self.reason = reason


class WebSocketClosedError(EggError):
    """Raised by a WebSocket's `send` and `receive` when either side has closed it."""


class HttpError(HintedError):
    """An answer to the client: `status`, a message, extra headers, and whether to show the message.

    `code` is a name for programs, such as "invalid_param", and `errors` are details as JSON values,
    such as a list of the wrong fields; both are in an answer in JSON, `errors` only if the message
    is shown. `expose` defaults to true below 500: details of a server error are for the operator
    alone. The default message is the status's own phrase (RFC 9110 section 15). It is not an
    `EggError`: an answer to one client is not a failure of the application.
    """

    code = ""
    errors: object = None
    is_reported = False
    """Whether the log has the cause already, such as an outage: then no request is logged for it.
    Code that reports the cause sets it."""

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        expose: bool | None = None,
        headers: Mapping[str, str] | None = None,
        hint: str = "",
        code: str = "",
        errors: object = None,
    ) -> None:
        # An error of another class is often passed as the message: `ctx.throw(400, exc)`.
        super().__init__(str(message or phrase(status)), hint=hint)
        self.status = status
        if code:  # set only if given: a log shows all attributes
            self.code = code
        if errors is not None:
            self.errors = errors
        # A wrong status is reported where it is answered, with the place of the `raise`.
        is_client_error = isinstance(status, int) and status < 500
        self.expose = is_client_error if expose is None else expose
        self.headers = dict(headers or {})


def phrase(status: int) -> str:
    """Returns the status's reason phrase, or its number without one (core:RES-8)."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)


class FrozenConfigError(ConfigError):
    """Raised when a key of the config is changed after the config hooks (core:CFG-9)."""

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"{subject} is read-only after the config hooks",
            hint="change app.config in config_will_load or config_did_load of app.py",
        )
