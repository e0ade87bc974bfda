"""Switches on that files are saved before handlers run, if configured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd import Application, Boot, ConfigError, Context, path_condition
from eggd.plugins.multipart.section import MultipartConfig


class MultipartBoot(Boot[Application]):
    """Prepares a worker for uploads."""

    def config_did_load(self) -> None:
        """Adds the middleware in mode "file", and with `file_mode_match`.

        Raises ConfigError for a `tmpdir` that cannot be a folder.
        """
        options = self.config.multipart
        if options.tmpdir:
            _check_folder(Path(self.app.base_dir, options.tmpdir))
        if options.mode == "file" or options.file_mode_match is not None:
            self._check_match(options.file_mode_match)
            self.config.core_middleware.append("multipart")
        self.app.add_check(self._warnings)
        self.app.on("error", _remove_files)

    async def will_ready(self) -> None:
        """Warns of options without effect; only now the limits of all routes are known."""
        for line in self._warnings():
            self.app.core_logger.warning("[multipart] %s", line)

    def _warnings(self) -> list[str]:
        return list(_idle(self.config.multipart, self.app.http_config.body_limit))

    def _check_match(self, match: object) -> None:
        try:
            path_condition(match, None, "multipart")
        except ConfigError as exc:
            key = "multipart.file_mode_match"
            text = exc.message.replace("multipart.match", key)
            raise ConfigError(text, hint=exc.hint, keys=[key]) from exc


def _idle(options: MultipartConfig, most: int) -> Iterator[str]:
    """Yields a line for each option that another one leaves without effect."""
    if options.file_size > most:
        yield (
            f"multipart.file_size of {options.file_size} bytes has no effect: bodies have at most"
            f" {most} (raise http.body_limit, or the body_limit of a route)"
        )
    if options.field_size > options.fields_size:
        yield (
            f"multipart.field_size of {options.field_size} bytes has no effect: all fields together"
            f" have less than {options.fields_size} (raise multipart.fields_size)"
        )
    if options.whitelist is not None and options.file_extensions:
        yield "multipart.file_extensions has no effect: whitelist replaces it (remove one of them)"


def _check_folder(path: Path) -> None:
    """Raises ConfigError for a path that is not a folder, or that cannot be created as one."""
    nearest = next(each for each in (path, *path.parents) if each.exists())
    if not nearest.is_dir():
        problem = f"{nearest} is not a folder"
    elif not os.access(nearest, os.W_OK | os.X_OK):
        problem = f"{nearest} is not writable"
    else:
        return
    raise ConfigError(f"multipart.tmpdir: {problem}", keys=["multipart.tmpdir"])


def _remove_files(error: BaseException, ctx: Context) -> None:
    """Removes the saved files of a request that failed."""
    files = getattr(ctx, "request_files", None)
    if files is not None:
        files.fail()
