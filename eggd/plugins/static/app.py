"""Serves the folders of the config; without a folder nothing is loaded, and no request pays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from eggd import Boot, ConfigError
from eggd.plugins.static.folders import (
    Folders,
    check_accel,
    folders_of,
    missing,
    refuse_aliases,
    refuse_config,
    refuse_hidden,
    refuse_names,
)
from eggd.plugins.static.section import StaticConfig

_PROD: Mapping[str, float] = {"max_age": 31_536_000.0, "buffer": True}
"""Defaults of env prod: files of a release do not change (core:ST-2)."""


class StaticBoot(Boot):
    """Adds each prefix before its first request."""

    def config_did_load(self) -> None:
        """Checks the folders, and serves them.

        The default folder may be missing; where it may be created later, in env local, it is served
        nevertheless.
        """
        is_set = self.config.is_set("static")
        options: StaticConfig = self.config.static
        self._complete(options)
        try:
            folders = folders_of(options.prefix, options.dir, self.app.base_dir)
            refuse_config(folders, self.app.base_dir)
            refuse_hidden(folders)
            if options.accel:
                check_accel(options.accel, folders, proxy=self.config.proxy)
        except ConfigError as exc:
            key = exc.message.partition(" ")[0].rstrip(":")
            raise ConfigError(exc.message, hint=exc.hint, keys=[key]) from exc
        absent = missing(folders)
        if absent is not None and self.config.is_set("static.dir"):
            problem = "is not a folder" if absent.exists() else "does not exist"
            raise ConfigError(f"static.dir: {absent} {problem}", keys=["static.dir"])
        if absent is None:
            self._check_names(folders, options)
        if absent is None or self.app.env == "local":
            self._serve(folders, options)
        elif is_set:
            self.app.warnings.append(f"static has no effect: {absent} does not exist")

    def _complete(self, options: StaticConfig) -> None:
        """Sets the defaults of env prod for keys that the app does not set.

        Raises ConfigError for `preload` without `buffer`.
        """
        if self.app.env == "prod":
            for name, value in _PROD.items():
                if not self.config.is_set(f"static.{name}"):
                    setattr(options, name, value)
        if options.cache_control and self.config.is_set("static.max_age"):
            text = "static.max_age has no effect: cache_control replaces it (remove one of them)"
            self.app.warnings.append(text)
        if options.preload and not options.buffer:
            raise ConfigError(
                "static.preload has no effect without static.buffer",
                hint="set buffer to True",
                keys=["static.preload"],
            )

    def _check_names(self, folders: Folders, options: StaticConfig) -> None:
        """Raises ConfigError for the name of a file that does not exist."""
        try:
            refuse_aliases(options.alias, folders)
            if isinstance(options.filter, list | tuple):
                refuse_names("filter", options.filter, folders)
        except ConfigError as exc:
            keys = [exc.message.partition(":")[0]]
            raise ConfigError(exc.message, hint=exc.hint, keys=keys) from exc

    def _serve(self, folders: Folders, options: StaticConfig) -> None:
        from eggd.plugins.static.assets import Assets
        from eggd.plugins.static.handler import FolderHandler
        from eggd.plugins.static.roots import Root
        from eggd.plugins.static.store import FileStore

        handlers = []
        for prefix, paths in folders.items():
            store = FileStore([Root(path) for path in paths], options, self._report)
            handlers.append(FolderHandler(prefix, store, options))
            self.app.folder(prefix, handlers[-1].serve)
        self.app.assets = Assets(handlers, options)

    def _report(self, text: str) -> None:
        self.app.core_logger.warning("[static] %s", text)

    async def will_ready(self) -> None:
        """Reads the names of the files, or the files, if the config says so."""
        options: StaticConfig = self.config.static
        assets = self.app.assets
        if assets is not None and (options.preload or not options.dynamic):
            await asyncio.to_thread(assets.prepare)
