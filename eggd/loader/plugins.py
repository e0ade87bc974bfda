"""`PluginTable`: the enabled plugins, their folders and the load order (core:PLG-*).

declared.py merges the files, place.py finds a plugin, order.py sorts; this module resolves
requirements. A disabled plugin is located only if an enabled one requires it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eggd.config.sources import AppInfo
from eggd.loader.declared import (
    DeclaredPlugin,
    Definition,
    PluginEntry,
    file_definitions,
    merged,
    option_definitions,
    variable_definitions,
)
from eggd.loader.layout import right_env
from eggd.loader.order import missing_error, sort_by_dependency
from eggd.loader.place import GROUP, METADATA, PluginToml, installed, locate, read_metadata, version
from eggd.loader.unit import LoadUnit
from eggd.spelling import did_you_mean, misspelt


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plugin, with everything that the files set."""

    name: str
    """Its name, the key in config/plugin.py."""
    enable: bool = True
    """Whether it is loaded."""
    implicit: bool = False
    """Whether it is loaded only because another one needs it (core:PLG-14)."""
    package: str = ""
    """The Python package that holds it, "" if `path` is set."""
    root: Path | None = None
    """Its folder, None for a disabled plugin that is not required."""
    version: str = ""
    """The version of its package, "" if unknown (core:PLG-11)."""
    env: Sequence[str] = ()
    """The environments in which it is loaded; empty means every one."""
    dependencies: Sequence[str] = ()
    """Names of the plugins that it requires."""
    optional_dependencies: Sequence[str] = ()
    """Names of the plugins that load before it where they are enabled."""
    dependents: Sequence[str] = ()
    """Names of the enabled plugins that require it (core:PLG-15)."""
    extends: Sequence[str] = ()
    """More files of `app/extend` that it reads, without their suffix."""
    origin: str = ""
    """The file that last defined it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginTable:
    """The plugins of an app (core:PLG-20)."""

    order: Sequence[Plugin] = ()
    """The enabled ones, dependencies first."""
    all: Mapping[str, Plugin] = field(default_factory=dict)
    """Every one by name, the disabled ones included."""
    framework: Mapping[str, DeclaredPlugin] = field(default_factory=dict)
    """The definitions in the frameworks' files."""
    app: Mapping[str, DeclaredPlugin] = field(default_factory=dict)
    """The definitions in the app's files."""
    custom: Mapping[str, DeclaredPlugin] = field(default_factory=dict)
    """The definitions of EGG_PLUGINS and of the start of the process."""
    warnings: Sequence[str] = ()
    """One line for each probable mistake."""
    notes: Sequence[str] = ()
    """One line for each plugin that was enabled or disabled implicitly."""

    @property
    def enabled(self) -> dict[str, Plugin]:
        """The enabled ones by name, in load order."""
        return {plugin.name: plugin for plugin in self.order}

    @property
    def unchosen(self) -> set[str]:
        """The names of those that are off because neither the app nor its operator names them."""
        return self.all.keys() - self.enabled.keys() - self.app.keys() - self.custom.keys()

    @property
    def extends(self) -> list[str]:
        """The files of `app/extend` that the enabled ones read, without their suffix."""
        return [name for plugin in self.order for name in plugin.extends]

    @property
    def units(self) -> list[LoadUnit]:
        """The enabled ones as load units."""
        return [
            LoadUnit(plugin.name, "plugin", plugin.root, plugin.package)
            for plugin in self.order
            if plugin.root is not None
        ]


def load_plugins(
    units: Sequence[LoadUnit],
    info: AppInfo,
    environ: Mapping[str, str],
    given: Mapping[str, object] | None = None,
) -> PluginTable:
    """Returns the plugins of the plugin files of `units` (frameworks, then the app).

    EGG_PLUGINS overrides the files, `given` overrides all. Raises PluginError, ConfigError or
    LoadError naming the file.
    """
    by_kind: dict[str, list[Definition]] = {"framework": [], "app": []}
    for unit in units:
        by_kind[unit.kind] += file_definitions(unit, info)
    custom = [
        *variable_definitions(environ, info.base_dir),
        *option_definitions(given or {}, info.base_dir),
    ]
    warnings: list[str] = []
    declared = merged([*by_kind["framework"], *by_kind["app"], *custom], warnings)
    resolver = _Resolver(declared, info.env, warnings)
    table = resolver.table()
    layers = {
        "framework": merged(by_kind["framework"], []),
        "app": merged(by_kind["app"], []),
        "custom": merged(custom, []),
    }
    warned = [
        *warnings,
        *_against_the_app(table, layers["app"], layers["custom"]),
        *_misspelt(declared, info.env),
    ]
    return replace(table, **layers, warnings=warned)  # type: ignore[arg-type]


