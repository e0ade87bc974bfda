"""The section `view` of the config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from eggd import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class JinjaOptions:
    """The options of the built-in engine."""

    autoescape: bool = True
    """Whether values are escaped in every template, whatever its extension is."""
    sandbox: bool = False
    """Whether templates are written by others than the authors of the app: they reach no
    attribute that begins with `_`, change no object, and get neither `request` nor `helper`, and
    of `ctx` only `csrf`, `nonce` and `locale`."""
    enable_async: bool = False
    """Whether templates may await: calls of async functions, and loops over async iterators.
    Rendering takes twice as long."""
    trim_blocks: bool = False
    """Whether the line break after a block's tag is removed."""
    lstrip_blocks: bool = False
    """Whether blanks before a block's tag are removed."""
    undefined: Literal["lenient", "strict", "chainable"] = "lenient"
    """A variable that does not exist is empty text, an error, or empty text like all its
    attributes."""
    extensions: Sequence[str] = ()
    """The import paths of extensions of Jinja2, such as `jinja2.ext.loopcontrols`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewConfig:
    """Pages from templates (core:VW-1)."""

    root: str | Sequence[str] = ()
    """The folders of templates, a list or text with commas, relative to the app; the first one
    that has a template wins. Empty: `app/view`."""
    cache: bool = True
    """Whether a template is read and compiled once; off in the environment local."""
    default_extension: str = ".html"
    """The end of a template's name that may be omitted."""
    default_view_engine: str = "jinja2"
    """The engine of templates whose extension is not in `mapping`, "" for an error."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """The engine of each extension: `{".mako": "mako"}`."""
    jinja2: JinjaOptions = field(default_factory=JinjaOptions)
    """The options of the engine `jinja2`."""

    def __post_init__(self) -> None:
        for name in (*self.mapping, self.default_extension):
            if name and not name.startswith("."):
                raise ConfigError(
                    f"view: the extension {name!r} must begin with a dot", hint=f"write '.{name}'"
                )

    @property
    def roots(self) -> list[str]:
        """The folders in `root`, as they are written."""
        parts = self.root.split(",") if isinstance(self.root, str) else self.root
        return [part.strip() for part in parts if part.strip()]
