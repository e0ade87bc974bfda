"""The section `multipart` of the config."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Literal

from eggd import Between, ConfigError, Seconds, check_function
from eggd.plugins.multipart.filename import check_extensions
from eggd.plugins.multipart.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSchedule:
    """The agent's cleaning of `tmpdir`."""

    disable: bool = False
    """Do not clean."""
    interval: Annotated[Seconds, Between(1, 7 * 86_400)] = 600.0
    """Seconds between two cleanings; the first is at the start."""
    max_age: Annotated[Seconds, Between(0, 365 * 86_400)] = 86_400.0
    """Seconds after which a file is removed. Files of a worker that was killed in the middle of a
    request are removed by the next cleaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipartConfig(Limits):
    """The way in which uploads are read, and their limits (process:MP-1)."""

    mode: Literal["stream", "file"] = "stream"
    """Mode "file" saves the files of every multipart request before its handler runs."""
    file_mode_match: object = None
    """The requests whose files are saved in mode "stream", as a middleware's `match`."""
    auto_fields: bool = False
    """Whether `ctx.multipart()` collects fields in `.fields` and yields files only."""
    default_charset: str = "utf-8"
    """The charset of fields that do not name one."""
    default_param_charset: str = "utf-8"
    """The charset of names of fields and files."""
    file_extensions: Sequence[str] = ()
    """Extensions to accept beside the default ones; "" accepts files without one."""
    whitelist: Sequence[str] | Callable[[str], object] | None = None
    """The only extensions to accept, or a function of the file name that returns whether to."""
    allow_array_field: bool = False
    """Whether fields of the same name become a list; else the last one wins."""
    tmpdir: str = ""
    """The folder of saved files. Empty: `uploads` in the state directory of the service, without
    one `egg-multipart-tmp-UID/<app name>` in the temporary directory."""
    clean_schedule: CleanSchedule = field(default_factory=CleanSchedule)
    """The agent's cleaning of the folder."""

    def __post_init__(self) -> None:
        if self.mode == "file" and self.file_mode_match is not None:
            raise ConfigError(
                "multipart.file_mode_match only works in mode 'stream'", hint="remove it"
            )
        for name in ("default_charset", "default_param_charset"):
            if not is_charset(getattr(self, name)):
                raise ConfigError(f"multipart.{name}: {getattr(self, name)!r} is not a charset")
        check_extensions("multipart.file_extensions", self.file_extensions)
        if callable(self.whitelist):
            check_function("multipart.whitelist", self.whitelist, "name")
        else:
            check_extensions("multipart.whitelist", self.whitelist or ())

    @property
    def limits(self) -> Limits:
        """The limits alone."""
        return Limits(**{each.name: getattr(self, each.name) for each in fields(Limits)})


def is_charset(name: object) -> bool:
    """Returns whether Python knows a charset of that name."""
    try:
        return isinstance(name, str) and codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):  # ValueError: a NUL
        return False
