"""The errors of templates, names and engines."""

from __future__ import annotations

from eggd import EggError


class ViewError(EggError):
    """Raised when a template cannot be rendered; the message names its file and line."""


class TemplateNotFoundError(ViewError):
    """Raised when no root has a template of that name, or the name leads out of the roots."""
