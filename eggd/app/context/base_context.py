"""`Controller` and `Service`, whose instances belong to a request, and `ctx.service`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eggd.app.context.context import Context
from eggd.config import Config
from eggd.errors import EggError
from eggd.log import Logger


class BaseContextClass:
    """The base of objects that live as long as one context (core:BCC-1)."""

    path_name = ""
    """The dotted name, such as `service.admin.user`; the loader sets it (core:LD-8)."""
    full_path: Path | None = None
    """The file that defines the class."""

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
    """`ctx.service`: its attributes are made on first access, once per context (SVC-3)."""

    def __init__(self, ctx: Context, tree: Mapping[str, object], path: str = "service") -> None:
        self.__dict__["_source"] = (ctx, tree, path)

    def __getattr__(self, name: str) -> Any:
        ctx, tree, path = self.__dict__["_source"]
        if name not in tree:
            known = ", ".join(sorted(tree)) or "none"
            text = EggError(f"{path}.{name} does not exist", hint=f"known: {known}").line
            raise AttributeError(text)
        value = tree[name]
        if isinstance(value, dict):
            value = Services(ctx, value, f"{path}.{name}")
        elif isinstance(value, type):
            value = value(ctx)
        self.__dict__[name] = value
        return value
