"""Makes the view from the config, and loads its engine before the first request."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.view.csrf import field_maker
from eggd.plugins.view.errors import ViewError
from eggd.plugins.view.interfaces import ViewEngine
from eggd.plugins.view.section import ViewConfig
from eggd.plugins.view.view import BUILT_IN, View


class ViewBoot(Boot):
    """Prepares a worker for pages."""

    def config_did_load(self) -> None:
        """Finds the folders of templates."""
        section: ViewConfig = self.config.view
        self.app.view = View(self.app, section, self._jinja)
        self.app.view.provide("csrf_field", field_maker(self.app))
        self.app.add_check(self._check)
        for root in self.app.view.missing:
            where = self.config.located("view.root")
            self.app.warnings.append(f"{where}: view.root: the folder {root} does not exist")

    def _check(self) -> list[str]:
        """Compiles all templates for `eggd check`; raises ViewError for a wrong one."""
        first, *others = [*self.app.view.problems(), ""]
        if first:
            lines = "; ".join(others[:-1][:10])
            raise ViewError(first, hint=f"also: {lines}" if lines else "")
        return []

    def _jinja(self, view: View) -> type[ViewEngine]:
        """Returns the class of the built-in engine; imports Jinja2."""
        from eggd.plugins.view.jinja import jinja_engine

        return jinja_engine(self.app, view)

    async def will_ready(self) -> None:
        """Imports now what pages need, so that no request waits for it."""
        view = self.app.view
        view.check_engines()
        if view.roots and BUILT_IN in (
            view.section.default_view_engine,
            *view.section.mapping.values(),
        ):
            view.engine(BUILT_IN)
