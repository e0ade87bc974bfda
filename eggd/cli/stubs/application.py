"""The files of `typings/eggd` for one application, from the application loaded in env local."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import eggd
from eggd.app.application import Application
from eggd.app.base import BaseApplication
from eggd.app.config import AppConfig
from eggd.app.loading.configure import ALIASES, SECTIONS
from eggd.cli.stubs.boots import CLASS, members_of
from eggd.cli.stubs.names import UNKNOWN, Names, classes
from eggd.cli.stubs.settings import config_text, section_names, value_names
from eggd.cli.stubs.source import HEAD, Source
from eggd.config import Config
from eggd.config.config import ROOT
from eggd.loader import LoadUnit
from eggd.loader.extend import TARGETS

TITLES = {
    "application": "ApplicationMembers",
    "agent": "AgentMembers",
    "context": "ContextMembers",
    "request": "RequestMembers",
    "response": "ResponseMembers",
    "helper": "HelperMembers",
}
"""File in `app/extend` -> the class of `eggd.members` with its members."""

IMPORTS = """\
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, overload

from eggd.interfaces import Middleware
"""

_ACTION = "Callable[..., Any]"


def files_of(app: Application, agent: BaseApplication, configs: list[Config]) -> dict[str, str]:
    """Returns the text of each file by its path in `typings/eggd`.

    `configs` are the configs of all environments. Raises OSError for a file that is gone.
    """
    return Stubs(app, agent).files(configs)


class Stubs:
    """Collects what the classes of one application have, and the stubs of the files they are in."""

    def __init__(self, app: Application, agent: BaseApplication) -> None:
        self._app = app
        self._agent = agent
        # Text of a module in `eggd.tree` by its dotted name: one for each file that is referred to.
        self._modules: dict[str, str] = {}
        self._imports: set[str] = set()

    def files(self, configs: list[Config]) -> dict[str, str]:
        """Returns the text of each file by its path in `typings/eggd`."""
        members = "\n\n".join(self._members(configs))
        imports = "\n".join(sorted(self._imports))
        head = f'{HEAD.format(of="")}{IMPORTS}{imports}\n\n_S = TypeVar("_S")\n\n'
        door = Path(eggd.__file__).with_suffix(".pyi").read_text("utf-8")
        files = {"__init__.pyi": HEAD.format(of="") + door, "members.pyi": f"{head}{members}\n"}
        for name, text in self._modules.items():
            files[f"tree/{name.replace('.', '/')}.pyi"] = text
            files[f"tree/{name.partition('.')[0]}/__init__.pyi"] = ""
            files["tree/__init__.pyi"] = ""
        return dict(sorted(files.items()))

    def _members(self, configs: list[Config]) -> Iterator[str]:
        inside = {target: self._custom(inject) for inject, target in _INJECTED.items()}
        for target in TARGETS:
            bases = [*self._extends(target), *self._boots(target), *self._frameworks(target)]
            # A class composed of a framework's leads to the same file as the framework's own.
            unique = [*dict.fromkeys(bases)]
            yield from classes(TITLES[target], inside.get(target, {}), unique)
        services = self._tree(self._app.service_classes)
        yield from classes("Services", services, doc="`ctx.service`.")
        yield from classes("Controllers", _actions(self._app.controller), doc="`app.controller`.")
        middlewares = dict.fromkeys(self._app.middlewares, "Callable[[Any, Any], Middleware]")
        yield from classes(
            "MiddlewareFactories", middlewares, ["dict[str, Any]"], doc="`app.middleware`."
        )
        yield config_text([self._config_names(config) for config in configs])

    def _extends(self, target: str) -> Iterator[str]:
        """Yields the classes of `app/extend`: those of an environment first, then later units."""
        for unit in reversed(self._app.units):
            folder = unit.root / "app" / "extend"
            for file in sorted(folder.glob(f"{target}*.py"), reverse=True):
                if file.stem == target or file.stem.startswith(f"{target}_"):
                    yield self._class(unit, file, target.title(), bare=True)

    def _boots(self, target: str) -> Iterator[str]:
        part = {"application": self._app, "agent": self._agent}.get(target)
        for unit in reversed(self._app.units if part is not None else []):
            assert part is not None
            file = unit.root / part.boot_file
            if file.is_file():
                source = Source(file.read_text("utf-8"))
                more = members_of(source.tree, dir(type(part)), _single(part.config))
                if more:
                    yield self._class(unit, file, CLASS, source=source, more=more)

    def _frameworks(self, target: str) -> Iterator[str]:
        part = {"application": self._app, "agent": self._agent}.get(target)
        for cls in type(part).__mro__ if part is not None else ():
            unit = self._unit_of(_file_of(cls))
            is_framework = unit is not None and unit.kind == "framework"
            if unit is not None and is_framework and not cls.__module__.startswith("eggd."):
                file = _file_of(cls)
                if file is not None and file.parent.name != "extend":
                    yield self._class(unit, file, cls.__name__, bare=True)

    def _custom(self, inject: str) -> Names:
        """Returns the members that `config.custom_loader` makes."""
        loaders = self._app.config[AppConfig].custom_loader
        suffix = "" if inject == "app" else "_classes"
        return {
            name: self._tree(getattr(self._app, f"{name}{suffix}"))
            for name, loader in loaders.items()
            if loader.inject == inject
        }

    def _tree(self, tree: Mapping[str, object]) -> Names:
        return {
            name: self._tree(value) if isinstance(value, dict) else self._reference(value)
            for name, value in tree.items()
        }

    def _reference(self, value: object) -> str:
        """Returns the annotation of a service or of what a custom loader made."""
        cls = value if isinstance(value, type) else type(value)
        file = _file_of(cls)
        unit = self._unit_of(file)
        if file is None or unit is None or "<" in cls.__qualname__:
            return UNKNOWN
        return self._class(unit, file, cls.__qualname__)

    def _class(
        self,
        unit: LoadUnit,
        file: Path,
        name: str,
        *,
        bare: bool = False,
        source: Source | None = None,
        more: list[ast.stmt] | None = None,
    ) -> str:
        """Returns how `members.pyi` refers to a class of a file, whose stub becomes a module."""
        parts = file.relative_to(unit.root).with_suffix("").parts
        stem = _identifier("_".join(parts)).replace("__init__", "package")
        module = f"{_identifier(unit.name)}.{stem}"
        if module not in self._modules:
            stub = (source or Source(file.read_text("utf-8"), bare=bare)).stub(more or [])
            place = file.relative_to(unit.root)
            of = f" from {place}" if unit.kind == "app" else f" from {place} of {unit.name}"
            self._modules[module] = HEAD.format(of=of) + stub
        alias = "_" + module.replace(".", "_")
        self._imports.add(
            f"from eggd.tree.{module.partition('.')[0]} import "
            f"{module.partition('.')[2]} as {alias}"
        )
        return f"{alias}.{name}"

    def _unit_of(self, file: Path | None) -> LoadUnit | None:
        inside = [u for u in self._app.units if file is not None and file.is_relative_to(u.root)]
        return max(inside, key=lambda unit: len(unit.root.parts), default=None)

    def _config_names(self, config: Config) -> Names:
        sections = dict(SECTIONS)
        for unit in self._app.units:
            section = unit.section()
            if section is not None:
                sections[unit.name] = section
        root = section_names(sections.pop(ROOT))
        declared = {name: section_names(section) for name, section in sections.items()}
        values = {str(key): value for key, value in config.items() if key not in {*root, *declared}}
        aliases = {alias: root[name] for alias, name in ALIASES.items()}
        return {**value_names(values), **root, **aliases, **declared}


_INJECTED = {"app": "application", "ctx": "context"}


def _actions(node: SimpleNamespace) -> Names:
    below = {name: value for name, value in vars(node).items() if name != "_path"}
    return {
        name: _actions(value) if isinstance(value, SimpleNamespace) else _ACTION
        for name, value in below.items()
    }


def _single(config: Config) -> Callable[[str], bool]:
    def single(name: str) -> bool:
        section = config.get(name)
        return bool(isinstance(section, Mapping) and section.get("client"))

    return single


def _file_of(cls: type) -> Path | None:
    marked = vars(cls).get("full_path")
    if isinstance(marked, Path):
        return marked
    try:
        file = inspect.getsourcefile(cls)
    except (TypeError, OSError):
        return None
    return Path(file) if file else None


def _identifier(name: str) -> str:
    text = re.sub(r"\W", "_", name)
    return text if text[:1].isalpha() or text[:1] == "_" else f"_{text}"
