"""From files to `app.config`: the declared sections, and the rules about root keys.

declared sections -> values of the process -> files of all load units -> EGG_APP_CONFIG
-> config hooks
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from eggd.app.cluster_config import ClusterConfig
from eggd.app.config import (
    AppConfig,
    BodyParserConfig,
    DumpConfig,
    MetaConfig,
    NotFoundConfig,
    OverrideMethodConfig,
    RouterConfig,
    SiteFileConfig,
    TraceConfig,
)
from eggd.app.context.cookie_options import CookiesConfig
from eggd.app.loading.host import Host
from eggd.app.loading.root_keys import RootKeys
from eggd.config.config import ROOT, Config
from eggd.config.credentials import Places, config_files_read
from eggd.config.lines import Lines
from eggd.config.origins import DEFAULT
from eggd.config.sources import AppInfo, Source, environment_source, file_sources
from eggd.errors import ConfigError
from eggd.http import HttpConfig
from eggd.httpclient.config import HttpClientConfig
from eggd.loader import LoadUnit
from eggd.log import LoggerConfig
from eggd.messenger import MessengerConfig

SECTIONS: Mapping[str, type] = {
    ROOT: AppConfig,
    "cluster": ClusterConfig,
    "http": HttpConfig,
    "httpclient": HttpClientConfig,
    "messenger": MessengerConfig,
    "logger": LoggerConfig,
    "body_parser": BodyParserConfig,
    "cookies": CookiesConfig,
    "override_method": OverrideMethodConfig,
    "notfound": NotFoundConfig,
    "router": RouterConfig,
    "site_file": SiteFileConfig,
    "meta": MetaConfig,
    "trace": TraceConfig,
    "dump": DumpConfig,
}
"""The sections that the framework declares, by name."""

ALIASES: Mapping[str, str] = {
    "core_middlewares": "core_middleware",
    "app_middleware": "middleware",
    "app_middlewares": "middleware",
}
"""Names under which egg's plugins reach the two lists in their hooks (core:CFG-8)."""


def declare(units: Sequence[LoadUnit]) -> Config:
    """Returns the config of defaults. Raises ConfigError for a section that is declared twice."""
    sections = dict(SECTIONS)
    homes: dict[str, str] = {}
    for unit in units:
        section = unit.section()
        if section is None:
            continue
        file = unit.root / "section.py"
        if unit.name in sections:
            raise ConfigError(
                f"{file}: section {unit.name!r} is already declared",
                hint=f"by {sections[unit.name].__module__}; rename the {unit.kind}",
            )
        if not section.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise ConfigError(
                f"{file}: {section.__name__} must be frozen",
                hint="@dataclass(frozen=True, slots=True, kw_only=True)",
            )
        sections[unit.name] = section
        if not unit.package.startswith("eggd."):
            homes[unit.name] = str(file)
    return Config(sections, ALIASES, homes)


def load(config: Config, keys: RootKeys, units: Sequence[LoadUnit], host: Host) -> None:
    """Merges every source, notes in `keys` which source sets which key, and checks the result.

    Raises ConfigError or LoadError naming file and key.
    """
    info = host.info
    config.add(_of_process(host))
    config.add(Source(info.env_origin or DEFAULT, {"env": info.env}))
    with config_files_read(_credentials(host)):
        for source in chain(file_sources(units, info), environment_source(host.environ)):
            _refuse_middleware(source)
            keys.note(source)
            config.add(source)
    check_root(config, info, keys)
    config.check()


def _credentials(host: Host) -> Places:
    info = host.info
    return Places(
        environ=host.environ,
        base_dir=info.base_dir,
        env=info.env,
        env_origin=info.env_origin,
        units=host.unit_credentials,
    )


def _of_process(host: Host) -> Source:
    """Returns the values that the process sets, which every file overrides."""
    values: dict[str, object] = {
        "name": host.info.name,
        "base_dir": str(host.info.base_dir),
        "rundir": str(host.dump_dir or host.rundir),
        "logger": {"dir": str(host.log_dir), "buffer": host.info.env != "unittest"},
        "messenger": {"directory": str(host.rundir)},
    }
    return Source(DEFAULT, values)


def check_root(config: Config, info: AppInfo, keys: RootKeys) -> None:
    """Raises ConfigError for a misspelt key of the root, or a read-only key that was set."""
    keys.check(config, config[AppConfig].confused_configurations)
    for key, fact in (("env", info.env), ("base_dir", str(info.base_dir))):
        if config.get(key) != fact:
            raise ConfigError(
                f"{config.located(key)}: {key} cannot be set in the config",
                hint="EGG_SERVER_ENV or the file config/env" if key == "env" else "EGG_BASE_DIR",
            )


def _refuse_middleware(source: Source) -> None:
    """Raises ConfigError where a load unit sets a list that is not its own (core:CFG-7)."""
    forbidden = {
        "app": ("core_middleware",),
        "plugin": ("core_middleware", "middleware"),
        "framework": ("middleware",),
    }
    for key in forbidden.get(source.kind, ()):
        if key in source.values:
            owners = "an app or a plugin" if key != "middleware" else "a plugin or a framework"
            raise ConfigError(
                f"{Lines().locate(source.file, (key,))}: {key} cannot be set in {owners}",
                hint=f"a boot hook may: self.app.config.{key}.append(...) in config_did_load",
            )
