"""The section `onerror` of the config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from eggd import ConfigError, check_function
from eggd.plugins.onerror.kinds import KINDS
from eggd.plugins.onerror.links import check_editor
from eggd.plugins.onerror.statuses import check_statuses

is_target = re.compile(r"(?:/(?!/)|https?://)[^\s\\]*").fullmatch
"""Matches a path, or the URL of a page; browsers read `//` and backslashes as another host."""

Handler = Callable[..., object]
"""`handler(error, ctx)`, sync or async: sets or returns the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnerrorConfig:
    """Answers to errors (core:ERR-1 to ERR-11)."""

    error_page_url: str | Callable[..., object] = ""
    """The page that browsers are redirected to after a server error, or a function of error and ctx
    that returns it; outside of env local and unittest. Empty: a short page of eggd's."""
    app_error_filter: Callable[..., object] | None = None
    """`filter(error, ctx)`: an error for which it returns False is answered, but not logged."""
    statuses: Sequence[object] = ()
    """Pairs of an exception class and the status that answers it, or a function of the exception
    that returns an HttpError: `[(LookupError, 404)]`. The nearest base class decides."""
    accepts: Callable[..., object] | None = None
    """`accepts(ctx)` returns the kind of the answer: "html", "json", "text" or "js"."""
    all: Handler | None = None
    """Answers every error, in place of the handlers below."""
    html: Handler | None = None
    """Answers in HTML."""
    json: Handler | None = None
    """Answers in JSON."""
    text: Handler | None = None
    """Answers as text."""
    js: Handler | None = None
    """Answers requests of JSONP."""
    editor: str = "vscode"
    """The editor that links of the local page open: "vscode", "cursor", "pycharm", "sublime",
    "emacs", "zed", or a URL with {file} and {line}; empty: no links."""
    editor_paths: Mapping[str, str] = field(default_factory=dict)
    """Folders of this machine, or of a container, and where the editor has them."""

    def __post_init__(self) -> None:
        if callable(self.error_page_url):
            check_function("onerror.error_page_url", self.error_page_url, "error", "ctx")
        elif self.error_page_url and not is_target(self.error_page_url):
            hint = "write '/error', or 'https://shop.example/error'"
            text = f"onerror.error_page_url: {self.error_page_url!r} is not a path or a URL"
            raise ConfigError(text, hint=hint)
        for name in ("app_error_filter", "all", *KINDS):
            if (function := getattr(self, name)) is not None:
                may_wait = name != "app_error_filter"
                check_function(f"onerror.{name}", function, "error", "ctx", may_wait=may_wait)
        if self.accepts is not None:
            check_function("onerror.accepts", self.accepts, "ctx")
        check_statuses(self.statuses)
        check_editor(self.editor)
