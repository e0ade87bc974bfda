"""The options of one call: `ctx.multipart(limits={"file_size": "20mb"})` (process:MP-24)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypedDict

from eggd import EggError, size, suggestion_or_list
from eggd.plugins.multipart.filename import name_check
from eggd.plugins.multipart.limits import Limits
from eggd.plugins.multipart.section import MultipartConfig, is_charset

if TYPE_CHECKING:
    from eggd.plugins.multipart.parts import FilePart

Checked = Exception | None
CheckFile = Callable[[str, "FilePart", str], Checked | Awaitable[Checked]]
"""`check_file(field, part, filename)`, sync or async, returns an exception to refuse a file."""


class MultipartOptions(TypedDict, total=False):
    """The options of one call; each replaces that of the config."""

    limits: Mapping[str, int | str]
    """Limits of the config by name; sizes are numbers or text such as "20mb"."""
    check_file: CheckFile
    """Decides about each file, instead of the check of its extension."""
    auto_fields: bool
    """Whether fields are collected and only files are yielded."""
    default_charset: str
    """The charset of fields that do not name one."""
    default_param_charset: str
    """The charset of names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The rules by which one body is read."""

    limits: Limits
    check_name: Callable[[str], None]
    """Raises UploadError for a file name that is not accepted."""
    check_file: CheckFile | None = None
    auto_fields: bool = False
    charset: str = "utf-8"
    param_charset: str = "utf-8"


_COUNTS = ("fields", "files", "parts")


_CHARSETS = ("default_charset", "default_param_charset")


def default_reading(config: MultipartConfig) -> Reading:
    """Returns the rules of a body that is read without options."""
    return Reading(
        limits=config.limits,
        check_name=name_check(config.whitelist, config.file_extensions),
        auto_fields=config.auto_fields,
        charset=config.default_charset,
        param_charset=config.default_param_charset,
    )


def reading_of(default: Reading, options: MultipartOptions) -> Reading:
    """Returns the rules of a body that is read with the options of one call.

    Raises EggError for an unknown option or limit, and for a value that is not one.
    """
    if not options:
        return default
    _refuse_unknown("option", options, MultipartOptions.__annotations__)
    for name in _CHARSETS:
        if not is_charset(value := options.get(name, "utf-8")):
            raise EggError(f"multipart: {name} {value!r} is not a charset")
    return replace(
        default,
        limits=limits_of(default.limits, options.get("limits", {})),
        check_file=options.get("check_file"),
        auto_fields=options.get("auto_fields", default.auto_fields),
        charset=options.get("default_charset", default.charset),
        param_charset=options.get("default_param_charset", default.param_charset),
    )


def limits_of(limits: Limits, changes: Mapping[str, int | str]) -> Limits:
    """Returns limits with the changes of a call. Raises EggError for an unknown or wrong one."""
    if not isinstance(changes, Mapping):
        raise EggError(f"multipart: limits must be a mapping, not {changes!r}")
    _refuse_unknown("limit", changes, [each.name for each in fields(Limits)])
    values: dict[str, int] = {}
    for name, value in changes.items():
        try:
            values[name] = size(value)
        except ValueError as exc:
            raise EggError(f"multipart: limit {name} must be {exc}, not {value!r}") from exc
        if name in _COUNTS and not isinstance(value, int):
            raise EggError(f"multipart: limit {name} must be a whole number, not {value!r}")
    return replace(limits, **values)


def _refuse_unknown(kind: str, given: Mapping[str, object], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            hint = suggestion_or_list(name, known)
            raise EggError(f"multipart: unknown {kind} {name!r}", hint=hint)
