"""`Controller` and `Service`: classes made per request, and the namespace of services (SVC-*)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eggd.app.context.context import Context
from eggd.config import Config
from eggd.errors import EggError
from eggd.log import Logger


class BaseContextClass:
    """Something that lives as long as one context (core:BCC-1)."""

    path_name = ""
    """Where it was loaded from: `service.admin.user`; set by the loader (core:LD-8)."""
    full_path: Path | None = None
    """The file that it was loaded from."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.app = ctx.app

    @property
    def config(self) -> Config:
        """The app's config."""
        return self.app.config

    @property
    def service(self) -> Any:
        """The context's services."""
        return self.ctx.service

    @property
    def logger(self) -> Logger:
        """The context's logger; messages begin with `[service.admin.user] ` (core:BCC-2)."""
        logger = self.ctx.logger
        return logger.child(self.path_name) if self.path_name else logger


class Controller(BaseContextClass):
    """Base of controllers: every public method is an action, a new instance per request."""


class Service(BaseContextClass):
    """Base of services: one instance per context, made on first access."""


class Services:
    """`ctx.service`: attributes are made on first access and kept for the context (SVC-3)."""

    def __init__(self, ctx: Context, tree: dict[str, Any], path: str = "service") -> None:
        self.__dict__["_made_of"] = (ctx, tree, path)

    def __getattr__(self, name: str) -> Any:
        ctx, tree, path = self.__dict__["_made_of"]
        if name not in tree:
            known = ", ".join(sorted(tree)) or "none"
            text = EggError(f"{path}.{name} does not exist", hint=f"known: {known}").line
            raise AttributeError(text)
        entry = tree[name]
        made: Any
        if isinstance(entry, dict):
            made = Services(ctx, entry, f"{path}.{name}")
        else:
            made = entry(ctx) if isinstance(entry, type) else entry
        self.__dict__[name] = made
        return made
