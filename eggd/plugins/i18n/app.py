"""Reads the catalogues before the first request, and gives their functions to the templates."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.i18n.languages import Languages
from eggd.plugins.i18n.section import I18nConfig


class I18nBoot(Boot):
    """Prepares a worker for texts in several languages."""

    def config_did_load(self) -> None:
        """Reads the catalogues; a wrong one ends the start."""
        section: I18nConfig = self.config.i18n
        self.app.i18n = Languages(self.app, section)
        self.app.warnings += self.app.i18n.warnings
        if self.config.is_set("i18n.dirs"):
            for folder in section.dirs:
                if not (self.app.base_dir / folder).is_dir():
                    self.app.warnings.append(f"i18n.dirs: the folder {folder} does not exist")
        if "view" in self.app.plugins.enabled:
            self._extend_views()

    def _extend_views(self) -> None:
        """Gives the functions to every template, and `{% trans %}` to those of Jinja2."""
        view = self.app.view
        view.extensions.append("jinja2.ext.i18n")
        for name in ("__", "_", "gettext"):
            view.provide(name, lambda ctx: ctx.gettext)
        view.provide("ngettext", lambda ctx: ctx.ngettext)