class _Resolver:
    """Finds the plugins that load: the enabled ones and those that they require."""

    def __init__(
        self, declared: Mapping[str, DeclaredPlugin], env: str, warnings: list[str]
    ) -> None:
        self.declared = declared
        self.env = env
        self.warnings = warnings
        self.notes: list[str] = []
        self.enabled: dict[str, Plugin] = {}
        self.elsewhere: dict[str, Plugin] = {}
        """Plugins of other environments only."""

    def table(self) -> PluginTable:
        """Returns the plugins, ordered."""
        for each in self.declared.values():
            if each.entry.enable:
                self._add(_resolve(each, self.warnings, _placed(self.declared)))
        needed = self._needed()
        self._note_implicit(needed)
        plugins = {
            name: replace(plugin, dependents=needed.get(name, ()))
            for name, plugin in self.enabled.items()
        }
        others = {name: self._disable(each) for name, each in self.declared.items()}
        return PluginTable(
            order=[plugins[name] for name in sort_by_dependency(plugins)],
            all={**others, **plugins},
            notes=self.notes,
        )

    def _add(self, plugin: Plugin) -> None:
        """Takes a plugin in, unless it is for other environments (core:PLG-12)."""
        if not plugin.env or self.env in plugin.env:
            self.enabled[plugin.name] = plugin
            return
        self.elsewhere[plugin.name] = replace(plugin, enable=False)
        self.notes.append(
            f"Plugin {plugin.name} is disabled: it is for env {', '.join(plugin.env)},"
            f" and this is {self.env}"
        )

    def _note_implicit(self, needed: Mapping[str, Sequence[str]]) -> None:
        lines = [
            f"  - {plugin.name} required by [{','.join(needed[plugin.name])}]"
            for plugin in self.enabled.values()
            if plugin.implicit
        ]
        if lines:
            self.notes += ["Following plugins will be enabled implicitly.", *lines]

    def _needed(self) -> dict[str, list[str]]:
        """Adds required plugins; returns the dependents of each (core:PLG-14, PLG-17)."""
        needed: dict[str, list[str]] = {}
        waiting = list(self.enabled)
        while waiting:
            name = waiting.pop(0)
            for needs in self.enabled[name].dependencies:
                needed.setdefault(needs, []).append(name)
                if needs not in self.enabled and self._enable_implicitly(needs, name):
                    waiting.append(needs)
        missing = {name: by for name, by in needed.items() if name not in self.enabled}
        if missing:
            raise missing_error(missing, self._cure(missing))
        return needed

    def _enable_implicitly(self, name: str, dependent: str) -> bool:
        declared = self.declared.get(name)
        if declared is None and installed(name):
            origin = f"{self.enabled[dependent].root}/{METADATA}"
            declared = DeclaredPlugin(name, PluginEntry(), origin, Path())
        if declared is None or name in self.elsewhere:
            return False
        plugin = _resolve(declared, self.warnings, _placed(self.declared))
        self._add(replace(plugin, enable=True, implicit=True))
        return name in self.enabled

    def _cure(self, missing: Mapping[str, Sequence[str]]) -> str:
        name, dependents = next(iter(missing.items()))
        other = self.elsewhere.get(name)
        if other is not None:
            return f"{name} of {other.origin} is for env {', '.join(other.env)} only"
        origin = self.enabled[dependents[0]].origin
        return f"{dependents[0]} is of {origin}: define {name} there, or install one of {GROUP}"

    def _disable(self, declared: DeclaredPlugin) -> Plugin:
        entry = declared.entry
        return self.elsewhere.get(declared.name) or Plugin(
            name=declared.name,
            enable=False,
            package=entry.package,
            env=entry.env,
            dependencies=entry.dependencies,
            optional_dependencies=entry.optional_dependencies,
            origin=declared.origin,
        )


def _placed(declared: Mapping[str, DeclaredPlugin]) -> list[str]:
    """Returns the names of the plugins whose package or path is set."""
    return [each.name for each in declared.values() if each.entry.package or each.entry.path]


def _resolve(declared: DeclaredPlugin, warnings: list[str], known: Sequence[str]) -> Plugin:
    """Returns the plugin with the values of its plugin.toml that the app does not set."""
    entry, place = declared.entry, locate(declared, known)
    toml = read_metadata(place.root)
    if toml is None:
        warnings.append(f"plugin {declared.name}: {METADATA} is missing in {place.root}")
        toml = PluginToml(name=declared.name)
    if toml.name != declared.name and toml.strict:
        warnings.append(
            f"{declared.origin}: plugin {declared.name} is called {toml.name} in its {METADATA}"
        )
    return Plugin(
        name=declared.name,
        enable=entry.enable,
        package=place.package,
        root=place.root,
        version=toml.version or version(place.package),
        env=entry.env or toml.env,
        dependencies=entry.dependencies or toml.dependencies,
        optional_dependencies=entry.optional_dependencies or toml.optional_dependencies,
        extends=toml.extends,
        origin=declared.origin,
    )


def _misspelt(declared: Mapping[str, DeclaredPlugin], env: str) -> Iterator[str]:
    """Yields a warning for each misspelt environment, and for each misspelt name of a plugin that
    is only disabled, so that its absence is not an error.
    """
    located = _placed(declared)
    for each in declared.values():
        if not each.entry.enable and each.name not in located:
            if right := misspelt(each.name, located):
                text = f"no plugin has this name ({did_you_mean(right)})"
                yield f"{each.where}: plugin {each.name}: {text}"
        for given in each.entry.env:
            if given != env and (right := right_env(given)) not in ("", given):
                text = f"env {given!r} is not a usual one ({did_you_mean(right)})"
                yield f"{each.where}: plugin {each.name}: {text}"


def _against_the_app(
    table: PluginTable, app: Mapping[str, DeclaredPlugin], custom: Mapping[str, DeclaredPlugin]
) -> list[str]:
    """Returns a warning for each loaded plugin that the app or its operator disabled."""
    entries = {**app, **custom}
    return [
        f"{entries[plugin.name].origin}: plugin {plugin.name} is disabled, and is enabled"
        f" implicitly: required by [{','.join(plugin.dependents)}]"
        for plugin in table.order
        if plugin.implicit and plugin.name in entries and not entries[plugin.name].entry.enable
    ]
