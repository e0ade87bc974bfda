"""`app.view`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd
from eggd import EggError

if TYPE_CHECKING:
    from eggd.plugins.view.view import View


class Application(eggd.Application):
    """An application with templates."""

    _view: View | None = None

    @property
    def view(self) -> View:
        """Engines and templates; EggError before the boot hook of the plugin has made it."""
        if self._view is None:
            raise EggError(
                "app.view is used before config_did_load of the plugin view",
                hint='a plugin with an engine has dependencies = ["view"]',
            )
        return self._view

    @view.setter
    def view(self, view: View) -> None:
        self._view = view
