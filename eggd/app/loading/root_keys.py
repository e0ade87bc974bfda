"""The root keys of the config: the load unit of each, and those without an effect (core:CFG-11).

An app may add root keys. So an undeclared key is an error only if it is a misspelling of a declared
one; a key of Egg that eggd does not read yet is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from eggd.config.config import Config
from eggd.config.sources import Source
from eggd.errors import ConfigError
from eggd.loader import LoadUnit, members
from eggd.spelling import did_you_mean, misspelt, miswritten, plain

UNBUILT = ("assets", "worker_client_timeout")
"""Sections of Egg that eggd does not read yet; a plugin or a middleware may."""

RENAMED: Mapping[str, str] = {
    "customLogger": "logger.custom_logger",
    "custom_logger": "logger.custom_logger",
    "max_proxy_count": "max_ips_count",
}
"""Keys of Egg and of its older versions, each with its replacement."""

MOVED: Mapping[str, str] = {
    "https": "cluster.https",
    "listen": "cluster.listen",
    "port": "cluster.listen.port",
    "server_timeout": "http.server_timeout",
    "allowed_hosts": "security.hosts.names",
    "csrf": "security.csrf",
    "csp": "security.csp",
    "hsts": "security.hsts",
    "ssrf": "security.ssrf",
    "domain_white_list": "security.domain_white_list",
    "protocol_white_list": "security.protocol_white_list",
    "http_agent": "httpclient.max_connections",
}
"""Keys that have another place in eggd, each with that place."""

_CAPITAL = re.compile("(?<=[a-z])[A-Z]")
_DEFAULTS = ("config_default", "config")


OPTIONS = ("enable", "match", "ignore")
"""The options of a middleware that eggd itself reads (core:MW-4, MW-5)."""


def _snake(key: str) -> str:
    """Returns a key such as Egg's `domainWhiteList` or Django's `ALLOWED_HOSTS` in lower case."""
    if key.isupper():
        return key.lower()
    return _CAPITAL.sub(lambda match: f"_{match[0].lower()}", key)


def misspelt_options(config: Config, middleware: Iterable[str]) -> list[str]:
    """Returns a line for each misspelt option of a middleware; a misspelt `match` would be
    ignored."""
    lines = []
    for name in middleware:
        options = config.get(name)
        for key in options if isinstance(options, Mapping) else ():
            if right := misspelt(str(key), OPTIONS):
                where = config.located((name, str(key)))
                lines.append(f"{where}: {name}.{key}: unknown option ({did_you_mean(right)})")
    return lines


def _section_like(config: Config, key: str, declared: Iterable[str]) -> str:
    """Returns the section that a mapping sets keys of, under a name with one wrong letter."""
    values = config[key]
    if not isinstance(values, Mapping):
        return ""
    sections = [
        name
        for name in sorted(declared)
        if isinstance(config.get(name), Mapping) and not values.keys().isdisjoint(config[name])
    ]
    return miswritten(key, sections)


class RootKeys:
    """The keys that load units set; `note` takes each source before `check` and `warnings`."""

    def __init__(self, units: Sequence[LoadUnit], off: Collection[str] = ()) -> None:
        """`off` has the names of the plugins that are off by default, and were not switched on."""
        self._units = units
        self._off = off
        self._declared: set[str] = set()
        """Keys that a plugin or framework sets in its config files."""
        self._unclaimed: set[str] = set()
        """Keys that the app sets in its default file."""
        self._later: set[str] = set()
        """Keys that the app sets for an environment, or its operator in EGG_APP_CONFIG."""

    def note(self, source: Source) -> None:
        """Records which source set its keys."""
        if source.kind in ("plugin", "framework"):
            self._declared.update(source.values)
        elif source.kind == "app" and Path(source.file).stem in _DEFAULTS:
            self._unclaimed.update(source.values)
        else:
            self._later.update(source.values)

    def check(self, config: Config, table: Mapping[str, str]) -> None:
        """Raises ConfigError for a misspelt key; `table` maps more wrong names to the right
        ones."""
        wrong = {**RENAMED, **table}
        declared = {*config.declared(), *self._declared}
        for key in sorted(set(config) - declared):
            known = (
                wrong.get(key)
                or RENAMED.get(_snake(key))
                or self._suggest(key, declared)
                or _section_like(config, key, declared)
            )
            if known and known != key:
                where = config.located(key)
                raise ConfigError(f"{where}: {key}: unknown key", hint=did_you_mean(known))

    def warnings(self, config: Config) -> list[str]:
        """Returns a line for each key that has no effect, or probably has no effect."""
        free = set(config) - config.declared() - self._declared
        # Names of middleware are looked up on disk, only if there is a key that may be one of them.
        keys = sorted(free - self._middleware) if free else []
        doubts = ((key, self._doubt(key, config)) for key in keys)
        return [
            f"{config.located(key)}: {key}: nothing reads this key{f' ({hint})' if hint else ''}"
            for key, hint in doubts
            if hint is not None
        ]

    def _suggest(self, key: str, declared: set[str]) -> str:
        known = "" if key in MOVED else misspelt(key, sorted(declared))
        if not known or plain(key) == plain(known):
            return known
        return "" if key in self._middleware else known

    def _doubt(self, key: str, config: Config) -> str | None:
        """Returns a hint if a key of the app is probably a mistake ("" for no hint), else None."""
        if key in self._off and isinstance(config[key], Mapping):
            return f"the plugin is off; set {key} = True in config/plugin.py"
        if _snake(key) in MOVED:
            return did_you_mean(MOVED[_snake(key)])
        if plain(key) in {plain(name) for name in UNBUILT}:
            return ""
        known = misspelt(key, UNBUILT)
        if not known or plain(key) == f"{plain(known)}s":
            known = misspelt(key, sorted(self._middleware - set(config)))
        if not known and key in self._later - self._unclaimed:
            known = misspelt(key, sorted(self._unclaimed))
        return did_you_mean(known) if known else None

    @cached_property
    def _middleware(self) -> set[str]:
        """The names of middleware files; each has its options in the config under its name."""
        folders = (unit.root / "app" / "middleware" for unit in self._units)
        return {"_".join(member.path) for folder in folders for member in members(folder)}
