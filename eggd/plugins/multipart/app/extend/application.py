"""`app.uploads` and `app.upload_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd

if TYPE_CHECKING:
    from eggd.plugins.multipart.options import Reading
    from eggd.plugins.multipart.saving import Storage


class Application(eggd.Application):
    """An application that saves files of requests."""

    _uploads: Storage | None = None
    _upload_rules: Reading | None = None

    @property
    def uploads(self) -> Storage:
        """Saves and removes files; made on first access."""
        if self._uploads is None:
            from eggd.plugins.multipart.saving import Storage

            self._uploads = Storage(self)
        return self._uploads

    @property
    def upload_rules(self) -> Reading:
        """The rules of uploads that are read without options; made on first access."""
        if self._upload_rules is None:
            from eggd.plugins.multipart.options import default_reading

            self._upload_rules = default_reading(self.config.multipart)
        return self._upload_rules
