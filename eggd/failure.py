"""Describes a raised exception for an operator: one line, file and line, or the traceback."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Mapping
from pathlib import Path

from eggd.errors import LONGEST, LoadError

DEBUG = "EGGD_DEBUG"
"""The environment variable that adds tracebacks to one-line errors."""

_MEMBERS = {"rate_limit": "ratelimit", "redis": "redis"}
"""Members of app and agent, each with the plugin that adds it and is off by default."""
_SITES = ("/site-packages/", "/dist-packages/")
_STDLIB = f"{os.path.dirname(os.__file__)}/"
_EGGD = f"{os.path.dirname(os.path.abspath(__file__))}/"


def describe(exc: BaseException) -> str:
    """Returns `Type: message` on one line, without secrets, cut after LONGEST characters.

    A syntax error's message does not repeat the location.
    """
    from eggd.masking.known import without_known
    from eggd.masking.secrets import public_line  # compiles patterns: not for `eggd --help`

    text = without_known(exc.msg if isinstance(exc, SyntaxError) else str(exc))
    return public_line(f"{type(exc).__name__}: {text[:LONGEST]}").rstrip(":")


def load_error(exc: BaseException, path: Path, title: str = "") -> LoadError:
    """Returns the error of code of `path` that raised `exc`: file, line and `title` failed."""
    failed = f"{title} failed: " if title else ""
    hint = _syntax_hint(exc) or plugin_hint(exc)
    return LoadError(f"{where(exc, path)}: {failed}{describe(exc)}", hint=hint)


def plugin_hint(exc: BaseException) -> str:
    """Returns how to switch on the plugin of a member that app and agent lack; else ""."""
    if not isinstance(exc, AttributeError) or type(exc.obj).__name__ not in (
        "Application",
        "Agent",
    ):
        return ""
    plugin = _MEMBERS.get(exc.name or "")
    return f"plugin {plugin} is off: set {plugin} = True in config/plugin.py" if plugin else ""


def limit_hint(exc: BaseException) -> str:
    """Returns how to raise the limit of open files if it is the cause of an error; else ""."""
    causes = [exc]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        if cause in causes:
            break
        causes.append(cause)
    if not any(isinstance(each, OSError) and each.errno == errno.EMFILE for each in causes):
        return ""
    return "raise LimitNOFILE= of the unit; without systemd the limit of ulimit -n"


def trace(exc: BaseException, environ: Mapping[str, str]) -> str:
    """Returns the traceback of the cause of an error, as lines without secrets.

    Empty unless EGGD_DEBUG is set, and for an error that has no cause.
    """
    cause = exc.__cause__
    if cause is None or not environ.get(DEBUG):
        return ""
    from eggd.masking.secrets import without_secrets

    return without_secrets("".join(traceback.format_exception(cause)))


def where(exc: BaseException, path: Path) -> str:
    """Returns `file:line` of the deepest frame of `exc` in the code that `path` belongs to.

    Frames of Python, of installed packages and of eggd are skipped, unless `path` is one of their
    files. For a syntax error it is the place that the error names.
    """
    if isinstance(exc, SyntaxError) and exc.filename and os.path.isabs(exc.filename):
        return f"{exc.filename}:{exc.lineno}"
    owner = _owner(str(path))
    for frame in reversed(traceback.extract_tb(exc.__traceback__)):
        if frame.filename == str(path) or _owner(frame.filename) == owner:
            return f"{frame.filename}:{frame.lineno}"
    return str(path)


def is_own(file: Path) -> bool:
    """Returns whether a source file belongs to eggd, built-in plugins included."""
    return str(file).startswith(_EGGD)


def client_line(exc: BaseException, status: int) -> str:
    """Returns the line of an error that is a client's fault: `404 HttpError: message (file:line)`.

    The place is the deepest outside of eggd, omitted for errors without one; the cause follows.
    """
    frames = traceback.extract_tb(exc.__traceback__)
    places = [f"{each.filename}:{each.lineno}" for each in frames]
    place = next((each for each in reversed(places) if not each.startswith(_EGGD)), "")
    suffix = f" ({place})" if place else ""
    cause = f"; cause: {describe(exc.__cause__)}" if exc.__cause__ is not None else ""
    return f"{status} {describe(exc)}{suffix}{cause}"


def deepest(exc: BaseException) -> str:
    """Returns `file:line` of the frame that raised `exc`, "" if it was never raised."""
    frames = traceback.extract_tb(exc.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _syntax_hint(exc: BaseException) -> str:
    """Returns the column of a syntax error in a file, without the text: it may hold a secret."""
    if isinstance(exc, SyntaxError) and exc.filename and os.path.isabs(exc.filename) and exc.offset:
        return f"correct it at column {exc.offset}, then run 'eggd check'"
    return ""


def _owner(file: str) -> str:
    """Returns the owner of a source file: an installed package's folder, "" for the app.

    Python itself and code without a file belong to ":python". A part of eggd is a folder: a
    built-in plugin is not blamed for an error that another part of eggd raises.
    """
    if not os.path.isabs(file):
        return ":python"
    for folder in _SITES:
        above, site, below = file.partition(folder)
        if site:
            return f"{above}{folder}{below.partition('/')[0]}"
    if file.startswith(_STDLIB):
        return ":python"
    return os.path.dirname(file) if file.startswith(_EGGD) else ""
