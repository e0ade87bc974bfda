"""`app.controller`: actions by dotted name, each made of a controller class per request (CTL-*).

A file holds one `Controller` subclass, whose public methods are actions (inherited ones too), or
plain functions of ctx. An action that takes `next` is given it (core:CTL-4, CTL-6).
"""

from __future__ import annotations

import inspect
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

from eggd.app.context.base_context import Controller
from eggd.calling import arity
from eggd.errors import LoadError, RouteError
from eggd.importer import import_file
from eggd.interfaces import Handler
from eggd.loader import LoadUnit, Member
from eggd.loader.exports import mark
from eggd.loader.tree import Files, Tree, load_tree
from eggd.loader.unit import only_class
from eggd.spelling import did_you_mean, suggestion_or_list

_KINDS = (type, FunctionType)


class Namespace(SimpleNamespace):
    """A level of `app.controller`; an unknown name is an error that names the nearest."""

    def __getattr__(self, name: str) -> object:
        raise missing(f"{vars(self).get('_path', 'app.controller')}.{name}", self)


def load_controllers(app_unit: LoadUnit) -> Namespace:
    """Returns the namespace of the app's controllers; only the app has any (core:CTL-1)."""
    places = [(app_unit.name, app_unit.root / "app" / "controller")]
    tree = load_tree(places, Files(export=import_file, initializer=_controller))
    return _namespace(tree, "app.controller")


def resolve(root: Namespace, dotted: str) -> Handler:
    """Returns the action that a route's text names (core:RT-4); raises RouteError if missing."""
    node: Any = root
    for name in dotted.split("."):
        if not isinstance(node, Namespace):
            known = dotted.removesuffix(f".{name}") if dotted.endswith(f".{name}") else ""
            raise RouteError(
                f"app.controller.{dotted} does not exist: the part before {name!r} is a function",
                hint=did_you_mean(known) if known else "name the function",
            )
        node = getattr(node, name)
    handler: Handler = node
    return handler


def missing(path: str, among: SimpleNamespace) -> RouteError:
    """Returns the error for a controller or action that does not exist."""
    known = [name for name in vars(among) if not name.startswith("_")]
    hint = suggestion_or_list(path.rpartition(".")[2], sorted(known))
    return RouteError(f"{path} does not exist", hint=hint)


def _namespace(tree: Tree, path: str) -> Namespace:
    namespace = Namespace(_path=path)
    for name, value in tree.items():
        below = _namespace(value, f"{path}.{name}") if isinstance(value, dict) else value
        setattr(namespace, name, below)
    return namespace


def _controller(module: ModuleType, member: Member) -> object:
    """Returns the actions of a file, or its one action if that is called like the file (CTL-2)."""
    actions = _actions(module, member)
    members = [name for name in vars(actions) if name != "_path"]
    action = vars(actions).get(member.path[-1])
    return action if len(members) == 1 and isinstance(action, FunctionType) else actions


def _actions(module: ModuleType, member: Member) -> Namespace:
    members = [each for each in vars(module).items() if _is_own(each[1], module)]
    functions = {
        name: value
        for name, value in members
        if isinstance(value, FunctionType) and not name.startswith("_")
    }
    classes = [value for _, value in members if isinstance(value, type)]
    if any(issubclass(cls, Controller) for cls in classes) or not functions:
        cls = only_class(module, Controller, member.file)
        mark(cls, f"controller.{member.dotted}", member.file)
        functions = {name: _action(cls, name, member) for name in _public(cls, member)}
    return Namespace(_path=f"app.controller.{member.dotted}", **functions)


def _is_own(value: object, module: ModuleType) -> bool:
    return isinstance(value, _KINDS) and value.__module__ == module.__name__


def _public(cls: type, member: Member) -> list[str]:
    members: dict[str, object] = {}
    for level in reversed(cls.__mro__):
        if level not in Controller.__mro__:
            members.update(vars(level))
    names = [
        name
        for name, value in members.items()
        if isinstance(value, FunctionType) and not name.startswith("_")
    ]
    for name in names:
        if name in ("app", "ctx") or hasattr(Controller, name):
            raise LoadError(
                f"{member.file}: action {name!r} hides self.{name} of every controller",
                hint="choose another name",
            )
    return sorted(names)


def _action(cls: type, name: str, member: Member) -> Any:
    method = getattr(cls, name)
    flags = method.__code__.co_flags
    if flags & inspect.CO_ASYNC_GENERATOR:
        raise LoadError(f"{member.file}: {cls.__name__}.{name} may not be an async generator")
    count = arity(method, follow_wrapped=False) or 0  # with self
    if count > 2:
        raise LoadError(f"{member.file}: {cls.__name__}.{name} may take self and next, no more")
    if count == 2:

        def leading(ctx: object, next: object) -> object:
            return method(cls(ctx), next)

        return _named(leading, cls, name, member)
    if flags & inspect.CO_COROUTINE:

        def waiting(ctx: object) -> object:
            return method(cls(ctx))  # the coroutine itself: one await less

        action = _named(waiting, cls, name, member)
        action.is_async = True
        return action

    def plain(ctx: object) -> object:
        return method(cls(ctx))

    return _named(plain, cls, name, member)


def _named(action: Any, cls: type, name: str, member: Member) -> Any:
    action.__dict__.update(vars(getattr(cls, name)))  # what a decorator noted on it (core:CTL-5)
    action.source = f"{member.file}#{cls.__name__}.{name}()"
    action.__name__ = name
    action.__qualname__ = f"{cls.__name__}.{name}"  # errors of a wrong call show it
    return action
