"""`app.uploads`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd

if TYPE_CHECKING:
    from eggd.plugins.multipart.saving import Storage


class Application(eggd.Application):
    """An application that saves files of requests."""

    _uploads: Storage | None = None

    @property
    def uploads(self) -> Storage:
        """Saves and removes files; made on first access."""
        if self._uploads is None:
            from eggd.plugins.multipart.saving import Storage

            self._uploads = Storage(self)
        return self._uploads
