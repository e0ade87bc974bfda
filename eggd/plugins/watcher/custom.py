"""Finds the event source of the config."""

from __future__ import annotations

from types import ModuleType

from eggd import Agent, ConfigError, find_export, suggestion_or_list
from eggd.plugins.watcher.built_in import DefaultSource, InotifySource, PollingSource
from eggd.plugins.watcher.source import EventSource

BUILT_IN: dict[str, type[EventSource]] = {
    "inotify": InotifySource,
    "polling": PollingSource,
    "default": DefaultSource,
}
_KEYS = ["watcher.event_sources"]


def event_source(agent: Agent) -> EventSource:
    """Returns the event source of `watcher.type`; raises ConfigError for an unknown one."""
    config = agent.config.watcher
    known = {**BUILT_IN, **config.event_sources}
    if config.type not in known:
        raise ConfigError(
            f"watcher.type: {config.type!r} is not an event source",
            hint=suggestion_or_list(config.type, known),
            keys=["watcher.type"],
        )
    source = _class(agent, config.type, known[config.type])
    return source(agent, agent.config.get(f"watcher_{config.type}"))


def _class(agent: Agent, name: str, value: object) -> type[EventSource]:
    if isinstance(value, str):
        file = agent.base_dir / value
        if not file.is_file():
            raise ConfigError(f"watcher.event_sources: {name}: {file} does not exist", keys=_KEYS)
        value = find_export(file, agent.name)
        if isinstance(value, ModuleType):
            raise ConfigError(
                f"watcher.event_sources: {name}: {file} defines no subclass of EventSource",
                hint="from eggd.plugins.watcher import EventSource",
                keys=_KEYS,
            )
    if isinstance(value, type) and issubclass(value, EventSource):
        return value
    raise ConfigError(
        f"watcher.event_sources: {name}: {value!r} is not a subclass of EventSource",
        hint="from eggd.plugins.watcher import EventSource",
        keys=_KEYS,
    )
