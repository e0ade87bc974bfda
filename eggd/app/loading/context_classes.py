"""The classes of contexts, requests, responses and helpers, with the app's extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eggd.app.context.context import Context
from eggd.app.context.helper import Helper
from eggd.app.context.request import Request
from eggd.app.context.response import Response
from eggd.loader import LoadUnit
from eggd.loader.extend import Clash, compose, extend_envs, extend_files
from eggd.loader.plugins import PluginTable


@dataclass(frozen=True, slots=True)
class ContextClasses:
    """The classes of one app, and the members that hide others."""

    context: type[Context]
    request: type[Request]
    response: type[Response]
    helper: type[Helper]
    clashes: Sequence[Clash]


def context_classes(
    units: Sequence[LoadUnit], plugins: PluginTable, env: str, environ: Mapping[str, str]
) -> ContextClasses:
    """Returns the classes composed of the units' `app/extend` files; raises ExtendError."""
    extends, envs = extend_files(units, plugins.extends), extend_envs(env, environ)
    request = compose(Request, "request", extends, envs)
    response = compose(Response, "response", extends, envs)
    context = compose(Context, "context", extends, envs)
    helper = compose(Helper, "helper", extends, envs)
    clashes = [clash for part in (request, response, context, helper) for clash in part.clashes]
    return ContextClasses(context.cls, request.cls, response.cls, helper.cls, clashes)
