"""`app.assets`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd

if TYPE_CHECKING:
    from eggd.plugins.static.assets import Assets


class Application(eggd.Application):
    """An application with files."""

    assets: Assets | None = None
    """The files that are served; None without a folder."""
